/**
 * What is known of a run beside its journal: a few lines, only what is known, and in words that the
 * state database and a trace of the run both have.
 */
import type { RunRecord } from '../../state/run-record.js'
import { sourceWords } from '../../state/source-address.js'
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
    // A row that is not the final one goes on to change, and no trace has it.
    ...processLines(record, look, record.metrics?.status !== 'running'),
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
  const source = sourceWords(status?.source, metrics?.sourceType)
  return [...known('source', source, look), ...known('written to', status?.prefix, look)]
}

/**
 * What the process was that ran it, and what it took.
 *
 * @param isFinal whether the metrics will not change any more; without, what goes on to change is left out
 * @example
 * processLines(record, look) // ['  rivet          0.32.2', '  memory         27 MB at most']
 */
export function processLines({ metrics }: RunRecord, look: SectionLook, isFinal = true): string[] {
  const { rivetVersion, peakRssMb } = metrics ?? {}
  const memory =
    peakRssMb === undefined || !isFinal ? undefined : `${formatCount(peakRssMb)} MB at most`
  return [...known('rivet', rivetVersion, look), ...known('memory', memory, look)]
}

function resumed({ resumed: other }: RunRecord, look: SectionLook): string[] {
  if (other === undefined) return []
  const stopped = other.hasJournal ? '' : ', which left no journal'
  return line('went on with', `${other.runId}${stopped}`, look)
}

function known(label: string, text: string | undefined, look: SectionLook): string[] {
  return text === undefined || text === '' ? [] : line(label, text, look)
}

function line(label: string, text: string, { width, paints }: SectionLook): string[] {
  return labelled(label, text, { width, paintLabel: paints.quiet })
}
