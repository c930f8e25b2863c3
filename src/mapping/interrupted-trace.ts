/**
 * The traces of runs that were killed, read back. They are no journals and never become any: they say
 * that the run was there, and what was known of it when that was sent.
 */
import type { Integer } from '../journal/events.js'
import type { ReceivedSpan, Span } from '../trace/trace.js'
import { interruptedIdsOf } from './ids.js'
import { PLANNED_CHUNKS } from './interrupted-totals.js'
import { INTERRUPTION_SPAN_NAME } from './interruption-span.js'
import { readableInteger, readableText } from './readable-attribute.js'

/** What such a trace says. */
export interface InterruptedTrace {
  /** The namespace that it was sent with; `''` where it was sent without. */
  readonly namespace: string
  readonly runId: string
  readonly exportName: string
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string
  /** Nanoseconds since 1970. */
  readonly startUnixNano: bigint
  /**
   * When the next run noticed, in nanoseconds since 1970: nobody knows when it died. Absent, like all
   * that follows, where nothing but the root came.
   */
  readonly noticedUnixNano?: bigint
  /** What is known of its end, one sentence. */
  readonly message?: string
  /** The run that went on with it. */
  readonly resumedBy?: string
  readonly rows?: Integer
  readonly files?: Integer
  readonly bytes?: Integer
  /** How many chunks it had planned. */
  readonly chunks?: Integer
  /** How many of them it had not begun. */
  readonly chunksPending?: Integer
  readonly chunksFailed?: Integer
}

/**
 * Gathers the traces of runs that were killed. Where one says what is known of its run more than once,
 * because that was sent again, what was noticed first goes before what was noticed later.
 *
 * @example
 * const traces = new InterruptedTraces()
 * for (const received of spans) traces.add(received)
 * traces.all()[0]?.runId // 'chunk_slow_20261121T085434.212_13009'
 */
export class InterruptedTraces {
  readonly #traces = new Map<string, InterruptedTrace>()

  /**
   * Takes a span; any but the root of such a trace and what is known of the run changes nothing. They
   * are told by their ids, which follow from the run_id.
   */
  add({ span }: ReceivedSpan): void {
    const read = readTrace(span)
    if (read === undefined) return
    const held = this.#traces.get(read.traceId)
    const isFirst = timeOf(read) < timeOf(held)
    this.#traces.set(read.traceId, isFirst ? { ...held, ...read } : { ...read, ...held })
  }

  /** The traces, in the order in which they were seen first. */
  all(): InterruptedTrace[] {
    return [...this.#traces.values()]
  }
}

function timeOf(trace: InterruptedTrace | undefined): bigint {
  return trace?.noticedUnixNano ?? NEVER
}

/** Later than any time that a span has. */
const NEVER = 1n << 64n

function readTrace(span: Span): InterruptedTrace | undefined {
  const { attributes, traceId, spanId, parentSpanId, name } = span
  const isKnown = name === INTERRUPTION_SPAN_NAME
  if (!isKnown && attributes['rivet.run.status'] !== 'interrupted') return undefined
  const runId = readableText(attributes, 'rivet.run.id')
  const namespace = readableText(attributes, 'rivet.run.namespace') ?? ''
  if (runId === undefined) return undefined
  const ids = interruptedIdsOf({ namespace, runId })
  if (traceId !== ids.traceId || (isKnown ? parentSpanId : spanId) !== ids.root) return undefined
  return {
    namespace,
    runId,
    exportName: readableText(attributes, 'rivet.export.name') ?? '',
    traceId,
    startUnixNano: span.startTimeUnixNano,
    ...(isKnown && knownOf(span)),
  }
}

function knownOf({ attributes, status, endTimeUnixNano }: Span): Partial<InterruptedTrace> {
  const integer = (name: string) => readableInteger(attributes, `rivet.run.${name}`)
  return {
    noticedUnixNano: endTimeUnixNano,
    ...known({
      message: status?.message,
      resumedBy: readableText(attributes, 'rivet.run.resumed_by'),
      rows: integer('rows'),
      files: integer('files'),
      bytes: integer('bytes'),
      chunks: integer(PLANNED_CHUNKS),
      chunksPending: integer('chunks_pending'),
      chunksFailed: integer('chunks_failed'),
    }),
  }
}

type Known<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

function known<T extends object>(members: T): Known<T> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as Known<T>
}
