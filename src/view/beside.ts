/** What is known of a run beside its journal, in words: only what is known. */
import type { RunRecord } from '../state/run-record.js'
import { formatCount } from './quantities.js'
import type { Labelled } from './run-view.js'

/**
 * Everything that is known beside the journal; empty where nothing is.
 *
 * @example
 * besideWords(record)[0] // { label: 'source', text: 'postgres://127.0.0.1:5432/shop' }
 */
export function besideWords(record: RunRecord): Labelled[] {
  const { resumed } = record
  const stopped = resumed?.hasJournal === false ? ', which left no journal' : ''
  return [
    ...sourceWords(record),
    ...processWords(record),
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
  const source = status?.source ?? metrics?.sourceType
  return [
    ...(source === undefined ? [] : [{ label: 'source', text: source }]),
    ...(status?.prefix === undefined ? [] : [{ label: 'written to', text: status.prefix }]),
  ]
}

/**
 * What the process was that ran it, and what it took.
 *
 * @example
 * processWords(record) // [{ label: 'rivet', text: '0.32.2' }, { label: 'memory', text: '27 MB at most' }]
 */
export function processWords({ metrics }: RunRecord): Labelled[] {
  const { rivetVersion, peakRssMb } = metrics ?? {}
  return [
    ...(rivetVersion === undefined ? [] : [{ label: 'rivet', text: rivetVersion }]),
    ...(peakRssMb === undefined
      ? []
      : [{ label: 'memory', text: `${formatCount(peakRssMb)} MB at most` }]),
  ]
}
