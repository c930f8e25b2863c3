/** Something known of chunks, by their index. Chunks count from 0, nearly always. */
import { exactInteger } from '../json/lossless.js'
import type { Integer } from './integer.js'

/**
 * A map from the index of a chunk, as a number or as a bigint, to an index of an entry.
 *
 * @example
 * const started = new ChunkIndexMap(journal.entries.length)
 * started.set(7n, 12)
 * started.get(7) // 12
 */
export class ChunkIndexMap {
  /** How many chunks it holds. */
  size = 0
  /** One more than the value, 0 where there is none. */
  readonly #low: Uint32Array
  readonly #others = new Map<Integer, number>()

  /** @param low below which most indices are */
  constructor(low: number) {
    this.#low = new Uint32Array(low)
  }

  set(chunk: Integer, value: number): void {
    const index = exactInteger(chunk)
    if (this.#isLow(index)) {
      if (this.#low[index] === 0) this.size++
      this.#low[index] = value + 1
    } else {
      if (!this.#others.has(index)) this.size++
      this.#others.set(index, value)
    }
  }

  get(chunk: Integer): number | undefined {
    const index = exactInteger(chunk)
    if (!this.#isLow(index)) return this.#others.get(index)
    const value = this.#low[index] ?? 0
    return value === 0 ? undefined : value - 1
  }

  #isLow(index: Integer): index is number {
    return typeof index === 'number' && index >>> 0 === index && index < this.#low.length
  }
}
