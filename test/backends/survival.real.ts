import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SpanStream, TraceBackend } from '../../src/backends/backend.js'
import { openOtlpJsonFile } from '../../src/backends/otlp-file.js'
import { importRuns } from '../../src/bridge/import-runs.js'
import { openOtlpFile } from '../../src/delivery/otlp-file.js'
import { stringifyJournal } from '../../src/journal/codec.js'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { exactInteger, isJsonObject, isList, type JsonValue } from '../../src/json/lossless.js'
import { traceIdOf } from '../../src/mapping/ids.js'
import type { ImportedRun } from '../../src/mapping/imported-run.js'
import { encodeResourceSpansJson, joinJsonRequest } from '../../src/trace/otlp-json.js'
import type { AttributeValue, ReceivedSpan, Span, Trace } from '../../src/trace/trace.js'
import { newFolder } from '../delivery/temporary-folder.js'
import { startDeployedCollector } from '../deploy/run-deployed.js'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { bareSpan } from '../trace/sample-traces.js'
import { sendTrace } from './backend-trip.js'
import { backendsAvailable } from './build.mjs'
import { type HostileField, hostileFields, type PlainContent } from './hostile-values.js'
import { startOlderJaeger } from './older-jaeger.js'
import { exportJournals, exportThrough, fetched, openBackend } from './product-trip.js'
import { startJaeger, startTempo } from './run-backends.js'
import {
  publishedSurvival,
  publishSurvival,
  type Survival,
  survivalText,
} from './survival-table.js'

const READABLE_WITHIN_MS = 20_000
/** It was sent before the journals, which have come back by then; what cannot be read never comes. */
const PLAIN_WITHIN_MS = 3000
const NAMESPACE = 'survival'
const FIELDS = hostileFields()
const JOURNALS = FIELDS.flatMap(({ journals }) => journals)

/** A place that has been sent everything. */
interface Place {
  /** What lies there of a trace. */
  spansOf(traceId: string): Promise<readonly ReceivedSpan[]>
  run(journal: RunJournal): Promise<ImportedRun | undefined>
}

// What the table of docs/backends.md says is what these places did just now.
describe.skipIf(!backendsAvailable())('what survives of a journal', () => {
  const places = new Map<string, Place>()
  const stops: (() => unknown)[] = []

  beforeAll(async () => {
    const [jaeger, tempo, receiver] = await Promise.all([
      startJaeger(),
      startTempo(),
      OtlpReceiver.start(),
    ])
    stops.push(jaeger.stop, tempo.stop)
    const older = await startOlderJaeger(jaeger.query)
    const collector = await startDeployedCollector({ jaeger: receiver.url, tempo: receiver.url })
    stops.push(older.stop, collector.stop, () => receiver.close())
    for (const { otlpHttp } of [jaeger, tempo, collector]) await sendEverything(otlpHttp)
    places.set('Jaeger', serverAt(await openBackend('jaeger', jaeger.query), stops))
    places.set(
      'Jaeger without `/api/v3`',
      serverAt(await openBackend('jaeger', older.query), stops),
    )
    places.set('Tempo', serverAt(await openBackend('tempo', tempo.query), stops))
    places.set('file of OTLP JSON', await fileWithEverything())
    places.set('through the collector', await streamed('the collector', receiver.taken))
  })
  afterAll(() => Promise.all(stops.map((stop) => stop())))

  it('is what docs/backends.md says', async () => {
    const rows = []
    for (const field of FIELDS) {
      const cells = []
      for (const place of places.values()) cells.push(await survival(field, place))
      rows.push({ field, cells })
    }
    const table = survivalText([...places.keys()], rows)
    if (process.env.RIVET_OTEL_WRITE_DOCS === '1') publishSurvival(table)
    expect(publishedSurvival()).toBe(table)
  })
})

async function survival(field: HostileField, place: Place): Promise<Survival> {
  for (const journal of field.journals) {
    const run = await place.run(journal)
    if (run?.status !== 'exact') return { kind: 'lost' }
    if (stringifyJournal(run.journal) !== stringifyJournal(journal)) return { kind: 'lost' }
  }
  const { spans } = plainTrace(field)
  const received = await untilThere(place, traceOf(field), spans.length)
  const changed = field.plain.filter(({ value }, i) => {
    const { span } = received.find(({ span }) => span.spanId === spanId(i)) ?? {}
    return value === undefined || span === undefined || !isAsSent(value, span, field)
  })
  const by = new Set(changed.flatMap(({ means }) => means))
  if (changed.some(({ means }) => means.length === 0)) throw new Error(`${field.name} changed`)
  return changed.length === 0 ? { kind: 'kept' } : { kind: 'restored', by: [...by] }
}

