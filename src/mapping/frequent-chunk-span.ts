/**
 * The attributes of the chunk spans that a large run is full of: an attempt that started and completed, with
 * nothing in it that is unknown, long, or spelled in another way.
 *
 * The general way, `attemptToSpan`, is the definition, and makes the first of each set of names in a run.
 * The others are copies of that one with their own values, which is several times as fast as writing one
 * attribute after the other.
 */
import type { EventFields } from '../journal/events.js'
import type { JournalEntry } from '../journal/run-journal.js'
import { type AttributesInTheMaking, isShort } from './attributes.js'
import type { ChunkAttempt } from './chunk-attempts.js'
import { mostOfText } from './size.js'
import { NO_REMAINDER, type TimesInTrace } from './times.js'

/** A span that was made in the general way. */
interface Model {
  readonly attributes: AttributesInTheMaking
  /** The most that a span like it takes, but for the texts of its own. */
  readonly mostWithoutTexts: number
}

/** How an entry's time stands beside the span's: not at all, as nanoseconds, or as text. */
const EXACT = 0
const NANOS = 1
const TEXT = 2

/**
 * The frequent chunk spans of one run.
 *
 * @example
 * const frequent = new FrequentChunkSpans(journal.entries, times)
 * const attributes = frequent.attributesOf(attempt, true) ?? inTheGeneralWay(attempt)
 */
export class FrequentChunkSpans {
  readonly #entries: readonly JournalEntry[]
  readonly #times: TimesInTrace
  readonly #models: (Model | undefined)[] = []
  /** Which of the models is missing, and the next span that is made will be; −1 where none is. */
  #asked = -1
  #textBytes = 0
  /** Not less than the size of the span whose attributes were given last. */
  most = 0

  constructor(entries: readonly JournalEntry[], times: TimesInTrace) {
    this.#entries = entries
    this.#times = times
  }

  /**
   * The attributes of the span of an attempt; `undefined` where they are to be made in the general way,
   * and then given to {@link FrequentChunkSpans.learn}.
   *
   * @param lasts whether its end is later than its start
   * @example
   * frequent.attributesOf(attempt, true) ?? attemptToSpan(attempt, entries, times, common).attributes
   */
  attributesOf(attempt: ChunkAttempt, lasts: boolean): AttributesInTheMaking | undefined {
    const { start, end, failed, timing } = attempt
    if (start === undefined || end === undefined || failed || timing !== 'measured' || !lasts) {
      return undefined
    }
    const opening = this.#entries[start]
    const ending = this.#entries[end]
    if (opening === undefined || ending === undefined) return undefined
    if (opening.extra !== undefined || ending.extra !== undefined) return undefined
    const started = (opening.event as { ChunkStarted?: EventFields<'ChunkStarted'> }).ChunkStarted
    const completed = (ending.event as { ChunkCompleted?: EventFields<'ChunkCompleted'> })
      .ChunkCompleted
    if (started === undefined || completed === undefined) return undefined
    const { start_key, end_key } = started
    const { chunk_index, rows, file_name } = completed
    const hasFile = typeof file_name === 'string'
    if (countOf(started) !== 3 || countOf(completed) !== (file_name === undefined ? 2 : 3)) {
      return undefined
    }
    if (typeof chunk_index !== 'number' || typeof rows !== 'number') return undefined
    if (typeof start_key !== 'string' || !isShort(start_key)) return undefined
    if (typeof end_key !== 'string' || !isShort(end_key)) return undefined
    if (hasFile ? !isShort(file_name) : file_name != null) return undefined
    const startNanos = this.#times.remainder(start)
    const endNanos = this.#times.remainder(end)
    if (startNanos === NO_REMAINDER || endNanos === NO_REMAINDER) return undefined
    const startTime = startNanos === 0 ? EXACT : NANOS
    const endTime = endNanos < startNanos ? TEXT : endNanos === 0 ? EXACT : NANOS
    const kind = (hasFile ? 0 : 6) + 3 * startTime + endTime
    let textBytes = mostOfText(start_key) + mostOfText(end_key)
    if (hasFile) textBytes += mostOfText(file_name)
    if (endTime === TEXT) textBytes += mostOfText(ending.recorded_at)
    const model = this.#models[kind]
    if (model === undefined) {
      this.#asked = kind
      this.#textBytes = textBytes
      return undefined
    }
    this.most = model.mostWithoutTexts + textBytes
    const attributes = { ...model.attributes }
    attributes['rivet.chunk.index'] = chunk_index
    attributes['rivet.chunk.start_key'] = start_key
    attributes['rivet.chunk.end_key'] = end_key
    attributes['rivet.entry.start.index'] = start
    if (startTime === NANOS) attributes['rivet.entry.start.nanos'] = startNanos
    attributes['rivet.chunk.rows'] = rows
    if (hasFile) attributes['rivet.file.name'] = file_name
    attributes['rivet.entry.end.index'] = end
    if (endTime === NANOS) attributes['rivet.entry.end.nanos'] = endNanos
    else if (endTime === TEXT) attributes['rivet.entry.end.time'] = ending.recorded_at
    return attributes
  }

  /**
   * Takes the span that was made in the general way because {@link FrequentChunkSpans.attributesOf} gave
   * nothing: it may become a model.
   *
   * @param most not less than the size of its span
   * @example
   * frequent.learn(span.attributes, mostOfSpan(span))
   */
  learn(attributes: AttributesInTheMaking, most: number): void {
    this.most = most
    if (this.#asked < 0) return
    const mostWithoutTexts = most - this.#textBytes
    this.#models[this.#asked] = { attributes: { ...attributes }, mostWithoutTexts }
    this.#asked = -1
  }
}

function countOf(fields: object): number {
  let count = 0
  for (const _ in fields) count++
  return count
}
