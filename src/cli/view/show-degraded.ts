/** What degraded: everything that was not well and need not have failed the run, the worst first. */
import { type EventFields, type EventKind, fieldsOf } from '../../journal/events.js'
import type { RunJournal } from '../../journal/run-journal.js'
import { counted, formatCount } from '../../view/quantities.js'
import { aside, firstOf, labelled } from './labelled.js'
import type { SectionLook } from './section-look.js'

const MOST_OF_A_KIND = 20

/** One thing that degraded, before it is laid out. */
interface Degradation {
  readonly label: string
  readonly text: string
  readonly isBad: boolean
}

/**
 * The lines of the section *Degraded*.
 *
 * @example
 * showDegraded(journal, look) // ['  nothing degraded']
 */
export function showDegraded(journal: RunJournal, look: SectionLook): string[] {
  const { width, paints, isFragment } = look
  const list = <K extends EventKind>(
    kind: K,
    thing: string,
    degradationsOf: (fields: EventFields<K>) => readonly Degradation[],
  ) => {
    const items = journal.entries.flatMap(({ event }) => {
      const fields = fieldsOf(event, kind)
      return fields === undefined ? [] : degradationsOf(fields)
    })
    return firstOf(items, MOST_OF_A_KIND, thing, ({ label, text, isBad }) =>
      labelled(label, text, { width, paintLabel: isBad ? paints.bad : paints.warning }),
    )
  }
  const lines = [
    ...list('ReconciliationResult', 'failed reconciliation', reconciliation),
    ...list('ValidationResult', 'failed validation', validation),
    ...list('ChunkFailed', 'failed chunk', failedChunk),
    ...list('QualityIssue', 'quality issue', qualityIssue),
    ...list('SchemaChanged', 'schema change', schemaChanges),
    ...list('Warning', 'warning', warning),
    ...planWarnings(journal, look),
  ]
  if (lines.length > 0) return lines
  const nothing = isFragment ? 'nothing in the part that came back' : 'nothing degraded'
  return aside(nothing, { width, paint: paints.quiet })
}

function reconciliation(fields: EventFields<'ReconciliationResult'>): Degradation[] {
  if (fields.matched) return []
  const source = BigInt(fields.source_count)
  const exported = BigInt(fields.exported_rows)
  const difference =
    exported < source
      ? `, ${formatCount(source - exported)} too few`
      : exported > source
        ? `, ${formatCount(exported - source)} too many`
        : ''
  const text = `the source has ${counted(source, 'row')}, exported were ${formatCount(exported)}${difference}`
  return [{ label: 'mismatch', text, isBad: true }]
}

function validation({ passed }: EventFields<'ValidationResult'>): Degradation[] {
  return passed ? [] : [{ label: 'validation', text: 'failed', isBad: true }]
}

function failedChunk(fields: EventFields<'ChunkFailed'>): Degradation[] {
  const text = `attempt ${formatCount(fields.attempt)}: ${fields.error}`
  return [{ label: `chunk ${fields.chunk_index}`, text, isBad: true }]
}

function qualityIssue({ severity, message }: EventFields<'QualityIssue'>): Degradation[] {
  return [{ label: 'quality', text: `${severity}: ${message}`, isBad: severity === 'FAIL' }]
}

function schemaChanges(fields: EventFields<'SchemaChanged'>): Degradation[] {
  const { added, removed, type_changed } = fields
  const texts = [
    ...added.map((column) => `added ${column}`),
    ...removed.map((column) => `removed ${column}`),
    ...type_changed.map(([column, before, after]) => `changed ${column}: ${before} → ${after}`),
  ]
  if (texts.length === 0) texts.push('changed, no column named')
  return texts.map((text) => ({ label: 'schema', text, isBad: false }))
}

function warning({ context, message }: EventFields<'Warning'>): Degradation[] {
  return [{ label: 'warning', text: `${context}: ${message}`, isBad: false }]
}

/** They stand in full under *Planned*, where the plan is that they speak of. */
function planWarnings(journal: RunJournal, { width, paints }: SectionLook): string[] {
  const count = journal.entries.filter(
    ({ event }) => fieldsOf(event, 'PlanWarning') !== undefined,
  ).length
  if (count === 0) return []
  const text = `${counted(count, 'warning')} of the plan, see Planned`
  return labelled('warning', text, { width, paintLabel: paints.warning })
}
