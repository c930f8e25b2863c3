/**
 * Finding runs in a Jaeger server, by the root span of their first page.
 *
 * Jaeger searches within one service, by when a span starts, for one operation and for attributes
 * of that span; it answers with whole traces, as many as it was asked for, and has no second page.
 */

import { quotable } from '../http/server-words.js'
import { formatTimestamp } from '../journal/timestamp.js'
import { type JsonObject, type JsonValue, stringifyJson } from '../json/lossless.js'
import { RivetOtelError } from '../problem.js'
import type { SearchItem, TraceSearch } from './backend.js'
import type { BackendClient } from './backend-client.js'
import type { BackendSettings } from './backend-settings.js'
import { dataOf, errorsOf, notOfJaeger } from './jaeger-answer.js'
import { findRuns, startMicrosOf, startsWithin } from './jaeger-found-run.js'
import { Portion } from './jaeger-portion.js'
import { askInWindows, type TimeWindow } from './jaeger-windows.js'

/**
 * How long before the asked time a run may have started, in ns: seven days. A run that lasted longer
 * may be missed by a search, and is found by its id.
 */
const LONGEST_SEARCHED_RUN_NANO = 7n * 86_400_000_000_000n

/**
 * What every search says that does not go back to 1970.
 *
 * @example
 * items.filter((item) => item.kind !== 'unseen' || item.problem !== LONG_RUNS)
 */
export const LONG_RUNS =
  'runs that took longer than 7 days may be missing, because Jaeger searches by the start; they are found by their run_ids'

/**
 * Elasticsearch has an index a day, and Jaeger names each of those days in a URL that may have no
 * more than 4,096 bytes (https://github.com/jaegertracing/jaeger-ui/issues/486).
 */
const LONGEST_WINDOW_MICRO = 60n * 86_400_000_000n

/** Longer texts are not searchable in Jaeger's Elasticsearch and Cassandra storages. */
const SEARCHABLE_BYTES = 256

/** Beyond that, Jaeger's own nanoseconds overflow. */
const LAST_MICRO = (2n ** 63n - 1n) / 1000n

const NANOS_PER_MICRO = 1000n
const SEARCH = '/api/traces'
const SERVICES = '/api/services'

/**
 * Finds first pages of runs, those of the newest start first. It says so where it may have missed
 * some: more of them in one microsecond than fit an answer, or none because of the service name.
 *
 * The end that comes with a find has microseconds and may be up to 2 µs early.
 *
 * @throws {RivetOtelError} `UNREACHABLE` where no usable answer comes.
 * @example
 * for await (const item of searchJaeger(client, settings, query)) console.log(item.kind)
 */
export async function* searchJaeger(
  client: BackendClient,
  settings: BackendSettings,
  query: TraceSearch,
): AsyncGenerator<SearchItem> {
  const service = settings.serviceName
  const whole = windowOf(query)
  const portion = new Portion()
  let isAnyFound = false
  for (const condition of conditionsOf(query)) {
    const answers = askInWindows(whole, {
      longest: LONGEST_WINDOW_MICRO,
      ask: (window) => ask(client, portion, window, { service, ...condition }),
      isFull,
      middleOf: ({ traces }) => middleOf(traces.flatMap(startMicrosOf)),
    })
    for await (const { window, answer, isFull: isCrowded } of answers) {
      for (const trace of answer.traces) {
        for (const item of findRuns(trace, query)) {
          isAnyFound = true
          yield item.kind === 'found' ? item : unseen(client.quotable(item.problem))
        }
      }
      for (const error of answer.errors) yield unseen(leftOut(error, client))
      if (isCrowded) yield unseen(tooManyIn(window, answer.limit))
    }
  }
  if (!isAnyFound) yield* missingService(client, settings)
  if (whole.from > 0n) yield unseen(LONG_RUNS)
}

/** From so early that a run may start there and end in time. */
function windowOf({ sinceUnixNano, untilUnixNano }: TraceSearch): TimeWindow {
  const from = (sinceUnixNano - LONGEST_SEARCHED_RUN_NANO) / NANOS_PER_MICRO
  const to = untilUnixNano / NANOS_PER_MICRO + 1n
  return { from: from > 0n ? from : 0n, to: to < LAST_MICRO ? to : LAST_MICRO }
}

/** What the root span must have, in Jaeger's own parameters. */
type Condition = { readonly operation: string } | { readonly tags: string }

/**
 * One condition for each question, and each question alone: of several conditions Jaeger's Cassandra
 * storage joins what is left of each after the limit, and then misses some without a sign
 * (https://github.com/jaegertracing/jaeger/issues/166). What else is asked for is looked at here.
 *
 * Each of these conditions holds on no other span of the trace, but for the operation on the roots
 * of later pages. A status that is no success is rarer than an export.
 */
