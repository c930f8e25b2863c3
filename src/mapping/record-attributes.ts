/**
 * What a state database knows of a run as attributes: the source by OpenTelemetry's conventions for
 * databases, everything else under `rivet.`.
 *
 * Only what the journal does not say. Unknown is absent, never 0 and never a guess.
 */
import type { Integer } from '../journal/events.js'
import { runFacts } from '../journal/run-facts.js'
import type { RunJournal } from '../journal/run-journal.js'
import type { HarmCounter, RunMetrics, RunRecord } from '../state/run-record.js'
import { type SourceAddress, sourceAddress } from '../state/source-address.js'
import { type AttributesInTheMaking, putInteger, putText } from './attributes.js'
import {
  DB_NAMESPACE,
  DB_SYSTEM_NAME,
  DB_SYSTEM_NAMES,
  SERVER_ADDRESS,
  SERVER_PORT,
} from './conventions.js'

/** What the names of harm counters begin with; rivet's own name of the counter follows. */
const HARM = 'rivet.source.harm.'

/** rivet has about ten counters for each engine; a span does not take any number of them. */
const MAX_HARM_COUNTERS = 64

/** Longer names are none of rivet's, and Tempo would cut a key of more than 2,048 bytes. */
const HARM_METRIC = /^[A-Za-z0-9_.-]{1,100}$/

/**
 * Writes what a record says beside its run's journal; nothing where it says nothing.
 *
 * @example
 * putRecord(attributes, record, journal)
 * attributes['db.system.name'] // 'postgresql'
 */
export function putRecord(
  attributes: AttributesInTheMaking,
  { status, metrics, harm }: RunRecord,
  journal: RunJournal,
): void {
  putSource(attributes, status?.source, metrics?.sourceType)
  putPrefix(attributes, status?.prefix)
  if (metrics !== undefined) putMetrics(attributes, metrics, journal)
  putHarm(attributes, harm)
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
  const address: Partial<SourceAddress> = sourceAddress(source ?? '') ?? {}
  const engine = sourceType ?? address.engine
  const system = DB_SYSTEM_NAMES.get(engine ?? '')
  if (system !== undefined) attributes[DB_SYSTEM_NAME] = system
  putKnownText(attributes, DB_NAMESPACE, address.database)
  putKnownText(attributes, SERVER_ADDRESS, address.host)
  if (address.port !== undefined) attributes[SERVER_PORT] = address.port
  putKnownText(attributes, 'rivet.source.type', engine)
}

function putMetrics(
  attributes: AttributesInTheMaking,
  metrics: RunMetrics,
  journal: RunJournal,
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
  const facts = runFacts(journal)
  if (facts.rows === undefined) putKnownInteger(attributes, 'rivet.run.rows', metrics.rows)
  if (facts.files.length === 0) putKnownInteger(attributes, 'rivet.run.files', metrics.files)
  if (facts.bytes === undefined)
    putKnownInteger(attributes, 'rivet.run.bytes', metrics.bytesWritten)
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
