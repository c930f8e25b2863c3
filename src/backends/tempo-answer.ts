/**
 * Tempo's answers to a search: what was found, or that the question went beyond a limit.
 *
 * Whatever is neither is an error, never an answer without content.
 */
import { isJsonObject, isList, type JsonObject, type JsonValue } from '../json/lossless.js'
import { RivetOtelError } from '../problem.js'
import { readInteger, shown } from '../trace/json-fields.js'
import type { BackendClient, JsonAnswer } from './backend-client.js'

/** A trace that was found, and when the roots that matched end, one for each revision of each run. */
export interface FoundTrace {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string
  /** In ns since 1970; at least one. */
  readonly endsUnixNano: readonly bigint[]
}

/** What came of asking once. */
export type TempoAnswer =
  | {
      readonly kind: 'found'
      readonly traces: readonly FoundTrace[]
      /** Tempo stopped before it had looked everywhere, as it does when an answer is full. */
      readonly isStopped: boolean
    }
  /** The window is too long; how long it may be where the server says so, in seconds. */
  | {
      readonly kind: 'window too long'
      readonly longest: number | undefined
      readonly words: string
    }
  /** The limit is too high; how high it may be where the server says so. */
  | { readonly kind: 'limit too high'; readonly highest: number | undefined }
  /** Refused for any other reason. */
  | { readonly kind: 'refused'; readonly words: string }

/**
 * Reads an answer of `/api/search`.
 *
 * @param server its location, and how its texts are made fit to be quoted
 * @throws {RivetOtelError} `UNREACHABLE` where it is no answer of Tempo.
 * @example
 * readTempoAnswer(await client.getJson('/api/search', { q: '{}' }), client)
 */
export function readTempoAnswer(
  answer: JsonAnswer,
  { location, quotable }: Pick<BackendClient, 'location' | 'quotable'>,
): TempoAnswer {
  const { status, value, words } = answer
  if (status === 400) return refusalIn(words)
  if (status !== 200) {
    throw unusable(
      `${location} answered a search with ${status}${saying(words)}`,
      'Is it the address of a Tempo, with its base path if it has one? Its query API is usually on port 3200.',
    )
  }
  const complaint = (what: string) =>
    unusable(
      `${location} answered a search with JSON that is not Tempo's: ${quotable(what)}`,
      'Is it the address of a Tempo? Its query API is usually on port 3200.',
    )
  // The list is left out where nothing was found.
  if (!isJsonObject(value) || (value.traces === undefined && !isJsonObject(value.metrics))) {
    throw complaint(`expected an object with "traces", got ${shown(value)}`)
  }
  const traces = value.traces ?? []
  if (!isList(traces)) throw complaint(`traces: expected a list, got ${shown(traces)}`)
  return {
    kind: 'found',
    traces: traces.map((trace, i) => foundTrace(trace, `traces[${i}]`, complaint)),
    isStopped: isStopped(value.metrics),
  }
}

/**
 * An error for what a server answers and cannot be used.
 *
 * @example
 * throw unusable('tempo+http://localhost:3200 answered a search with 404', 'Is it a Tempo?')
 */
export function unusable(message: string, hint: string): RivetOtelError {
  return new RivetOtelError('UNREACHABLE', message, { hint })
}

/**
 * A server's words at the end of a message; nothing where it has none.
 *
 * @example
 * saying('404 page not found') // ': "404 page not found"'
 */
export function saying(words: string): string {
  return words === '' ? '' : `: ${JSON.stringify(words)}`
}

function refusalIn(words: string): TempoAnswer {
  const range = /range specified by start and end exceeds ([0-9a-zµ.]*)/.exec(words)
  if (range !== null) return { kind: 'window too long', longest: secondsIn(range[1] ?? ''), words }
  const limit = /limit \d+ exceeds max limit (\d*)/.exec(words)
  if (limit === null) return { kind: 'refused', words }
  return { kind: 'limit too high', highest: Number.parseInt(limit[1] ?? '', 10) || undefined }
}

const SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 }

/** The whole seconds of a duration as Go writes it, `1h30m0s`. */
function secondsIn(duration: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?[hms])+\.?$/.test(duration)) return undefined
  let seconds = 0
  for (const [, number, unit = ''] of duration.matchAll(/(\d+(?:\.\d+)?)([hms])/g)) {
    seconds += Number(number) * (SECONDS[unit] ?? 0)
  }
  return Math.floor(seconds)
}

type Complaint = (what: string) => RivetOtelError

function foundTrace(trace: JsonValue, place: string, complaint: Complaint): FoundTrace {
  if (!isJsonObject(trace)) throw complaint(`${place}: expected an object, got ${shown(trace)}`)
  const { traceID } = trace
  if (typeof traceID !== 'string' || !/^[0-9a-f]{1,32}$/i.test(traceID)) {
    throw complaint(
      `${place}.traceID: expected at most 32 hexadecimal digits, got ${shown(traceID)}`,
    )
  }
  // Older servers give one set, `spanSet`; newer ones give both.
  const sets = isList(trace.spanSets) ? trace.spanSets : [trace.spanSet ?? null]
  const spans = sets.flatMap((set) => (isJsonObject(set) && isList(set.spans) ? set.spans : []))
  if (spans.length === 0) throw complaint(`${place}: expected the spans that matched, got none`)
  return {
    // Tempo leaves out zeros at the front.
    traceId: traceID.toLowerCase().padStart(32, '0'),
    endsUnixNano: spans.map((span, i) => endOf(span, `${place}, span ${i}`, complaint)),
  }
}

/** Both parts are exact; what belongs to the trace as a whole is in milliseconds. */
function endOf(span: JsonValue, place: string, complaint: Complaint): bigint {
  const start = isJsonObject(span) ? numberAt(span, 'startTimeUnixNano') : undefined
  const duration = isJsonObject(span) ? numberAt(span, 'durationNanos') : undefined
  if (start !== undefined && duration !== undefined) return start + duration
  throw complaint(
    `${place}: expected startTimeUnixNano and durationNanos in nanoseconds, got ${shown(span)}`,
  )
}

/** Of a number that is 0 nothing is written. */
function numberAt(object: JsonObject, name: string): bigint | undefined {
  return readInteger(object[name] ?? 0)
}

function isStopped(metrics: JsonValue | undefined): boolean {
  if (!isJsonObject(metrics)) return false
  const completed = numberAt(metrics, 'completedJobs') ?? 0n
  const total = numberAt(metrics, 'totalJobs') ?? 0n
  return completed < total
}
