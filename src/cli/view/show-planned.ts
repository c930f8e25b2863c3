/** What was planned: the plan of a run and the warnings that it raised. */
import { fieldsOf, type PlanSnapshot, PlanSnapshotSchema } from '../../journal/events.js'
import type { RunJournal } from '../../journal/run-journal.js'
import { stringifyJson } from '../../json/lossless.js'
import { counted, formatCount } from '../../view/quantities.js'
import { aside, firstOf, labelled } from './labelled.js'
import type { SectionLook } from './section-look.js'

const MOST_QUERY_LINES = 8
const MOST_WARNINGS = 20
const KNOWN_FIELDS: ReadonlySet<string> = new Set(Object.keys(PlanSnapshotSchema.shape))

/**
 * The lines of the section *Planned*.
 *
 * @example
 * showPlanned(journal, look).join('\n')
 */
export function showPlanned(journal: RunJournal, look: SectionLook): string[] {
  const { width, paints } = look
  const plan = journal.planSnapshot()
  const plans = journal.entries.filter(({ event }) => fieldsOf(event, 'PlanResolved') !== undefined)
  const quiet = (text: string) => aside(text, { width, paint: paints.quiet })
  const warnings = journal.entries.flatMap(({ event }) => fieldsOf(event, 'PlanWarning') ?? [])
  return [
    ...(plan === undefined
      ? quiet(look.isFragment ? 'no plan came back' : 'no plan recorded')
      : planLines(plan, look)),
    ...(plans.length > 1 ? quiet(`the first of ${formatCount(plans.length)} plans`) : []),
    ...firstOf(warnings, MOST_WARNINGS, 'plan warning', ({ rule, message }) =>
      labelled('warning', `${rule}: ${message}`, { width, paintLabel: paints.warning }),
    ),
  ]
}

function planLines(plan: PlanSnapshot, { width, paints }: SectionLook): string[] {
  const line = (label: string, text: string, maxLines?: number) =>
    labelled(label, text, {
      width,
      paintLabel: paints.quiet,
      ...(maxLines === undefined ? {} : { maxLines }),
    })
  const others = Object.keys(plan).filter((name) => !KNOWN_FIELDS.has(name))
  return [
    ...line('strategy', plan.strategy + (plan.chunk_key == null ? '' : `, by ${plan.chunk_key}`)),
    ...line('format', `${plan.format}, compression ${plan.compression}`),
    ...line('destination', plan.destination_type),
    ...line('tuning', `${plan.tuning_profile}, batches of ${counted(plan.batch_size, 'row')}`),
    ...line('checks', checks(plan)),
    ...line('resume', resumption(plan)),
    ...(plan.row_hash == null ? [] : line('row hash', stringifyJson(plan.row_hash), 2)),
    ...(others.length === 0 ? [] : line('also', others.join(', '), 2)),
    ...line('query', plan.base_query, MOST_QUERY_LINES),
  ]
}

function checks({ validate, reconcile }: PlanSnapshot): string {
  if (validate && reconcile) return 'validate, reconcile'
  if (validate) return 'validate'
  return reconcile ? 'reconcile' : 'none'
}

function resumption({ resume, resumable }: PlanSnapshot): string {
  const ability =
    resumable === undefined ? '' : resumable ? ', can be resumed' : ', cannot be resumed'
  return (resume ? 'yes' : 'no') + ability
}
