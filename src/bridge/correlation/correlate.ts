/**
 * What else happened in the time of a run, among the spans of other services in a server.
 *
 * Spans are compared as they are: clocks that differ are not mended. Memory follows the spans that
 * overlap the window, of which a bounded number is held; what was not looked at is said.
 */
import type { TraceBackend } from '../../backends/backend.js'
import type { SpanSearcher } from '../../backends/span-search.js'
import type { SourceAddress } from '../../state/source-address.js'
import type { ReceivedSpan } from '../../trace/trace.js'
import type { RunName } from '../run-name.js'
import { foreignSpan } from './foreign-span.js'
import {
  addressesOf,
  byRank,
  byReasons,
  type Context,
  descending,
  type ForeignSpan,
  overlapOf,
  type RankedSpan,
  type Reason,
  reasonsOf,
} from './ranking.js'
import { groupsOf, type SpanGroup } from './span-groups.js'
import { readSurroundings } from './surroundings.js'
import type { TimeWindow } from './time-window.js'

/** What to correlate, with what. */
export interface CorrelateOptions {
  readonly backend: Pick<TraceBackend, 'trace' | 'location'> & SpanSearcher
  readonly run: RunName
  readonly window: TimeWindow
  /** Where the run was found, if it came from this server. */
  readonly traceIds?: readonly string[]
  /** What the state database says of the run's source; else a span beside the run may say it. */
  readonly source?: SourceAddress | undefined
  /** Told as questions are asked. */
  readonly onProgress?: (questions: number, spans: number) => void
}

/** What was found. */
export interface Correlation {
  /** Absent where nobody knows it: then only the traces and the time were compared. */
  readonly source?: SourceAddress
  readonly surrounding: readonly string[]
  /** Those that overlap the window, in the order of their rank. */
  readonly spans: readonly RankedSpan[]
  readonly groups: readonly SpanGroup[]
  /** Where nothing overlaps: the nearest span within a minute of the window. */
  readonly nearest?: NearSpan
  /** How many spans came, and how often the server was asked. */
  readonly looked: { readonly spans: number; readonly questions: number }
  /** What could not be read. */
  readonly problems: readonly string[]
  /** What may have been missed. */
  readonly unseen: readonly string[]
}

/** A span beside the window. */
export interface NearSpan extends ForeignSpan {
  readonly reasons: readonly Reason[]
  /** Between it and the window, in ns. */
  readonly gapNanos: bigint
  readonly isBefore: boolean
}

const MOST_SPANS = 50_000
const MOST_PROBLEMS = 20
/** How far beside the window something is looked for where nothing overlaps it, in ns. */
const BESIDE = 60_000_000_000n
const QUESTIONS_BESIDE = 40

/**
 * Finds what overlaps the window.
 *
 * @throws {RivetOtelError} `UNREACHABLE` where the server gives no usable answer.
 * @example
 * const { groups } = await correlate({ backend, run, window: lookedAt(journal, 'longest') })
 */
export async function correlate(options: CorrelateOptions): Promise<Correlation> {
  const { backend, run, window, onProgress } = options
  const around = await readSurroundings(backend, run, options.traceIds ?? [])
  const source = options.source ?? around.source
  const context: Context = {
    surrounding: around.surrounding,
    ...(source !== undefined && { source }),
  }
  const collected = new Collected(run, window, context)
  for (const received of around.spans) collected.add(received)
  const problems = [...around.problems]
  const unseen = new Set<string>()
  let { questions } = around
  const look = async (within: TimeWindow, most?: number) => {
    const before = questions
    const search = { ...within, addresses: addressesOf(source) }
    for await (const item of backend.spansIn({
      ...search,
      ...(most !== undefined && { mostQuestions: most }),
    })) {
      if (item.kind === 'span') collected.add(item.received)
      else if (item.kind === 'problem') problems.push(item.problem)
      else if (item.kind === 'unseen') unseen.add(item.problem)
      else {
        questions = before + item.questions
        onProgress?.(questions, collected.looked)
      }
      if (collected.isFull) {
        unseen.add(
          `more than ${MOST_SPANS} spans overlap the window; the others were not looked at`,
        )
        break
      }
    }
  }
  await look(window)
  if (collected.spans.length === 0) await look(widened(window), QUESTIONS_BESIDE)
  const spans = collected.spans.toSorted(byRank)
  const nearest = spans.length === 0 ? collected.nearest : undefined
  return {
    ...(source !== undefined && { source }),
    surrounding: [...around.surrounding],
    spans,
    groups: groupsOf(spans),
    ...(nearest !== undefined && nearest.gapNanos <= BESIDE && { nearest }),
    looked: { spans: collected.looked, questions },
    problems: atMost(problems),
    unseen: [...unseen],
  }
}

function widened({ startUnixNano, endUnixNano }: TimeWindow): TimeWindow {
  const start = startUnixNano - BESIDE
  return { startUnixNano: start > 0n ? start : 0n, endUnixNano: endUnixNano + BESIDE }
}

function atMost(problems: readonly string[]): string[] {
  const named = problems.slice(0, MOST_PROBLEMS)
  const more = problems.length - named.length
  return more === 0 ? named : [...named, `${more} more could not be read`]
}

/** The spans so far, each once. */
class Collected {
  readonly spans: RankedSpan[] = []
  /** How many spans of others came; those beside the window may be counted twice. */
  looked = 0
  /** Of those that do not overlap. */
  nearest: NearSpan | undefined
  readonly #run: RunName
  readonly #window: TimeWindow
  readonly #context: Context
  /** Only those that overlap: of the others there may be any number. */
  readonly #known = new Set<string>()

  constructor(run: RunName, window: TimeWindow, context: Context) {
    this.#run = run
    this.#window = window
    this.#context = context
  }

  get isFull(): boolean {
    return this.spans.length >= MOST_SPANS
  }

  add(received: ReceivedSpan): void {
    const { traceId, spanId } = received.span
    const id = traceId + spanId
    if (this.isFull || this.#known.has(id)) return
    const span = foreignSpan(received, this.#run)
    if (span === undefined) return
    this.looked++
    const reasons = reasonsOf(span, this.#context)
    const overlapNanos = overlapOf(span, this.#window)
    if (overlapNanos === undefined) {
      this.#addBeside(span, reasons)
      return
    }
    this.#known.add(id)
    this.spans.push({ ...span, reasons, overlapNanos })
  }

  #addBeside(span: ForeignSpan, reasons: readonly Reason[]): void {
    const isBefore = span.endUnixNano <= this.#window.startUnixNano
    const gapNanos = isBefore
      ? this.#window.startUnixNano - span.endUnixNano
      : span.startUnixNano - this.#window.endUnixNano
    const near: NearSpan = { ...span, reasons, gapNanos: gapNanos > 0n ? gapNanos : 0n, isBefore }
    if (gapNanos <= BESIDE && (this.nearest === undefined || isNearer(near, this.nearest)))
      this.nearest = near
  }
}

function isNearer(a: NearSpan, b: NearSpan): boolean {
  const order = byReasons(a.reasons, b.reasons) || descending(b.gapNanos, a.gapNanos)
  return order === 0 ? a.traceId + a.spanId < b.traceId + b.spanId : order < 0
}
