/**
 * What a state database knows of a run as attributes, and back: the source by OpenTelemetry's
 * conventions for databases, everything else under `rivet.`.
 *
 * Only what the journal does not say. Unknown is absent, never 0 and never a guess.
 */
import type { Integer } from '../journal/events.js'
import type { HarmCounter, RunMetrics, RunRecord, RunStatusRow } from '../state/run-record.js'
import {
  knownSource,
  type SourceAddress,
  sourceAddress,
  sourceText,
} from '../state/source-address.js'
import type { Attributes } from '../trace/trace.js'
import { type AttributesInTheMaking, putInteger, putText } from './attributes.js'
import {
  DB_NAMESPACE,
  DB_SYSTEM_NAME,
  DB_SYSTEM_NAMES,
  SERVER_ADDRESS,
  SERVER_PORT,
} from './conventions.js'
import { readableInteger, readableText } from './readable-attribute.js'

/** What the names of harm counters begin with; rivet's own name of the counter follows. */
const HARM = 'rivet.source.harm.'

/** rivet has about ten counters for each engine; a span does not take any number of them. */
const MAX_HARM_COUNTERS = 64

/** Longer names are none of rivet's, and Tempo would cut a key of more than 2,048 bytes. */
const HARM_METRIC = /^[A-Za-z0-9_.-]{1,100}$/

/**
 * Writes what a record says beside its run's journal; nothing where it says nothing.
 *
 * @param root the attributes of the run's root: totals that it has, the journal says.
 * @example
 * putRecord(attributes, record, root.attributes)
 * attributes['db.system.name'] // 'postgresql'
 */
export function putRecord(
  attributes: AttributesInTheMaking,
  { status, metrics, harm }: RunRecord,
  root: Attributes,
): void {
  putSource(attributes, status?.source, metrics?.sourceType)
  putPrefix(attributes, status?.prefix)
  if (metrics !== undefined) putMetrics(attributes, metrics, root)
  putHarm(attributes, harm)
}

/**
 * What such attributes say of a record: the inverse of {@link putRecord}. It has no status of its own
 * and no times, and of the source what is certain; numbers that the journal says are not here again.
 *
 * @example
 * takeRecord(attributes).status?.source // 'postgres://127.0.0.1:5432/shop'
 */
export function takeRecord(attributes: Attributes): Pick<RunRecord, 'status' | 'metrics' | 'harm'> {
  const status = takeStatus(attributes)
  const metrics = takeMetrics(attributes)
  return {
    ...(Object.keys(status).length > 0 && { status }),
    ...(Object.keys(metrics).length > 0 && { metrics }),
    harm: takeHarm(attributes),
  }
}

/**
 * Writes where a run writes to.
 *
 * @example
 * putPrefix(attributes, 'file:///srv/shop/out/orders')
 * attributes['rivet.destination.prefix'] // 'file:///srv/shop/out/orders'
 */
export function putPrefix(attributes: AttributesInTheMaking, prefix: string | undefined): void {
  putKnownText(attributes, 'rivet.destination.prefix', prefix)
}

function putSource(
  attributes: AttributesInTheMaking,
  source: string | undefined,
  sourceType: string | undefined,
): void {
  const { engine, ...address }: Partial<SourceAddress> = knownSource(source, sourceType) ?? {}
  const system = DB_SYSTEM_NAMES.get(engine ?? '')
  if (system !== undefined) attributes[DB_SYSTEM_NAME] = system
  putKnownText(attributes, DB_NAMESPACE, address.database)
  putKnownText(attributes, SERVER_ADDRESS, address.host)
  if (address.port !== undefined) attributes[SERVER_PORT] = address.port
  putKnownText(attributes, 'rivet.source.type', engine)
}

function takeStatus(attributes: Attributes): RunStatusRow {
  const engine = readableText(attributes, 'rivet.source.type')
  const port = readableInteger(attributes, SERVER_PORT)
  const address = known({
    host: readableText(attributes, SERVER_ADDRESS),
    port: port === undefined ? undefined : Number(port),
    database: readableText(attributes, DB_NAMESPACE),
  })
  return known({
    source: engine === undefined ? undefined : certainText({ engine, ...address }),
    prefix: readableText(attributes, 'rivet.destination.prefix'),
  })
}