/** Every plain value on a span of its own: as an attribute of the span and of an event, or as their times. */
function plainTrace(field: HostileField): Trace {
  const spans = field.plain.flatMap(({ value }, i): Span[] => {
    if (value === undefined) return []
    const ids = { ...bareSpan, traceId: traceOf(field), spanId: spanId(i) }
    const event = { name: 'plain', timeUnixNano: ids.startTimeUnixNano, attributes: {} }
    if ('unixNano' in value) {
      const [start, end] = [value.unixNano, value.unixNano + LASTS_NANO]
      const times = { startTimeUnixNano: start, endTimeUnixNano: end }
      return [{ ...ids, ...times, events: [{ ...event, timeUnixNano: start }] }]
    }
    const attributes = { [field.attribute]: value.attribute }
    return [{ ...ids, attributes, events: [{ ...event, attributes }] }]
  })
  return { resource: { 'service.name': 'plain' }, scope: { name: 'plain', version: '' }, spans }
}

/** Odd, so that the end has nanoseconds of its own. */
const LASTS_NANO = 1_234_567n

function isAsSent(value: PlainContent, span: Span, { attribute }: HostileField): boolean {
  const [event] = span.events
  if ('unixNano' in value) {
    const { unixNano: start } = value
    const isEnd = span.endTimeUnixNano === start + LASTS_NANO
    return span.startTimeUnixNano === start && isEnd && event?.timeUnixNano === start
  }
  return [span.attributes, event?.attributes].every(
    (attributes) =>
      attributes !== undefined &&
      attribute in attributes &&
      isDeepStrictEqual(comparable(attributes[attribute]), comparable(value.attribute)),
  )
}

/** Integers in one type, and objects without a prototype that would tell them apart. */
function comparable(value: AttributeValue | undefined): unknown {
  if (typeof value === 'bigint') return exactInteger(value)
  if (value instanceof Uint8Array) return value
  if (isList(value as JsonValue)) return (value as readonly AttributeValue[]).map(comparable)
  if (!isJsonObject(value as JsonValue)) return value
  return new Map(
    Object.entries(value as Record<string, AttributeValue>)
      .map(([name, inner]) => [name, comparable(inner)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

async function sendEverything(otlpHttp: string): Promise<void> {
  for (const field of FIELDS) await sendTrace(plainTrace(field), otlpHttp, 'protobuf')
  await exportJournals(JOURNALS, otlpHttp, { encoding: 'protobuf', namespace: NAMESPACE })
}

function serverAt(backend: TraceBackend, stops: (() => unknown)[]): Place {
  stops.push(() => backend.close())
  return {
    spansOf: async (traceId) => (await backend.trace(traceId)).spans,
    async run(journal) {
      const deadline = Date.now() + READABLE_WITHIN_MS
      for (;;) {
        const run = await fetched(backend, NAMESPACE, journal)
        if (run?.status === 'exact' || Date.now() > deadline) return run
        await delay(50)
      }
    },
  }
}

async function fileWithEverything(): Promise<Place> {
  const path = join(newFolder(), 'traces.otlp.jsonl')
  await exportThrough(await openOtlpFile(path), JOURNALS, NAMESPACE)
  for (const field of FIELDS) {
    const request = joinJsonRequest([encodeResourceSpansJson(plainTrace(field))])
    appendFileSync(path, `${request}\n`)
  }
  const spans: ReceivedSpan[] = []
  for await (const item of openOtlpJsonFile(path).spans()) {
    if (item.kind === 'problem') throw new Error(item.problem)
    spans.push(item.received)
  }
  return streamed(path, spans)
}

/** A place that is read as a whole. */
async function streamed(location: string, received: readonly ReceivedSpan[]): Promise<Place> {
  const stream: SpanStream = {
    location,
    async *spans() {
      for (const each of received) yield { kind: 'span', received: each }
    },
  }
  const { runs } = await importRuns(stream)
  return {
    spansOf: async (traceId) => received.filter(({ span }) => span.traceId === traceId),
    run: async ({ run_id }) =>
      runs.find(({ namespace, runId }) => namespace === NAMESPACE && runId === run_id),
  }
}

async function untilThere(
  place: Place,
  traceId: string,
  count: number,
): Promise<readonly ReceivedSpan[]> {
  const deadline = Date.now() + PLAIN_WITHIN_MS
  for (;;) {
    const spans = await place.spansOf(traceId)
    if (spans.length >= count || Date.now() > deadline) return spans
    await delay(50)
  }
}

function traceOf({ name }: HostileField): string {
  return traceIdOf({ namespace: 'plain', runId: name, page: 0 })
}

function spanId(i: number): string {
  return String(i + 1).padStart(16, '0')
}
