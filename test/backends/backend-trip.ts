/**
 * Journals to a real backend and back, with nothing between but the mapping, the encodings and HTTP.
 *
 * It is not the delivery or the reading of the product, which `product-trip.ts` is: it sends each page
 * in one request and waits until the backend gives as many spans as were sent, or has had its time.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { isJsonObject, type JsonValue, parseJson } from '../../src/json/lossless.js'
import { traceIdOf } from '../../src/mapping/ids.js'
import type { ImportedRun } from '../../src/mapping/imported-run.js'
import { journalToTrace, type MappingOptions } from '../../src/mapping/journal-to-trace.js'
import type { TracePage } from '../../src/mapping/page.js'
import { decodeJaegerV1Json } from '../../src/trace/jaeger-v1-json.js'
import {
  type DecodedSpans,
  decodeOtlpJson,
  encodeResourceSpansJson,
  joinJsonRequest,
} from '../../src/trace/otlp-json.js'
import { encodeResourceSpansProtobuf } from '../../src/trace/otlp-protobuf.js'
import type { ReceivedSpan, Trace } from '../../src/trace/trace.js'
import { imported } from '../mapping/both-ways.js'

/** How requests are encoded. */
export type Encoding = 'protobuf' | 'json'

/** Gives the spans that a backend has for a trace id; none where it knows no such trace. */
export type TraceReader = (traceId: string) => Promise<ReceivedSpan[]>

const READABLE_WITHIN_MS = 20_000
const ASK_EVERY_MS = 25

/** What is needed to read a page back: its ids, and how many spans to wait for. */
export type SentPage = Pick<TracePage, 'namespace' | 'runId' | 'page'> & { readonly spans: number }

/** Sends every page of a journal, each in one request. */
export async function sendJournal(
  journal: RunJournal,
  otlpHttp: string,
  encoding: Encoding,
  options: MappingOptions = {},
): Promise<SentPage[]> {
  const pages: SentPage[] = []
  for (const page of journalToTrace(journal, options)) {
    await sendTrace(page.trace, otlpHttp, encoding)
    pages.push({ ...page, spans: page.trace.spans.length })
  }
  return pages
}

/** Puts together what a backend has of pages that were sent to it. */
export async function readBack(
  pages: readonly SentPage[],
  read: TraceReader,
): Promise<ImportedRun | undefined> {
  const spans: ReceivedSpan[] = []
  for (const page of pages) for (const span of await readWhole(page, read)) spans.push(span)
  return imported(spans)[0]
}

async function readWhole(page: SentPage, read: TraceReader): Promise<ReceivedSpan[]> {
  const deadline = Date.now() + READABLE_WITHIN_MS
  for (;;) {
    const spans = await read(traceIdOf(page))
    if (spans.length >= page.spans || Date.now() > deadline) return spans
    await delay(ASK_EVERY_MS)
  }
}

/** Sends a trace in one request. */
export async function sendTrace(trace: Trace, otlpHttp: string, encoding: Encoding): Promise<void> {
  const [type, body] =
    encoding === 'json'
      ? ['application/json', joinJsonRequest([encodeResourceSpansJson(trace)])]
      : ['application/x-protobuf', encodeResourceSpansProtobuf(trace)]
  const response = await fetch(`${otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: Buffer.from(body),
  })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
}

/** Reads from Jaeger's `/api/v3`, which answers in OTLP. */
export function jaegerReader(query: string): TraceReader {
  return async (traceId) => spansOfOtlp(await get(`${query}/api/v3/traces/${traceId}`), 'result')
}

/** Reads from Jaeger's `/api`, the older one, which has a JSON of its own with microseconds. */
export function jaegerV1Reader(query: string): TraceReader {
  return async (traceId) => {
    const answer = await get(`${query}/api/traces/${traceId}`)
    return answer === undefined ? [] : usable(decodeJaegerV1Json(answer))
  }
}

/** Reads from Tempo's `/api/v2`, which answers in OTLP with ids in base64. */
export function tempoReader(query: string): TraceReader {
  return async (traceId) => spansOfOtlp(await get(`${query}/api/v2/traces/${traceId}`), 'trace')
}

/** The answer as JSON; `undefined` where the trace is not known. */
async function get(url: string): Promise<JsonValue | undefined> {
  const response = await fetch(url, { headers: { accept: 'application/json' } })
  const text = await response.text()
  if (response.status === 404) return undefined
  if (!response.ok) throw new Error(`${response.status} from ${url}: ${text.slice(0, 500)}`)
  return parseJson(text)
}

function spansOfOtlp(answer: JsonValue | undefined, wrapper: string): ReceivedSpan[] {
  const inner = isJsonObject(answer) ? answer[wrapper] : undefined
  if (!isJsonObject(inner) || inner.resourceSpans === undefined) return []
  return usable(decodeOtlpJson(inner))
}

function usable({ spans, problems }: DecodedSpans): ReceivedSpan[] {
  if (problems.length > 0) throw new Error(problems.slice(0, 5).join('; '))
  return spans
}
