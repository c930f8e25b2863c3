/**
 * One stream of pages on its way through a ledger: which of them go out, and what is written when.
 *
 * Writes come in groups: before the pages of a group go out, and before the next page does after
 * others were accepted. So no more is ever sent without being recorded than what is under way.
 */
import type { DeliveryProblem, PageOutcome } from '../../delivery/delivery.js'
import { withoutConnectionSecrets } from '../../journal/connection-secrets.js'
import type { Beginning, Ledger, Progress, RevisionToSend } from '../../ledger/ledger.js'
import { LEASE_MS } from '../../ledger/ledger.js'
import { newOwner, retire } from '../../ledger/owner.js'
import { type PageName, type SentPage, sentPage, type TracePage } from '../../mapping/page.js'
import { reasonOf } from '../../problem.js'
import { inBatches } from './batches.js'
import { Hatch } from './hatch.js'
import { nameInLedger } from './page-name.js'
import type { LedgerUse } from './with-ledger.js'

/** A run of which some pages were seen. */
interface RunInHand {
  readonly run: RevisionToSend
  readonly beginning: Beginning
  /** Pages that are settled: recorded, or to be. */
  settled: number
  readonly problems: DeliveryProblem[]
}

/**
 * The pages of one call of `send`.
 *
 * @example
 * const sending = new LedgerSending(ledger, use)
 */
export class LedgerSending {
  /** What is known of pages that are not sent. */
  readonly withheld = new Hatch<PageOutcome>()
  readonly #ledger: Ledger
  readonly #use: LedgerUse
  readonly #owner = newOwner()
  readonly #runs = new Map<string, RunInHand>()
  readonly #progress: Progress[] = []
  readonly #lease: NodeJS.Timeout
  readonly #said = new Set<string>()
  #failure: string | undefined
  #isStopped = false

  constructor(ledger: Ledger, use: LedgerUse) {
    this.#ledger = ledger
    this.#use = use
    this.#lease = setInterval(() => this.#prolong(), LEASE_MS / 3)
    this.#lease.unref()
  }

