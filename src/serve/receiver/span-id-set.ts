/**
 * Which spans a file holds: 24 bytes a span, of which there may be millions.
 *
 * A table of numbers without objects. It is between three eighths and three quarters full, so a span
 * costs 32 to 64 bytes; while it grows, half as much again.
 */
import { randomInt } from 'node:crypto'

/** A trace id is four numbers of 32 bits, a span id two. */
const WORDS = 6
const FIRST_SLOTS = 1024
const FULL = 0.75

/**
 * The ids of spans.
 *
 * @example
 * new SpanIdSet().add('c3bde0ddc359ac2423e3095a715b3412', 'b36d1caeb2e67c87')
 */
export class SpanIdSet {
  #table = new Uint32Array(FIRST_SLOTS * WORDS)
  #size = 0
  readonly #entry = new Uint32Array(WORDS)
  /** Whoever chooses ids cannot choose where they stand. */
  readonly #seed = randomInt(2 ** 32)

  get size(): number {
    return this.#size
  }

  /** How much memory it takes. */
  get bytes(): number {
    return this.#table.byteLength
  }

  /**
   * Adds a span; says whether it was not there.
   *
   * @param traceId 32 hexadecimal digits, not all of them 0
   * @param spanId 16 hexadecimal digits
   * @example
   * new SpanIdSet().add('c3bde0ddc359ac2423e3095a715b3412', 'b36d1caeb2e67c87') // true
   */
  add(traceId: string, spanId: string): boolean {
    this.#read(traceId, spanId)
    const at = this.#find(this.#entry)
    if (this.#isTaken(at)) return false
    this.#table.set(this.#entry, at)
    this.#size++
    if (this.#size * WORDS > FULL * this.#table.length) this.#grow()
    return true
  }

  /**
   * Whether a span is there.
   *
   * @example
   * new SpanIdSet().has('c3bde0ddc359ac2423e3095a715b3412', 'b36d1caeb2e67c87') // false
   */
  has(traceId: string, spanId: string): boolean {
    this.#read(traceId, spanId)
    return this.#isTaken(this.#find(this.#entry))
  }

  #read(traceId: string, spanId: string): void {
    for (let i = 0; i < 4; i++) this.#entry[i] = wordAt(traceId, 8 * i)
    for (let i = 0; i < 2; i++) this.#entry[4 + i] = wordAt(spanId, 8 * i)
  }

  /** Where an entry stands, or would. */
  #find(entry: Uint32Array): number {
    const slots = this.#table.length / WORDS
    let slot = this.#hash(entry) & (slots - 1)
    while (this.#isTaken(slot * WORDS) && !this.#isAt(slot * WORDS, entry)) {
      slot = (slot + 1) & (slots - 1)
    }
    return slot * WORDS
  }

  #hash(entry: Uint32Array): number {
    let hash = this.#seed
    for (const word of entry) {
      hash = Math.imul(hash ^ word, 0x85ebca6b)
      hash ^= hash >>> 15
    }
    hash = Math.imul(hash, 0xc2b2ae35)
    return (hash ^ (hash >>> 13)) >>> 0
  }

  /** No trace id is all zeros. */
  #isTaken(at: number): boolean {
    const table = this.#table
    return table[at] !== 0 || table[at + 1] !== 0 || table[at + 2] !== 0 || table[at + 3] !== 0
  }

  #isAt(at: number, entry: Uint32Array): boolean {
    for (let i = 0; i < WORDS; i++) if (this.#table[at + i] !== entry[i]) return false
    return true
  }

  #grow(): void {
    const old = this.#table
    this.#table = new Uint32Array(old.length * 2)
    for (let at = 0; at < old.length; at += WORDS) {
      const entry = old.subarray(at, at + WORDS)
      if (entry.some((word, i) => i < 4 && word !== 0)) this.#table.set(entry, this.#find(entry))
    }
  }
}

/** 8 hexadecimal digits as a number. */
function wordAt(digits: string, at: number): number {
  let word = 0
  for (let i = at; i < at + 8; i++) {
    const code = digits.charCodeAt(i)
    word = (word << 4) | (code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57)
  }
  return word >>> 0
}
