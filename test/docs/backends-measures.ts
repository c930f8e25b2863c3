/** What Jaeger and Tempo do with what is sent to them, measured, in the words of docs/backends.md. */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import type { TraceBackend } from '../../src/backends/backend.js'
import { parseJson, stringifyJson } from '../../src/json/lossless.js'
import { encodeResourceSpansProtobuf } from '../../src/trace/otlp-protobuf.js'
import { type ReceivedSpan, type Span, StatusCode, type Trace } from '../../src/trace/trace.js'
import type { RunningBackend } from '../backends/run-backends.js'
import { bareSpan } from '../trace/sample-traces.js'

/** How long what is not there yet is waited for. Tempo has it when it answers, or never. */
const WAIT_MS = { Jaeger: 20_000, Tempo: 500 }
const ASK_EVERY_MS = 50
const LONG = 'x'.repeat(5000)
const CUT = 2048

/** A backend under measurement. */
export interface Bench {
  readonly name: 'Jaeger' | 'Tempo'
  readonly server: RunningBackend
  readonly backend: TraceBackend
}

let traces = 0
/** The id of a trace that nobody has sent yet. */
export const newTraceId = () => `0af7651916cd43dd${String(++traces).padStart(16, '0')}`
const spanId = (i: number) => String(i + 1).padStart(16, '0')

