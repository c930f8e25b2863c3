/**
 * How many traces to ask Jaeger for at once.
 *
 * Its answers hold whole traces: of four spans as a rule, of 2 MB at worst. What the last ones
 * weighed says how many of the next ones make an answer that is worth its way and fits in memory.
 */
import { isJsonObject, isList, type JsonValue } from '../json/lossless.js'

const LEAST = 5
/** The next trace may be of another kind: twenty of the largest are some 70 MB, and are still read. */
const MOST = 20

/** Spans and events in one answer, of about 500 bytes each: some 10 MB. */
const ITEMS_IN_AN_ANSWER = 20_000

/**
 * The size of the next question.
 *
 * @example
 * const portion = new Portion()
 * portion.learnFrom(await ask(portion.traces))
 */
export class Portion {
  readonly #most: number
  #traces = LEAST

  /** @param most how many traces are asked for at most, however small they were */
  constructor(most = MOST) {
    this.#most = most
  }

  /** How many traces to ask for. */
  get traces(): number {
    return this.#traces
  }

  /** Takes the weight of traces in Jaeger's older JSON for that of those to come. */
  learnFrom(traces: readonly JsonValue[]): void {
    const items = traces.reduce<number>((sum, trace) => sum + itemsIn(trace), 0)
    if (items === 0) return
    const fitting = Math.floor((ITEMS_IN_AN_ANSWER * traces.length) / items)
    this.#traces = Math.min(this.#most, Math.max(LEAST, fitting))
  }
}

function itemsIn(trace: JsonValue): number {
  if (!isJsonObject(trace) || !isList(trace.spans)) return 0
  return trace.spans.reduce<number>((sum, span) => {
    const logs = isJsonObject(span) && isList(span.logs) ? span.logs.length : 0
    return sum + 1 + logs
  }, 0)
}
