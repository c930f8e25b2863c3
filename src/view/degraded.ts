/** What degraded, in words: everything that was not well and need not have failed the run. */
import { type EventFields, type EventKind, fieldsOf } from '../journal/events.js'
import type { RunJournal } from '../journal/run-journal.js'
import {
  failedChunkWords,
  mismatchWords,
  qualityWords,
  schemaWords,
  validationWords,
  warningWords,
} from './event-words.js'
import { counted } from './quantities.js'
import type { Finding, Labelled } from './run-view.js'

/** Findings of one kind. */
export interface FindingGroup {
  /** What one of them is called: `failed chunk`. */
  readonly thing: string
  readonly findings: readonly Finding[]
}

/**
 * What degraded, the worst kind first; only kinds of which there are any.
 *
 * @example
 * degradedWords(journal).flatMap(({ findings }) => findings) // []
 */
export function degradedWords(journal: RunJournal): FindingGroup[] {
  const group = <K extends EventKind>(
    kind: K,
    thing: string,
    findingsOf: (fields: EventFields<K>) => readonly Finding[],
  ): FindingGroup => ({
    thing,
    findings: journal.entries.flatMap(({ event }) => {
      const fields = fieldsOf(event, kind)
      return fields === undefined ? [] : findingsOf(fields)
    }),
  })
  const groups = [
    group('ReconciliationResult', 'failed reconciliation', (fields) =>
      fields.matched ? [] : [mismatchWords(fields)],
    ),
    group('ValidationResult', 'failed validation', ({ passed }) =>
      passed ? [] : [{ ...validationWords(false), level: 'bad' }],
    ),
    group('ChunkFailed', 'failed chunk', (fields) => [failedChunkWords(fields)]),
    group('QualityIssue', 'quality issue', (fields) => [qualityWords(fields)]),
    group('SchemaChanged', 'schema change', schemaWords),
    group('Warning', 'warning', (fields) => [warningWords(fields)]),
    planWarnings(journal),
  ]
  return groups.filter(({ findings }) => findings.length > 0)
}

/**
 * What is said where nothing degraded.
 *
 * @param isFragment whether the journal is not the whole of it
 * @example
 * nothingDegraded(false).text // 'nothing degraded'
 */
export function nothingDegraded(isFragment: boolean): Labelled {
  const text = isFragment ? 'nothing in the part that came back' : 'nothing degraded'
  return { label: '', text }
}

/** They stand in full under *Planned*, where the plan is that they speak of. */
function planWarnings({ entries }: RunJournal): FindingGroup {
  const count = entries.filter(({ event }) => fieldsOf(event, 'PlanWarning') !== undefined).length
  const text = `${counted(count, 'warning')} of the plan, see Planned`
  const findings: Finding[] = count === 0 ? [] : [{ label: 'warning', text, level: 'warning' }]
  return { thing: 'warning of the plan', findings }
}
