/** What became of a run, from what became of its pages. */
import type { DeliveryProblem, PageOutcome } from '../../delivery/delivery.js'
import { withoutConnectionSecrets } from '../../journal/connection-secrets.js'
import type { RunFailure, RunOutcome } from '../summary.js'

/**
 * The outcome of a run, or of one page that is no journal.
 *
 * @param outcomes of all its pages, in any order
 * @throws {RangeError} for no page at all.
 * @example
 * runOutcome([{ page, delivered: 3, present: 0, rejected: 0, unsent: 0 }]).result // 'sent'
 */
export function runOutcome(outcomes: readonly PageOutcome[]): RunOutcome {
  const pages = outcomes.toSorted((a, b) => a.page.page - b.page.page)
  const sum = (fate: 'delivered' | 'rejected' | 'unsent') =>
    pages.reduce((total, outcome) => total + outcome[fate], 0)
  const [first] = pages
  if (first === undefined) throw new RangeError('a run has at least one page')
  const { subject = 'journal', runId, exportName, revision, redaction } = first.page
  const problems = pages.flatMap(({ problem }) =>
    problem === undefined ? [] : withoutConnectionSecrets(problem.message),
  )
  const failed = sum('rejected') + sum('unsent') > 0 || problems.length > 0
  const elsewhere = pages.every(({ problem }) => problem?.kind === 'elsewhere')
  const result = elsewhere ? 'elsewhere' : 'failed'
  return {
    ...(subject === 'journal' ? {} : { subject }),
    runId,
    exportName,
    revision,
    traceIds: pages.map(({ page }) => page.traceId),
    result: failed ? result : sum('delivered') > 0 ? 'sent' : 'present',
    ...(failed ? { failure: worstOf(pages) } : {}),
    spans: pages.reduce((total, { page }) => total + page.spans, 0),
    problems: [...new Set(problems)],
    ...(redaction === undefined ? {} : { redaction }),
    warnings: [
      ...new Set(pages.flatMap(({ warning }) => withoutConnectionSecrets(warning ?? '') || [])),
    ],
  }
}

const WORST_FIRST: readonly RunFailure[] = [
  'unreachable',
  'place',
  'stopped',
  'refused',
  'too_large',
  'given_up',
  'elsewhere',
]

function worstOf(pages: readonly PageOutcome[]): RunFailure {
  const failures = pages.flatMap(({ problem }) => (problem === undefined ? [] : failureOf(problem)))
  return WORST_FIRST.find((worst) => failures.includes(worst)) ?? 'refused'
}

function failureOf({ kind, isPlace }: DeliveryProblem): RunFailure {
  switch (kind) {
    case 'rejected':
      return isPlace ? 'place' : 'refused'
    case 'overtaken':
      return 'elsewhere'
    default:
      return kind
  }
}
