/**
 * The export: journals from a source become traces in a delivery.
 *
 * One journal at a time is in memory, beside the pages that are under way. What is wrong with one
 * run costs no other.
 */
import type { Delivery, DeliveryProblem, HeldRevision, PageOutcome } from '../delivery/delivery.js'
import { withoutConnectionSecrets } from '../journal/connection-secrets.js'
import { journalDigest } from '../journal/digest.js'
import type { RedactionPolicy } from '../journal/redaction.js'
import type { RunJournal } from '../journal/run-journal.js'
import { journalToTrace } from '../mapping/journal-to-trace.js'
import type { TracePage } from '../mapping/page.js'
import type { JournalSource, Selection } from '../sources/source.js'
import type { Attributes, SpanContext } from '../trace/trace.js'
import { gateFor, type OutgoingRun } from './outgoing-run.js'
import type { ExportSummary, RunFailure, RunOutcome, SkippedRun } from './summary.js'

/** The span of a command that runs were started by. */
export interface Wrapper extends SpanContext {
  /** When it began, in nanoseconds since 1970. */
  readonly startUnixNano: bigint
  /** Whether the runs become its children, in its trace, and not only linked. */
  readonly isJoined: boolean
}

/** What to export, and where to. */
export interface ExportOptions {
  readonly source: JournalSource
  readonly selection: Selection
  readonly delivery: Delivery
  /** Tells apart state databases whose run_ids may be the same; default `''`. */
  readonly namespace?: string
  /** Attributes of the resource; default `service.name` "rivet". */
  readonly resource?: Attributes
  /** The command that the runs were started by; those that began before it are not linked to it. */
  readonly wrapper?: Wrapper
  /** What is taken out of the journals on their way out; passwords always are. */
  readonly redaction?: RedactionPolicy
  /** Told of every journal that goes out, as it goes out, redacted, before its pages do. */
  readonly onJournal?: (journal: RunJournal) => void
  /** Told of every run as soon as it is known what became of it. */
  readonly onRun?: (run: RunOutcome | SkippedRun) => void
  /** Once it comes, no further journal is taken from the source; what was taken before is finished. */
  readonly signal?: AbortSignal
}

/**
 * Exports runs and says what became of them.
 *
 * Every journal goes out redacted: without passwords, and without what the policy names.
 *
 * A run goes out as the newest revision that the place holds when the journal is the same, else as
 * the next one.
 *
 * @throws {RivetOtelError} where the source cannot be read at all.
 * @example
 * const summary = await exportRuns({ source, selection: {}, delivery })
 * console.log(`${summary.runs.sent} sent`)
 */
export async function exportRuns(options: ExportOptions): Promise<ExportSummary> {
  const outgoing = gateFor(options.redaction)
  const tally = new Tally(options.onRun ?? (() => {}))
  const revisions = new Revisions(options.delivery, options.namespace ?? '')
  for await (const outcome of options.delivery.send(pagesOf(options, outgoing, revisions, tally))) {
    tally.add(outcome)
  }
  return tally.summary()
}

async function* pagesOf(
  options: ExportOptions,
  outgoing: (journal: RunJournal) => OutgoingRun,
  revisions: Revisions,
  tally: Tally,
): AsyncGenerator<TracePage> {
  const { source, selection, namespace = '', resource, onJournal, signal } = options
  if (signal?.aborted) return
  for await (const item of source.read(selection)) {
    if (signal?.aborted) return
    if (item.kind === 'unreadable') {
      const { runId } = item
      tally.skip({
        where: withoutConnectionSecrets(item.where),
        result: 'unreadable',
        problem: withoutConnectionSecrets(item.problem),
        ...(runId === undefined ? {} : { runId: withoutConnectionSecrets(runId) }),
      })
      continue
    }
    const run = outgoing(item.journal)
    if (run.kind === 'refused') {
      const { runId, problem } = run
      const where = item.where.replaceAll(item.journal.run_id, runId)
      tally.skip({ where, runId, result: 'refused', problem })
      continue
    }
    const { journal, redaction } = run
    const { where } = item
    if (journal.entries.length === 0) {
      const problem = 'its journal has no entries, so it has no place in time'
      tally.skip({ where, runId: journal.run_id, result: 'empty', problem })
      continue
    }
    const revision = await revisions.next(journal)
    if (revision === undefined) {
      const problem = 'the same journal was sent before, in this export'
      tally.skip({ where, runId: journal.run_id, result: 'repeated', problem })
      continue
    }
    onJournal?.(journal)
    yield* journalToTrace(journal, {
      namespace,
      revision,
      ...(resource === undefined ? {} : { resource }),
      ...(redaction === undefined ? {} : { redaction }),
    })
  }
}

