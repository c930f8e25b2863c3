/**
 * A small server that answers as Tempo 2.8 was seen to answer, or as one of before its newer API;
 * and any answer of it can be replaced by another.
 *
 * What was sent is in no block at first, and is found by a search without a window only. Once it is
 * filed, it is found by a window that holds both its own time and the time at which it was sent.
 */
import type { JsonObject } from '../../src/json/lossless.js'
import { encodeResourceSpansJson } from '../../src/trace/otlp-json.js'
import type { Span, Trace } from '../../src/trace/trace.js'
import { type LocalServer, startLocalServer } from '../http/local-server.js'
import { type Reply, send } from './reply.js'

/** How the server is to be. */
export interface TempoServerOptions {
  /** Has no `/api/v2`. */
  readonly isOlder?: boolean
  /** In seconds; 168 hours unless it says otherwise. */
  readonly longestWindow?: number
  /** None unless it says otherwise. */
  readonly highestLimit?: number
  /** Says that it did not look everywhere. */
  readonly stopsEarly?: boolean
  /** Answers before the server does. */
  readonly instead?: (url: URL) => Reply | undefined
}

/** A server that runs. */
export interface TempoServer extends LocalServer {
  /** What was asked for, in order. */
  readonly requests: readonly URL[]
  /** Takes a part of a trace, at a time in seconds since 1970; now unless it says otherwise. */
  keep(trace: Trace, sentAt?: number): void
  /** Puts everything into blocks. */
  file(): void
}

interface Sent {
  readonly trace: Trace
  readonly sentAt: number
  isFiled: boolean
}

/** Starts a server on a free port. */
export async function startTempoServer(options: TempoServerOptions = {}): Promise<TempoServer> {
  const sent: Sent[] = []
  const requests: URL[] = []
  const server = await startLocalServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    requests.push(url)
    send(response, options.instead?.(url) ?? answerTo(url, sent, options))
  })
  return {
    ...server,
    requests,
    keep: (trace, sentAt = Math.floor(Date.now() / 1000)) => {
      sent.push({ trace, sentAt, isFiled: false })
    },
    file: () => {
      for (const part of sent) part.isFiled = true
    },
  }
}

/** What Tempo says where it has no such path. */
export const NO_SUCH_PAGE: Reply = { status: 404, body: '404 page not found\n' }

function answerTo(url: URL, sent: readonly Sent[], options: TempoServerOptions): Reply {
  if (url.pathname === '/api/search/tags') return ok({ tagNames: [], metrics: {} })
  if (url.pathname === '/api/search') return search(url.searchParams, sent, options)
  const [, v2, traceId] = /^\/api\/(v2\/)?traces\/([^/]+)$/.exec(url.pathname) ?? []
  if (traceId === undefined || (v2 !== undefined && options.isOlder === true)) return NO_SUCH_PAGE
  const parts = sent.flatMap(({ trace }) => {
    const spans = trace.spans.filter((span) => span.traceId === traceId)
    return spans.length === 0 ? [] : [encodeResourceSpansJson({ ...trace, spans })]
  })
  const list = `[${parts.map((part) => Buffer.from(part).toString()).join(',')}]`
  if (v2 !== undefined) {
    const trace = parts.length === 0 ? '{}' : `{"resourceSpans":${list}}`
    return { status: 200, body: `{"trace":${trace},"metrics":{}}` }
  }
  return parts.length === 0
    ? { status: 404, body: '' }
    : { status: 200, body: `{"batches":${list}}` }
}

function search(
  parameters: URLSearchParams,
  sent: readonly Sent[],
  { longestWindow = 168 * 3600, highestLimit, stopsEarly = false }: TempoServerOptions,
): Reply {
  const [start, end, limit] = ['start', 'end', 'limit'].map((name) => Number(parameters.get(name)))
  if (start === undefined || end === undefined || limit === undefined) throw new Error('never')
  if (highestLimit !== undefined && limit > highestLimit) {
    return refusal(`limit ${limit} exceeds max limit ${highestLimit}`)
  }
  if (parameters.has('start') && end <= start) {
    return refusal(`http parameter start must be before end. received start=${start} end=${end}`)
  }
  if (end - start > longestWindow) {
    return refusal(
      `range specified by start and end exceeds ${goDuration(longestWindow)}. received start=${start} end=${end}`,
    )
  }
  const inWindow = parameters.has('start')
    ? ({ trace, sentAt, isFiled }: Sent) =>
        isFiled && sentAt >= start && sentAt <= end && overlaps(trace, start, end)
    : ({ isFiled }: Sent) => !isFiled
  const found = new Map<string, Span[]>()
  for (const { trace } of sent.filter(inWindow)) {
    for (const span of trace.spans.filter(isMatch(parameters.get('q') ?? ''))) {
      found.set(span.traceId, [...(found.get(span.traceId) ?? []), span])
    }
  }
  const metrics = { totalJobs: 7, completedJobs: stopsEarly ? 3 : 7 }
  return ok({ traces: [...found].slice(0, limit).map(toFound), metrics })
}

function overlaps({ spans }: Trace, start: number, end: number): boolean {
  const nanos = (seconds: number) => BigInt(seconds) * 1_000_000_000n
  return spans.some(
    (span) => span.startTimeUnixNano <= nanos(end) && span.endTimeUnixNano >= nanos(start),
  )
}

/** Conditions on one attribute are alternatives, as far as this project asks. */
function isMatch(query: string): (span: Span) => boolean {
  const wanted = new Map<string, ((value: string) => boolean)[]>()
  for (const [, name = '', operator, operand = ''] of query.matchAll(
    /span\.([\w.]+) (=~?) ("(?:[^"\\]|\\.)*"|\d+)/g,
  )) {
    const text = String(JSON.parse(operand))
    const test =
      operator === '=' ? (value: string) => value === text : (value: string) => matches(value, text)
    wanted.set(name, [...(wanted.get(name) ?? []), test])
  }
  return ({ attributes }) =>
    [...wanted].every(([name, tests]) => {
      const value = attributes[name]
      return value !== undefined && tests.some((test) => test(String(value)))
    })
}

function matches(value: string, pattern: string): boolean {
  return new RegExp(`^(?:${pattern})$`).test(value)
}

/** Ids without zeros at the front, and a set for each digest, because that is what is asked for. */
function toFound([traceId, spans]: [string, Span[]]): JsonObject {
  const sets = new Map<unknown, Span[]>()
  for (const span of spans) {
    const digest = span.attributes['rivet.journal.digest']
    sets.set(digest, [...(sets.get(digest) ?? []), span])
  }
  return {
    traceID: traceId.replace(/^0+/, ''),
    spanSets: [...sets.values()].map((set) => ({
      spans: set.slice(0, 1).map((span) => ({
        spanID: span.spanId,
        startTimeUnixNano: String(span.startTimeUnixNano),
        durationNanos: String(span.endTimeUnixNano - span.startTimeUnixNano),
      })),
      matched: set.length,
    })),
  }
}

function goDuration(seconds: number): string {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return h > 0 ? `${h}h${m}m${s}s` : m > 0 ? `${m}m${s}s` : `${s}s`
}

function refusal(body: string): Reply {
  return { status: 400, body }
}

function ok(value: JsonObject): Reply {
  return { status: 200, body: JSON.stringify(value) }
}