function conditionsOf({ exports = [], statuses = [] }: TraceSearch): Condition[] {
  const operations = exports.map((name) => `export ${name}`)
  const isByExport = operations.length > 0 && operations.every(isSearchable)
  const isByStatus = statuses.length > 0 && statuses.every(isSearchable)
  if (isByStatus && !(isByExport && statuses.includes('success'))) {
    return [...new Set(statuses)].map((status) => tag('rivet.run.status', status))
  }
  if (isByExport) return [...new Set(operations)].map((operation) => ({ operation }))
  return [tag('rivet.trace.page', '0')]
}

function isSearchable(text: string): boolean {
  return Buffer.byteLength(text) <= SEARCHABLE_BYTES
}

/** Jaeger takes texts only, and compares them with the value as text. */
function tag(name: string, value: string): Condition {
  return { tags: stringifyJson({ [name]: value }) }
}

function timesOf({ from, to }: TimeWindow): { readonly start: string; readonly end: string } {
  return { start: String(from), end: String(to) }
}

/** The traces of an answer, and what the server says that it left out. */
interface Found {
  readonly traces: readonly JsonValue[]
  /** How many traces were asked for at most. */
  readonly limit: number
  readonly errors: readonly JsonObject[]
}

async function ask(
  client: BackendClient,
  portion: Portion,
  window: TimeWindow,
  parameters: Readonly<Record<string, string>>,
): Promise<Found> {
  const limit = portion.traces
  const times = timesOf(window)
  const answer = await client.getJson(SEARCH, {
    ...parameters,
    ...times,
    limit: String(limit),
    raw: 'true',
  })
  const traces = dataOf(answer)
  if (traces === undefined) throw notOfJaeger(client.location, SEARCH, answer)
  portion.learnFrom(traces)
  const found = { traces, limit, errors: errorsOf(answer) }
  if (isFull(found) && !traces.some((trace) => startsWithin(trace, window))) {
    throw ignoresTimes(client, traces.length, times)
  }
  return found
}

function isFull({ traces, limit }: Found): boolean {
  return traces.length >= limit
}

/** Of such a server every part of the time would be full again, down to the last microsecond. */
function ignoresTimes(
  { location }: BackendClient,
  traces: number,
  { start, end }: ReturnType<typeof timesOf>,
): RivetOtelError {
  return new RivetOtelError(
    'UNREACHABLE',
    `${location} does not obey the times of a search: it answered GET ${SEARCH} with ${traces} traces, ` +
      `none of which has a span that starts between start=${start} and end=${end}`,
    {
      hint: "Is it a Jaeger's query API, and does what stands before it pass parameters on? A run is read by its run_id without a search.",
    },
  )
}

function middleOf(starts: readonly bigint[]): bigint | undefined {
  return starts.toSorted((a, b) => (a < b ? -1 : 1))[Math.floor(starts.length / 2)]
}

function leftOut(error: JsonObject, { location, quotable }: BackendClient): string {
  return `${location} left something out of its answer to a search: ${quotable(stringifyJson(error))}`
}

function tooManyIn({ from, to }: TimeWindow, limit: number): string {
  const time = formatTimestamp(from * NANOS_PER_MICRO)
  if (to - from > 1n) {
    const end = formatTimestamp(to * NANOS_PER_MICRO)
    return `of the runs that started between ${time} and ${end} only ${limit} were looked at, because there are too many; the others are found by their run_id`
  }
  return (
    `${limit} or more runs started within a microsecond or two of ${time}, and ` +
    `Jaeger lists no more at once; the others are found by their run_id`
  )
}

/** A search under a name that no trace has finds nothing, which must not look like an empty server. */
async function* missingService(
  client: BackendClient,
  settings: BackendSettings,
): AsyncGenerator<SearchItem> {
  const { location, serviceName: service } = settings
  const answer = await client.getJson(SERVICES)
  const services = dataOf(answer) ?? []
  if (services.length === 0 || services.includes(service)) return
  const known = services.slice(0, 5).map((name) => quotable(stringifyJson(name), settings, 60))
  const more = services.length > known.length ? ` and ${services.length - known.length} more` : ''
  yield unseen(
    `${location} has no service ${stringifyJson(service)}, only ${known.join(', ')}${more}; ` +
      'runs that were sent under another OTEL_SERVICE_NAME are found with the same one',
  )
}

function unseen(problem: string): SearchItem {
  return { kind: 'unseen', problem }
}
