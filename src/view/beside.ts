/**
 * What is known of a run beside its journal, in words: only what is known, and as far as the state
 * database and a trace of the run both know it.
 */
import type { RunRecord } from '../state/run-record.js'
import { sourceName } from '../state/source-address.js'
import { formatCount } from './quantities.js'
import type { Labelled } from './run-view.js'

/**
 * Everything that is known beside the journal; empty where nothing is.
 *
 * @example
 * besideWords(record)[0] // { label: 'source', text: 'postgres://127.0.0.1:5432/shop' }
 */
export function besideWords(record: RunRecord): Labelled[] {
  const { resumed, metrics } = record
  const stopped = resumed?.hasJournal === false ? ', which left no journal' : ''
  return [
    ...sourceWords(record),
    // A row that is not the final one goes on to change, and no trace has it.
    ...processWords(record, metrics?.status !== 'running'),
    ...(resumed === undefined ? [] : [{ label: 'went on with', text: resumed.runId + stopped }]),
  ]
}

/**
 * Where a run read from and wrote to.
 *
 * @example
 * sourceWords(record) // [{ label: 'source', text: 'postgres://127.0.0.1:5432/shop' }]
 */
export function sourceWords({ status, metrics }: RunRecord): Labelled[] {
  const source = sourceName(status?.source, metrics?.sourceType)
  return [...known('source', source), ...known('written to', status?.prefix)]
}

/**
 * What the process was that ran it, and what it took.
 *
 * @param isFinal whether the metrics will not change any more; else what goes on to change is left out
 * @example
 * processWords(record) // [{ label: 'rivet', text: '0.32.2' }, { label: 'memory', text: '27 MB at most' }]
 */
export function processWords({ metrics }: RunRecord, isFinal = true): Labelled[] {
  const { rivetVersion, peakRssMb } = metrics ?? {}
  const memory =
    peakRssMb === undefined || !isFinal ? undefined : `${formatCount(peakRssMb)} MB at most`
  return [...known('rivet', rivetVersion), ...known('memory', memory)]
}

function known(label: string, text: string | undefined): Labelled[] {
  return text === undefined || text === '' ? [] : [{ label, text }]
}
