/**
 * A small server that answers as Jaeger 1.76 was seen to answer, or as a server of before its newer
 * API; and one answer of it can be replaced by anything.
 */
import { type JsonValue, stringifyJson } from '../../src/json/lossless.js'
import { encodeResourceSpansJson } from '../../src/trace/otlp-json.js'
import type { Attributes, AttributeValue, Span, Trace } from '../../src/trace/trace.js'
import { type LocalServer, startLocalServer } from '../http/local-server.js'
import { type Reply, send } from './reply.js'

/** How the server is to be. */
export interface JaegerServerOptions {
  /** Has `/api` only; elsewhere is the page of the user interface. */
  readonly isOlder?: boolean
  /** Leaves out a trace whose id begins with `ff` in the last microsecond of a search, as Badger does. */
  readonly missesLast?: boolean
  /** Parameters of a search that it takes no notice of. */
  readonly ignores?: readonly ('start' | 'end')[]
  /** Answers before the server does. */
  readonly instead?: (url: URL) => Reply | undefined
}

/** A server that runs. */
export interface JaegerServer extends LocalServer {
  /** What was asked for, in order. */
  readonly requests: readonly URL[]
  keep(trace: Trace): void
}

/** Starts a server on a free port. */
export async function startJaegerServer(options: JaegerServerOptions = {}): Promise<JaegerServer> {
  const traces = new Map<string, Trace[]>()
  const requests: URL[] = []
  const server = await startLocalServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    requests.push(url)
    send(response, options.instead?.(url) ?? answerTo(url, traces, options))
  })
  return {
    ...server,
    requests,
    keep(trace) {
      const traceId = trace.spans[0]?.traceId ?? ''
      traces.set(traceId, [...(traces.get(traceId) ?? []), trace])
    },
  }
}

/** The page of the user interface, which stands wherever nothing else does. */
export const PAGE: Reply = {
  status: 200,
  body: '<!DOCTYPE html>\n<html lang="en"><title>Jaeger UI</title></html>',
  type: 'text/html; charset=utf-8',
}

type Traces = ReadonlyMap<string, readonly Trace[]>

function answerTo(url: URL, traces: Traces, options: JaegerServerOptions): Reply {
  const { pathname } = url
  if (pathname === '/api/services') return ok({ data: servicesOf(traces), errors: null })
  if (pathname === '/api/traces') return search(url.searchParams, traces, options)
  const [, api, traceId = ''] = /^\/api\/(v3\/)?traces\/([^/]+)$/.exec(pathname) ?? []
  if (traceId === '' || (api !== undefined && options.isOlder === true)) return PAGE
  const trace = traces.get(traceId)
  if (api === undefined) {
    return trace === undefined ? refusal(404, 'trace not found') : ok({ data: [toV1(trace)] })
  }
  if (trace === undefined) {
    return { status: 404, body: '{"error":{"httpCode":404,"message":"No traces found"}}' }
  }
  const resourceSpans = trace.map((part) => Buffer.from(encodeResourceSpansJson(part)).toString())
  const body = `{"result":{"resourceSpans":[${resourceSpans.join(',')}]}}`
  return { status: 200, body, type: 'text/plain; charset=utf-8' }
}

function servicesOf(traces: Traces): JsonValue {
  const names = [...traces.values()].flat().map(serviceOf)
  return names.length === 0 ? null : [...new Set(names)]
}

function search(parameters: URLSearchParams, traces: Traces, options: JaegerServerOptions): Reply {
  const service = parameters.get('service')
  if (service === null) return refusal(400, "parameter 'service' is required")
  const limit = Number(parameters.get('limit') ?? 100)
  if (!(limit > 0)) return refusal(500, 'search depth must be greater than 0')
  const matches = ([traceId, trace]: [string, readonly Trace[]]) =>
    trace.some((part) => {
      const isOfService = serviceOf(part) === service
      return isOfService && part.spans.some((span) => isMatch(span, parameters, traceId, options))
    })
  const found = [...traces].filter(matches).slice(0, limit)
  return ok({ data: found.map(([, trace]) => toV1(trace)), total: 0, limit: 0, errors: null })
}

function isMatch(
  span: Span,
  parameters: URLSearchParams,
  traceId: string,
  { missesLast = false, ignores = [] }: JaegerServerOptions,
): boolean {
  const start = span.startTimeUnixNano
  const [from = 0n, to = 0n] = ['start', 'end'].map((name) => BigInt(parameters.get(name) ?? 0))
  if (start < from * 1000n && !ignores.includes('start')) return false
  if (start > to * 1000n && !ignores.includes('end')) return false
  if (missesLast && traceId.startsWith('ff') && start / 1000n === to) return false
  const operation = parameters.get('operation')
  if (operation !== null && operation !== span.name) return false
  const tags = JSON.parse(parameters.get('tags') ?? '{}') as Record<string, string>
  return Object.entries(tags).every(([key, value]) => String(span.attributes[key]) === value)
}

function serviceOf({ resource }: Trace): string {
  return String(resource['service.name'])
}

function toV1(trace: readonly Trace[]): JsonValue {
  return {
    traceID: trace[0]?.spans[0]?.traceId ?? '',
    spans: trace.flatMap((part, i) => part.spans.map((span) => spanToV1(span, part, `p${i}`))),
    processes: Object.fromEntries(
      trace.map((part, i) => [`p${i}`, { serviceName: serviceOf(part), tags: [] }]),
    ),
    warnings: null,
  }
}

function spanToV1(span: Span, { scope }: Trace, processID: string): JsonValue {
  const { parentSpanId, startTimeUnixNano: start, endTimeUnixNano: end } = span
  const isError = span.status?.code === 2
  return {
    traceID: span.traceId,
    spanID: span.spanId,
    operationName: span.name,
    references:
      parentSpanId === undefined
        ? []
        : [{ refType: 'CHILD_OF', traceID: span.traceId, spanID: parentSpanId }],
    startTime: start / 1000n,
    duration: (end - start) / 1000n,
    tags: [
      ...tagsOf(span.attributes),
      ...tagsOf({ 'otel.scope.name': scope.name, 'otel.scope.version': scope.version }),
      ...tagsOf({ 'span.kind': 'internal' }),
      ...(isError ? tagsOf({ error: true, 'otel.status_code': 'ERROR' }) : []),
    ],
    logs: span.events.map(({ name, timeUnixNano, attributes }) => ({
      timestamp: timeUnixNano / 1000n,
      fields: tagsOf({ event: name, ...attributes }),
    })),
    processID,
    warnings: null,
  }
}

function tagsOf(attributes: Attributes): JsonValue[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, ...typed(value) }))
}

function typed(value: AttributeValue): { readonly type: string; readonly value: JsonValue } {
  switch (typeof value) {
    case 'boolean':
      return { type: 'bool', value }
    case 'bigint':
      return { type: 'int64', value: String(value) }
    case 'number':
      return { type: Number.isInteger(value) ? 'int64' : 'float64', value }
    case 'string':
      return { type: 'string', value }
    default:
      return { type: 'string', value: JSON.stringify(value) }
  }
}

function ok(value: JsonValue): Reply {
  return { status: 200, body: stringifyJson(value) }
}

function refusal(code: number, msg: string): Reply {
  const value = { data: null, total: 0, limit: 0, offset: 0, errors: [{ code, msg }] }
  return { status: code, body: `${stringifyJson(value)}\n` }
}
