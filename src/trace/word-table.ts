/**
 * A number for each key of a few numbers, without objects: for millions of them.
 *
 * All are whole numbers of 32 bits. The table is between three eighths and three quarters full.
 */
import { randomInt } from 'node:crypto'

const FIRST_SLOTS = 1024
const FULL = 0.75

/**
 * The table.
 *
 * @example
 * const table = new WordTable(2)
 * table.set(Uint32Array.of(1, 2), 7)
 * table.get(Uint32Array.of(1, 2)) // 7
 */
export class WordTable {
  readonly #keyWords: number
  /** Each slot has a key, then its value, which is 0 where the slot is free. */
  #slots: Uint32Array
  #size = 0
  /** Whoever chooses keys cannot choose where they stand. */
  readonly #seed = randomInt(2 ** 32)

  /** @param keyWords how many numbers a key has */
  constructor(keyWords: number) {
    this.#keyWords = keyWords
    this.#slots = new Uint32Array(FIRST_SLOTS * (keyWords + 1))
  }

  /** How many keys have a value. */
  get size(): number {
    return this.#size
  }

  /** How much memory it takes. */
  get bytes(): number {
    return this.#slots.byteLength
  }

  /** The value of a key; 0 where it has none. */
  get(key: Uint32Array): number {
    return this.#slots[this.#find(key) + this.#keyWords] as number
  }

  /** Gives a key a value other than 0. */
  set(key: Uint32Array, value: number): void {
    const at = this.#find(key)
    if (this.#slots[at + this.#keyWords] === 0) {
      this.#slots.set(key, at)
      this.#size++
    }
    this.#slots[at + this.#keyWords] = value
    if (this.#size * (this.#keyWords + 1) > FULL * this.#slots.length) this.#grow()
  }

  /** Where a key stands, or would. */
  #find(key: Uint32Array): number {
    const slots = this.#slots
    const words = this.#keyWords + 1
    const most = slots.length / words - 1
    let slot = this.#hash(key) & most
    while (slots[slot * words + this.#keyWords] !== 0 && !this.#isAt(slot * words, key)) {
      slot = (slot + 1) & most
    }
    return slot * words
  }

  #hash(key: Uint32Array): number {
    let hash = this.#seed
    for (let i = 0; i < this.#keyWords; i++) {
      hash = Math.imul(hash ^ (key[i] as number), 0x85ebca6b)
      hash ^= hash >>> 15
    }
    hash = Math.imul(hash, 0xc2b2ae35)
    return (hash ^ (hash >>> 13)) >>> 0
  }

  #isAt(at: number, key: Uint32Array): boolean {
    const slots = this.#slots
    for (let i = 0; i < this.#keyWords; i++) if (slots[at + i] !== key[i]) return false
    return true
  }

  #grow(): void {
    const old = this.#slots
    const words = this.#keyWords + 1
    this.#slots = new Uint32Array(old.length * 2)
    for (let at = 0; at < old.length; at += words) {
      if (old[at + this.#keyWords] === 0) continue
      const entry = old.subarray(at, at + words)
      this.#slots.set(entry, this.#find(entry))
    }
  }
}