/** Which revision each journal goes out as; a span id never gets a second meaning. */
class Revisions {
  readonly #delivery: Delivery
  readonly #namespace: string
  /** What this export has sent, because a list of journals may hold a run_id twice. */
  readonly #sent = new Map<string, HeldRevision>()

  constructor(delivery: Delivery, namespace: string) {
    this.#delivery = delivery
    this.#namespace = namespace
  }

  /**
   * The newest revision that the place holds, where that is this very journal, else the one after
   * it; `undefined` where this export has just sent the same journal.
   */
  async next(journal: RunJournal): Promise<number | undefined> {
    const digest = journalDigest(journal)
    const sent = this.#sent.get(journal.run_id)
    if (sent?.digest === digest) return undefined
    const held = [...(await this.#delivery.held(this.#namespace, journal.run_id))]
    if (sent !== undefined) held.push(sent)
    const newest = held.toSorted((a, b) => b.revision - a.revision)[0]
    const isSame = newest !== undefined && newest.digest === digest
    const revision = isSame ? newest.revision : (newest?.revision ?? -1) + 1
    this.#sent.set(journal.run_id, { revision, digest })
    return revision
  }
}

/** A run of which some pages are settled and others may still be under way. */
interface OpenRun {
  readonly outcomes: PageOutcome[]
}

class Tally {
  readonly #onRun: (run: RunOutcome | SkippedRun) => void
  readonly #open = new Map<string, OpenRun>()
  readonly #runs = {
    sent: 0,
    present: 0,
    failed: 0,
    elsewhere: 0,
    empty: 0,
    repeated: 0,
    unreadable: 0,
  }
  #refused = 0
  readonly #spans = { delivered: 0, present: 0, rejected: 0, unsent: 0 }
  #unreachable = false

  constructor(onRun: (run: RunOutcome | SkippedRun) => void) {
    this.#onRun = onRun
  }

  skip(run: SkippedRun): void {
    if (run.result === 'refused') this.#refused++
    else this.#runs[run.result]++
    this.#onRun(run)
  }

  add(outcome: PageOutcome): void {
    for (const fate of ['delivered', 'present', 'rejected', 'unsent'] as const) {
      this.#spans[fate] += outcome[fate]
    }
    if (outcome.problem?.kind === 'unreachable') this.#unreachable = true
    const { runId, revision, pages } = outcome.page
    const name = JSON.stringify([runId, revision])
    const run = this.#open.get(name) ?? { outcomes: [] }
    this.#open.set(name, run)
    run.outcomes.push(outcome)
    if (run.outcomes.length < pages) return
    this.#open.delete(name)
    const settled = runOutcome(run.outcomes)
    this.#runs[settled.result]++
    this.#onRun(settled)
  }

  summary(): ExportSummary {
    const runs = this.#refused === 0 ? this.#runs : { ...this.#runs, refused: this.#refused }
    return { runs, spans: this.#spans, unreachable: this.#unreachable }
  }
}

function runOutcome(outcomes: readonly PageOutcome[]): RunOutcome {
  const pages = outcomes.toSorted((a, b) => a.page.page - b.page.page)
  const sum = (fate: 'delivered' | 'rejected' | 'unsent') =>
    pages.reduce((total, outcome) => total + outcome[fate], 0)
  const [first] = pages
  if (first === undefined) throw new RangeError('a run has at least one page')
  const problems = pages.flatMap(({ problem }) =>
    problem === undefined ? [] : withoutConnectionSecrets(problem.message),
  )
  const failed = sum('rejected') + sum('unsent') > 0 || problems.length > 0
  const elsewhere = pages.every(({ problem }) => problem?.kind === 'elsewhere')
  const result = elsewhere ? 'elsewhere' : 'failed'
  return {
    runId: first.page.runId,
    exportName: first.page.exportName,
    revision: first.page.revision,
    traceIds: pages.map(({ page }) => page.trace.spans[0]?.traceId ?? ''),
    result: failed ? result : sum('delivered') > 0 ? 'sent' : 'present',
    ...(failed ? { failure: worstOf(pages) } : {}),
    spans: pages.reduce((total, { page }) => total + page.trace.spans.length, 0),
    problems: [...new Set(problems)],
    ...(first.page.redaction === undefined ? {} : { redaction: first.page.redaction }),
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