/** What is certain of one engine need not be so of another, and a record holds only what is. */
function certainText(address: SourceAddress): string | undefined {
  const certain = sourceAddress(sourceText(address) ?? '')
  return certain && sourceText(certain)
}

function putMetrics(
  attributes: AttributesInTheMaking,
  metrics: RunMetrics,
  root: Attributes,
): void {
  putKnownText(attributes, 'rivet.version', metrics.rivetVersion)
  putKnownText(attributes, 'rivet.run.mode', metrics.mode)
  putKnownInteger(attributes, 'rivet.run.chunk_size', metrics.chunkSize)
  putKnownInteger(attributes, 'rivet.run.parallel', metrics.parallel)
  // A row that is not the final one says what there was so far, and that goes on to change.
  if (metrics.status === 'running') return
  putKnownText(attributes, 'rivet.run.error_class', metrics.errorClass)
  putKnownInteger(attributes, 'rivet.run.peak_rss_mb', metrics.peakRssMb)
  putKnownInteger(attributes, 'rivet.source.bytes_read', metrics.bytesRead)
  putKnownInteger(attributes, 'rivet.source.temp_bytes', metrics.tempBytes)
  for (const [name, value] of [
    ['rivet.run.rows', metrics.rows],
    ['rivet.run.files', metrics.files],
    ['rivet.run.bytes', metrics.bytesWritten],
  ] as const) {
    if (root[name] === undefined) putKnownInteger(attributes, name, value)
  }
}

/** Numbers that stand there only for want of the journal's are read like the others. */
function takeMetrics(attributes: Attributes): RunMetrics {
  const text = (name: string) => readableText(attributes, name)
  const integer = (name: string) => readableInteger(attributes, name)
  return known({
    sourceType: text('rivet.source.type'),
    rivetVersion: text('rivet.version'),
    mode: text('rivet.run.mode'),
    chunkSize: integer('rivet.run.chunk_size'),
    parallel: integer('rivet.run.parallel'),
    errorClass: text('rivet.run.error_class'),
    peakRssMb: integer('rivet.run.peak_rss_mb'),
    bytesRead: integer('rivet.source.bytes_read'),
    tempBytes: integer('rivet.source.temp_bytes'),
    rows: integer('rivet.run.rows'),
    files: integer('rivet.run.files'),
    bytesWritten: integer('rivet.run.bytes'),
  })
}

/** Sorted, because their order in the database may be another the next time. */
function putHarm(attributes: AttributesInTheMaking, harm: readonly HarmCounter[]): void {
  const counters = harm
    .filter(({ metric }) => HARM_METRIC.test(metric))
    .sort((a, b) => (a.metric < b.metric ? -1 : 1))
    .slice(0, MAX_HARM_COUNTERS)
  for (const { metric, delta } of counters) putInteger(attributes, `${HARM}${metric}`, delta)
  const leftOut = harm.length - counters.length
  if (leftOut > 0) attributes['rivet.trace.left_out'] = leftOut
}

function takeHarm(attributes: Attributes): HarmCounter[] {
  return Object.keys(attributes)
    .filter((name) => name.startsWith(HARM))
    .sort()
    .slice(0, MAX_HARM_COUNTERS)
    .flatMap((name) => {
      const delta = readableInteger(attributes, name)
      return delta === undefined ? [] : [{ metric: name.slice(HARM.length), delta }]
    })
}

type Known<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

function known<T extends object>(members: T): Known<T> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as Known<T>
}

function putKnownText(
  attributes: AttributesInTheMaking,
  name: string,
  text: string | undefined,
): void {
  if (text !== undefined && text !== '') putText(attributes, name, text)
}

function putKnownInteger(
  attributes: AttributesInTheMaking,
  name: string,
  value: Integer | undefined,
): void {
  if (value !== undefined) putInteger(attributes, name, value)
}
