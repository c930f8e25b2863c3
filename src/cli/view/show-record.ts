/** What the state database knows of a run beside its journal: a few lines, only what is known. */
import type { RunRecord } from '../../state/run-record.js'
import { formatCount } from '../../view/quantities.js'
import { labelled } from './labelled.js'
import { section } from './run-title.js'
import type { SectionLook } from './section-look.js'

/**
 * The section *Beside the journal*; no lines where nothing is known.
 *
 * @example
 * showRecord(record, look).join('\n')
 */
export function showRecord(record: RunRecord, look: SectionLook): string[] {
  const lines = [
    ...sourceLines(record, look),
    ...processLines(record, look),
    ...resumed(record, look),
  ]
  return lines.length === 0 ? [] : section('Beside the journal', lines, look)
}

/**
 * Where a run read from and wrote to.
 *
 * @example
 * sourceLines(record, look) // ['  source         postgres://127.0.0.1:5432/shop']
 */
export function sourceLines({ status, metrics }: RunRecord, look: SectionLook): string[] {
  const source = status?.source ?? metrics?.sourceType
  return [
    ...(source === undefined ? [] : line('source', source, look)),
    ...(status?.prefix === undefined ? [] : line('written to', status.prefix, look)),
  ]
}

/**
 * What the process was that ran it, and what it took.
 *
 * @example
 * processLines(record, look) // ['  rivet          0.32.2', '  memory         27 MB at most']
 */
export function processLines({ metrics }: RunRecord, look: SectionLook): string[] {
  const { rivetVersion, peakRssMb } = metrics ?? {}
  return [
    ...(rivetVersion === undefined ? [] : line('rivet', rivetVersion, look)),
    ...(peakRssMb === undefined
      ? []
      : line('memory', `${formatCount(peakRssMb)} MB at most`, look)),
  ]
}

function resumed({ resumed: other }: RunRecord, look: SectionLook): string[] {
  if (other === undefined) return []
  const stopped = other.hasJournal ? '' : ', which left no journal'
  return line('went on with', `${other.runId}${stopped}`, look)
}

function line(label: string, text: string, { width, paints }: SectionLook): string[] {
  return labelled(label, text, { width, paintLabel: paints.quiet })
}