  /** The pages that are to be sent, each as soon as the ledger says on the disk that it is. */
  async *pagesToSend(pages: AsyncIterable<TracePage>): AsyncGenerator<TracePage> {
    for await (const batch of inBatches(pages)) {
      const toSend = this.#begin(batch)
      await this.withheld.put(toSend.withheld)
      for (const page of toSend.pages) {
        if (this.#isStopped) return
        yield page
        this.#write()
      }
      if (this.#isStopped) return
    }
  }

  /** Takes note of what became of a page that was sent. */
  settle({ page, delivered, present, problem }: PageOutcome): void {
    const run = this.#runs.get(nameOf(page))
    if (run === undefined) return
    if (problem !== undefined) run.problems.push(problem)
    const isAccepted = problem === undefined && delivered + present === page.spans
    this.#note(run, isAccepted ? page : undefined)
  }

  /** No more pages are wanted. */
  stop(): void {
    this.#isStopped = true
    this.withheld.shut()
  }

  /** Writes what is left to write and lets go of the runs; can be called twice. */
  end(): void {
    clearInterval(this.#lease)
    this.#write()
    if (this.#runs.size > 0 && !this.#use.isDryRun) {
      this.#tryTo(() => this.#ledger.release(this.#owner))
    }
    this.#runs.clear()
    retire(this.#owner)
  }

  /** Which pages of a group are to be sent; writes ahead for those that are. */
  #begin(batch: readonly TracePage[]): { pages: TracePage[]; withheld: PageOutcome[] } {
    this.#write()
    const failure = this.#takeInHand(batch)
    const pages: TracePage[] = []
    const withheld: PageOutcome[] = []
    for (const page of batch) {
      if (!isRemembered(page)) {
        pages.push(page)
        continue
      }
      const run = this.#runs.get(nameOf(page))
      const outcome =
        run === undefined
          ? notRecorded(sentPage(page), failure)
          : outcomeOf(sentPage(page), run.beginning)
      if (outcome === undefined) pages.push(page)
      else {
        withheld.push(outcome)
        if (run !== undefined) this.#note(run)
      }
    }
    return { pages, withheld }
  }

  /** Begins with the runs of a group that are new; says why where that could not be written. */
  #takeInHand(batch: readonly TracePage[]): string {
    const fresh = new Map<string, TracePage>()
    for (const page of batch.filter(isRemembered)) {
      const name = nameOf(page)
      if (!this.#runs.has(name) && !fresh.has(name)) fresh.set(name, page)
    }
    if (fresh.size === 0 || this.#failure !== undefined) return this.#failure ?? ''
    const { again = false, isDryRun = false } = this.#use
    const runs = [...fresh.values()].map(revisionOf)
    try {
      const beginnings = isDryRun
        ? runs.map((run) => this.#ledger.look(run, again))
        : this.#ledger.begin(runs, this.#owner, again)
      runs.forEach((run, i) => {
        const beginning = beginnings[i]
        if (beginning === undefined) return
        this.#runs.set(keyOf(run), { run, beginning, settled: 0, problems: [] })
      })
      return ''
    } catch (error) {
      // What cannot be written ahead is not sent, so that no span id gets a second meaning.
      this.#failure = reasonOf(error)
      return this.#failure
    }
  }

  /** Takes note that a page is settled; `accepted` is the page where the target took it now. */
  #note(hand: RunInHand, accepted?: SentPage): void {
    const { run, problems } = hand
    hand.settled++
    const isOver = hand.settled === run.pages
    if (isOver) this.#runs.delete(keyOf(run))
    if (hand.beginning.kind !== 'send' || this.#use.isDryRun) return
    if (accepted === undefined && !isOver) return
    const [problem] = problems
    this.#progress.push({
      ...run,
      accepted: accepted === undefined ? [] : [accepted.page],
      spans: accepted?.spans ?? 0,
      isOver,
      // A server may repeat what it was told; the file stays.
      ...(problem !== undefined && { problem: withoutConnectionSecrets(problem.message) }),
      isRefused: problems.some(({ kind, isPlace }) => isAgainstSpans(kind) && !isPlace),
    })
  }

  #write(): void {
    if (this.#progress.length === 0) return
    this.#tryTo(() => {
      this.#ledger.record(this.#progress, this.#owner)
      this.#progress.length = 0
    })
  }

  #prolong(): void {
    if (!this.#use.isDryRun) this.#tryTo(() => this.#ledger.prolong(this.#owner))
  }

  /** What cannot be recorded afterwards is sent again next time: nothing is lost, but it is said. */
  #tryTo(write: () => void): void {
    try {
      write()
    } catch (error) {
      const failure = reasonOf(error)
      if (this.#said.has(failure)) return
      this.#said.add(failure)
      this.#use.notice?.(`${failure}; what was sent meanwhile is sent again next time`)
    }
  }
}

/**
 * A link to a wrapper is sent by that wrapper and nobody else, once: there is nothing to remember, and
 * several wrappers around one run must not wait for each other.
 */
function isRemembered({ subject }: TracePage): boolean {
  return subject !== 'wrapper' && subject !== 'exec'
}

/** Whether it is about the spans themselves. */
function isAgainstSpans(kind: DeliveryProblem['kind']): boolean {
  return kind === 'rejected' || kind === 'too_large'
}

/** The outcome of a page that is not sent; `undefined` where it is to be sent. */
function outcomeOf(page: SentPage, beginning: Beginning): PageOutcome | undefined {
  const { spans } = page
  switch (beginning.kind) {
    case 'send':
      return beginning.accepted.has(page.page) ? present(page) : undefined
    case 'delivered':
      return present(page)
    case 'elsewhere':
      return unsent(page, {
        kind: 'elsewhere',
        message: `another export (process ${beginning.pid}) is sending this run; ${spans === 1 ? 'its span is' : `its ${spans} spans are`} left to it`,
      })
    case 'overtaken': {
      const who = beginning.pid === undefined ? 'another export' : `process ${beginning.pid}`
      const when = beginning.pid === undefined ? 'was sent meanwhile by' : 'is being sent by'
      return unsent(page, {
        kind: 'overtaken',
        message: `another journal of this run ${when} ${who}; the next pass sends this one`,
      })
    }
    case 'given_up':
      return unsent(page, {
        kind: 'given_up',
        message: `given up after ${beginning.attempts} attempts; export --again tries it again. At last: ${beginning.problem}`,
      })
  }
}

function present(page: SentPage): PageOutcome {
  return { page, delivered: 0, present: page.spans, rejected: 0, unsent: 0 }
}

function unsent(page: SentPage, problem: DeliveryProblem): PageOutcome {
  return { page, delivered: 0, present: 0, rejected: 0, unsent: page.spans, problem }
}

function notRecorded(page: SentPage, failure: string): PageOutcome {
  const message = `${failure}; nothing is sent that is not in the ledger before`
  return unsent(page, { kind: 'rejected', message, isPlace: true })
}

/** As what a ledger knows a page. */
export function revisionOf(page: PageName): RevisionToSend {
  const { namespace, runId, subject, revision, digest, pages } = page
  return { namespace, runId: nameInLedger(runId, subject), revision, digest, pages }
}

function nameOf(page: PageName): string {
  return keyOf(revisionOf(page))
}

function keyOf({ namespace, runId, revision }: RevisionToSend): string {
  return JSON.stringify([namespace, runId, revision])
}
