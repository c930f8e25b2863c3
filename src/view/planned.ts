/** What was planned, in words: the plan of a run and the warnings that it raised. */
import { fieldNames, fieldsOf, type PlanSnapshot } from '../journal/events.js'
import type { RunJournal } from '../journal/run-journal.js'
import { type JsonValue, stringifyJson } from '../json/lossless.js'
import { planWarningWords } from './event-words.js'
import { counted, formatCount } from './quantities.js'
import type { Finding, Labelled } from './run-view.js'

/** The words of the section *Planned*, in the order in which they are shown. */
export interface PlannedWords {
  readonly plan: readonly Labelled[]
  /** Each field by rivet's name, without the SQL; `undefined` where no plan is known. */
  readonly fields: readonly Labelled[] | undefined
  /** The SQL that was to be run. */
  readonly query: string | undefined
  /** What must be said of the plan. */
  readonly remarks: readonly Labelled[]
  readonly warnings: readonly Finding[]
}

const KNOWN_FIELDS: ReadonlySet<string> = new Set(fieldNames('PlanResolved'))

/**
 * The words of what was planned.
 *
 * @param isFragment whether the journal is not the whole of it
 * @example
 * plannedWords(journal, false).plan[0] // { label: 'strategy', text: 'chunked, by id' }
 */
export function plannedWords(journal: RunJournal, isFragment: boolean): PlannedWords {
  const plan = journal.planSnapshot()
  const plans = journal.entries.filter(({ event }) => fieldsOf(event, 'PlanResolved') !== undefined)
  const warnings = journal.entries.flatMap(({ event }) => fieldsOf(event, 'PlanWarning') ?? [])
  return {
    plan: plan === undefined ? [] : planWords(plan),
    fields: plan === undefined ? undefined : fieldsOfPlan(plan),
    query: plan?.base_query,
    remarks: [
      ...(plan === undefined
        ? [remark(isFragment ? 'no plan came back' : 'no plan recorded')]
        : []),
      ...(plans.length > 1 ? [remark(`the first of ${formatCount(plans.length)} plans`)] : []),
    ],
    warnings: warnings.map(planWarningWords),
  }
}

function planWords(plan: PlanSnapshot): Labelled[] {
  const others = Object.keys(plan).filter((name) => !KNOWN_FIELDS.has(name))
  const words = [
    ['strategy', plan.strategy + (plan.chunk_key == null ? '' : `, by ${plan.chunk_key}`)],
    ['format', `${plan.format}, compression ${plan.compression}`],
    ['destination', plan.destination_type],
    ['tuning', `${plan.tuning_profile}, batches of ${counted(plan.batch_size, 'row')}`],
    ['checks', checks(plan)],
    ['resume', resumption(plan)],
    ...(plan.row_hash == null ? [] : [['row hash', stringifyJson(plan.row_hash)] as const]),
    ...(others.length === 0 ? [] : [['also', others.join(', ')] as const]),
  ] as const
  return words.map(([label, text]) => ({ label, text }))
}

/** What is `null` is the same as what is absent. */
function fieldsOfPlan({ base_query: _, ...fields }: PlanSnapshot): Labelled[] {
  return Object.entries(fields).flatMap(([label, value]) => {
    if (value == null) return []
    const text = typeof value === 'string' ? value : stringifyJson(value as JsonValue)
    return [{ label, text }]
  })
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

function remark(text: string): Labelled {
  return { label: '', text }
}
