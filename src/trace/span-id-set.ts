/**
 * Which spans there are, of millions: some bytes a span, exactly.
 *
 * Computed ids follow one another, so spans whose ids differ in the last five bits share an entry,
 * which has a bit for each. A span of 200 such in a trace costs 1 to 3 bytes, one whose id was drawn
 * by lot 21 to 43, and a trace 27 to 53; while a table grows, half as much again.
 */
import { WordTable } from './word-table.js'

/** So many low bits of an id say which bit of an entry it is. */
const BLOCK_BITS = 5

/**
 * The ids of spans.
 *
 * @example
 * new SpanIdSet().add('c3bde0ddc359ac2423e3095a715b3412', 'b36d1caeb2e67c87')
 */
export class SpanIdSet {
  /** The numbers of the traces, from 1 on, by their ids: four numbers of 32 bits. */
  readonly #traces = new WordTable(4)
  /** Bits by the number of the trace and the rest of the id. */
  readonly #blocks = new WordTable(3)
  #size = 0
  readonly #trace = new Uint32Array(4)
  readonly #block = new Uint32Array(3)
  /** The trace that was asked for last, and its number; 0 where it is not there. */
  #lastTrace = ''
  #lastNumber = 0

  /** How many spans there are. */
  get size(): number {
    return this.#size
  }

  /** How much memory it takes. */
  get bytes(): number {
    return this.#traces.bytes + this.#blocks.bytes
  }

  /**
   * Adds a span; says whether it was not there.
   *
   * @param traceId 32 hexadecimal digits
   * @param spanId 16 hexadecimal digits
   * @example
   * new SpanIdSet().add('c3bde0ddc359ac2423e3095a715b3412', 'b36d1caeb2e67c87') // true
   */
  add(traceId: string, spanId: string): boolean {
    let trace = this.#numberOf(traceId)
    if (trace === 0) {
      trace = this.#traces.size + 1
      this.#traces.set(this.#trace, trace)
      this.#lastNumber = trace
    }
    const bit = this.#place(trace, spanId)
    const bits = this.#blocks.get(this.#block)
    if ((bits & bit) !== 0) return false
    this.#blocks.set(this.#block, bits | bit)
    this.#size++
    return true
  }

  /**
   * Whether a span is there.
   *
   * @example
   * new SpanIdSet().has('c3bde0ddc359ac2423e3095a715b3412', 'b36d1caeb2e67c87') // false
   */
  has(traceId: string, spanId: string): boolean {
    const trace = this.#numberOf(traceId)
    if (trace === 0) return false
    const bit = this.#place(trace, spanId)
    return (this.#blocks.get(this.#block) & bit) !== 0
  }

  #numberOf(traceId: string): number {
    if (traceId !== this.#lastTrace) {
      for (let i = 0; i < 4; i++) this.#trace[i] = wordAt(traceId, 8 * i)
      this.#lastTrace = traceId
      this.#lastNumber = this.#traces.get(this.#trace)
    }
    return this.#lastNumber
  }

  /** Brings the entry of a span into place, and gives the bit that it has there. */
  #place(trace: number, spanId: string): number {
    const low = wordAt(spanId, 8)
    this.#block[0] = trace
    this.#block[1] = wordAt(spanId, 0)
    this.#block[2] = low >>> BLOCK_BITS
    return 1 << (low & (2 ** BLOCK_BITS - 1))
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