/** What a backend does, in words that its cell of the document has. */
export const MEASURES: Readonly<Record<string, (bench: Bench) => Promise<string>>> = {
  'a text of over 2,048 bytes as an attribute of a span, event, link or resource': async (
    bench,
  ) => {
    const attributes = { long: LONG }
    const event = { name: 'e', timeUnixNano: bareSpan.startTimeUnixNano, attributes }
    const link = { traceId: newTraceId(), spanId: spanId(0), attributes }
    const span = { attributes, events: [event], links: [link] }
    const [received] = await sentAndRead(bench, [span], attributes)
    const places = [received?.span, received?.span.events[0], received?.span.links[0]]
    const texts = [...places.map((place) => place?.attributes.long), received?.resource.long]
    return lengthWord(new Set(texts.map((text) => String(text).length)))
  },
  'a name of an attribute of over 2,048 bytes': async (bench) => {
    const [received] = await sentAndRead(bench, [{ attributes: { [LONG]: 'value' } }])
    return lengthWord(
      new Set(Object.keys(received?.span.attributes ?? {}).map((name) => name.length)),
    )
  },
  "a long text inside a list, a span's name, a status message": async (bench) => {
    const status = { code: StatusCode.ERROR, message: LONG }
    const [received] = await sentAndRead(bench, [
      { name: LONG, status, attributes: { list: [LONG] } },
    ])
    const { name = '', status: back, attributes } = received?.span ?? {}
    return lengthWord(
      new Set([name, back?.message, attributes?.list].map((text) => String(text).length)),
    )
  },
  '10 MB in one trace': async (bench) => {
    const spans = Array.from({ length: 10_000 }, () => ({ attributes: { long: 'x'.repeat(900) } }))
    const received = await sentAndRead(bench, spans)
    if (received.length === spans.length) return 'kept'
    return received.length < 6000 ? '✗ dropped beyond 5 MB' : `${received.length} spans kept`
  },
  'a request of over 20 MiB': async (bench) => {
    const attributes = { list: Array.from({ length: 21 }, () => 'x'.repeat(2 ** 20)) }
    const status = await statusOf(bench, traceOf([{ attributes }], newTraceId())).catch(() => 400)
    return status === 400 ? 'refused' : `answers ${status}`
  },
  '5,000 events on one span': async (bench) => {
    const events = Array.from({ length: 5000 }, (_, i) => ({
      name: `event ${i}`,
      timeUnixNano: bareSpan.startTimeUnixNano + BigInt(i),
      attributes: {},
    }))
    const [received] = await sentAndRead(bench, [{ events }])
    const names = received?.span.events.map(({ name }) => name)
    return stringifyJson(names ?? []) === stringifyJson(events.map(({ name }) => name))
      ? 'kept, in order'
      : `${names?.length} events`
  },
  'the same span twice': async (bench) => {
    const count = (
      await sentAndRead(
        bench,
        [{}, {}].map(() => ({ spanId: spanId(7) })),
      )
    ).length
    return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`
  },
  'another span under the same id': async (bench) => {
    const spans = ['one', 'other'].map((name) => ({ spanId: spanId(7), name }))
    const names = (await sentAndRead(bench, spans)).map(({ span }) => span.name)
    return names.sort().join() === 'one,other' ? 'both come back' : names.join()
  },
  'a span of 0 ns': async (bench) => {
    const endTimeUnixNano = bareSpan.startTimeUnixNano
    const [{ span } = { span: undefined }] = await sentAndRead(bench, [{ endTimeUnixNano }])
    const lasts = (span?.endTimeUnixNano ?? -1n) - endTimeUnixNano
    if (lasts === 0n) return 'kept'
    const warns = JSON.stringify(span?.attributes).includes('egative duration')
    return `comes back with ${lasts} ns${warns ? ' and a warning' : ''}`
  },
  'a span in the year 2500': async (bench) => {
    // What Tempo does to others shows only when it has filed a block, which takes long.
    if (bench.name === 'Tempo') return 'hides other traces'
    const start = 16_725_225_600_000_000_000n
    const times = { startTimeUnixNano: start, endTimeUnixNano: start + 1n }
    const [received] = await sentAndRead(bench, [times])
    const answer = await textOf(bench, `/api/traces/${received?.span.traceId}`)
    return answer.includes(`"startTime":${start / 1000n},`) ? 'kept' : 'other times'
  },
  'the all-zero trace id': async (bench) =>
    `answers ${await statusOf(bench, traceOf([{}], '0'.repeat(32)))}`,
  // Last: Tempo takes no new trace for some seconds afterwards.
  '12,000 traces at once': async (bench) => {
    const ids = Array.from({ length: 12_000 }, newTraceId)
    for (let from = 0; from < ids.length; from += 3000) {
      const spans = ids.slice(from, from + 3000).map((traceId) => ({ traceId }))
      expect(await statusOf(bench, traceOf(spans, ''))).toBe(200)
    }
    const metrics = await (await fetch(bench.server.metrics)).text()
    if (/tempo_discarded_spans_total\{reason="live_traces_exceeded",.*\} [1-9]/.test(metrics))
      return '✗ dropped beyond 10,000 live traces'
    const some = ids.filter((_, i) => i % 1000 === 0)
    const kept = await Promise.all(some.map((id) => readSpans(bench, id, 1)))
    return kept.every(({ length }) => length === 1) ? 'kept' : 'dropped'
  },
}

/** What the rows of the second table say, of one API. */
export async function shapeOf(bench: Bench, path: string): Promise<Record<string, string>> {
  const attributes = { zz: 'z', list: ['item'], none: [], nothing: null, aa: 'a' }
  const link = { traceId: newTraceId(), spanId: spanId(0), attributes: { why: 'because' } }
  const [received] = await sentAndRead(bench, [{ attributes, links: [link] }])
  const { traceId = '', links = [] } = received?.span ?? {}
  const text = await textOf(bench, `${path}${traceId}`)
  const unknown = await fetch(`${bench.server.query}${path}${newTraceId()}`)
  const after = (key: string) =>
    new RegExp(`"key":"${key}",("type":"string",)?"value":(.{0,20})`).exec(text)?.[2]
  const list = after('list') ?? ''
  const nothing = after('nothing') ?? ''
  return {
    times: text.includes(String(bareSpan.startTimeUnixNano)) ? 'nanoseconds' : 'microseconds',
    'a list': list.startsWith('"[')
      ? 'JSON text'
      : list.startsWith('{"arrayValue":{"va')
        ? 'a list'
        : list,
    'an empty list': after('none')?.startsWith('"[]"')
      ? 'JSON text'
      : (/^\{"arrayValue":\{\}\}/.exec(after('none') ?? '')?.[0] ?? 'otherwise'),
    'an empty value': nothing.startsWith('""')
      ? 'an empty text'
      : nothing.startsWith('{}')
        ? 'empty'
        : nothing,
    ids: text.includes(traceId) ? 'hexadecimal' : 'base64',
    'the order of attributes': text.indexOf('"aa"') < text.indexOf('"zz"') ? 'by name' : 'as sent',
    'a link to another trace': linkWord(
      text,
      links.map(({ traceId }) => traceId).includes(link.traceId),
    ),
    'a trace that is not there':
      unknown.status === 200
        ? `answers 200 with ${/^\{"trace":\{\}/.test(await unknown.text()) ? 'an empty `trace`' : 'more'}`
        : `answers ${unknown.status}`,
  }
}

function linkWord(text: string, isThere: boolean): string {
  if (!isThere) return 'lost'
  if (text.includes('because')) return 'kept, with its attributes'
  return text.includes('"refType":"FOLLOWS_FROM"')
    ? 'a reference `FOLLOWS_FROM`, without its attributes'
    : 'kept, without its attributes'
}

function lengthWord(lengths: ReadonlySet<number>): string {
  const [length] = lengths
  if (lengths.size === 1 && length === LONG.length) return 'kept'
  return lengths.size === 1 && length === CUT ? '✗ cut to 2,048 bytes' : [...lengths].join()
}

/** Sends spans of one trace, some thousand at a time, and reads what comes back. */
async function sentAndRead(
  bench: Bench,
  spans: readonly Partial<Span>[],
  resource: Trace['resource'] = {},
): Promise<readonly ReceivedSpan[]> {
  const traceId = newTraceId()
  const { spans: all, ...trace } = traceOf(spans, traceId)
  for (let from = 0; from < all.length; from += 2000) {
    const part = {
      ...trace,
      resource: { ...trace.resource, ...resource },
      spans: all.slice(from, from + 2000),
    }
    expect(await statusOf(bench, part)).toBe(200)
  }
  return readSpans(bench, traceId, spans.length)
}

async function readSpans(
  { name, backend }: Bench,
  traceId: string,
  count: number,
): Promise<readonly ReceivedSpan[]> {
  for (const deadline = Date.now() + WAIT_MS[name]; ; await delay(ASK_EVERY_MS)) {
    const { spans } = await backend.trace(traceId)
    if (spans.length >= count || Date.now() > deadline) return spans
  }
}

/** Spans as a trace; what they do not say is that of a bare span. */
export function traceOf(spans: readonly Partial<Span>[], traceId: string): Trace {
  return {
    resource: { 'service.name': 'limits' },
    scope: { name: 'limits', version: '' },
    spans: spans.map((span, i) => ({ ...bareSpan, traceId, spanId: spanId(i), ...span })),
  }
}

/** Sends a trace in one request. A 200 must not say that anything was rejected. */
export async function statusOf({ server }: Pick<Bench, 'server'>, trace: Trace): Promise<number> {
  const response = await fetch(`${server.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: Buffer.from(encodeResourceSpansProtobuf(trace)),
  })
  const text = await response.text()
  if (response.ok) expect(text.length).toBeLessThan(3)
  return response.status
}

/** Without white space, numbers as they came. */
export async function textOf({ server }: Pick<Bench, 'server'>, path: string): Promise<string> {
  const response = await fetch(`${server.query}${path}`, {
    headers: { accept: 'application/json' },
  })
  return stringifyJson(parseJson(await response.text()))
}
