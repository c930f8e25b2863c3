/**
 * Refusals of which nobody knows yet whether they are about the spans or about the receiver: a server
 * that fails with 500, finds a single span too large, or gives no answer, may do so with everything.
 *
 * They wait. Once the receiver accepts something else in the same stream they are about their spans;
 * at its end they are the receiver's affair, where there were other runs that it could have accepted.
 */
import type { TracePage } from '../mapping/page.js'
import type { PageProgress, PartOutcome } from './page-progress.js'

/** A refusal, and what becomes of its spans either way. */
export interface DoubtfulRefusal {
  readonly progress: PageProgress
  /** Where it is about the spans. */
  readonly theirs: PartOutcome
  /** Where it is about the receiver. */
  readonly ofPlace: PartOutcome
  /** Where no other run was sent. */
  readonly ofOnlyRun: PartOutcome
}

/** The doubtful refusals of one stream of pages. */
export class DoubtfulRefusals {
  readonly #waiting: DoubtfulRefusal[] = []
  #isAnythingAccepted = false
  #firstRun: string | undefined
  #hasSeveralRuns = false

  /** Takes note of a page that is to be sent. */
  seen({ namespace, runId }: TracePage): void {
    const run = JSON.stringify([namespace, runId])
    this.#firstRun ??= run
    this.#hasSeveralRuns ||= run !== this.#firstRun
  }

  /** The receiver accepted something. */
  accepted(): void {
    this.#isAnythingAccepted = true
    for (const { progress, theirs } of this.#waiting.splice(0)) progress.settle(theirs)
  }

  /** Settles a refusal as soon as it is known what it is about. */
  add(refusal: DoubtfulRefusal): void {
    if (this.#isAnythingAccepted) refusal.progress.settle(refusal.theirs)
    else this.#waiting.push(refusal)
  }

  /** Nothing more comes. */
  end(): void {
    for (const { progress, ofPlace, ofOnlyRun } of this.#waiting.splice(0)) {
      progress.settle(this.#hasSeveralRuns ? ofPlace : ofOnlyRun)
    }
  }
}

/**
 * The outcome of spans that were refused by a receiver that accepts nothing.
 *
 * @example
 * progress.settle(ofPlace(3, 'http://localhost:4318/v1/traces answered 500'))
 */
export function ofPlace(spans: number, message: string): PartOutcome {
  const problem = {
    kind: 'rejected',
    message: `${message}; it accepts nothing else either, so this is taken for its own trouble, not the run's`,
    isPlace: true,
  } as const
  return { rejected: spans, problem }
}

/**
 * A refusal of spans that got no answer alone, while somebody is there.
 *
 * @param reason Why no answer came, as a sentence.
 * @example
 * doubtful.add(unansweredAlone(progress, 3, 'http://localhost:4318/v1/traces: no answer within 10000 ms'))
 */
export function unansweredAlone(
  progress: PageProgress,
  unsent: number,
  reason: string,
): DoubtfulRefusal {
  const theirs = `${reason} for this run alone, while it answers others`
  const unknown = `${reason}; it answers a request without spans, but took no other run, so nothing tells whether this is about the run`
  const ofPlace = { unsent, problem: { kind: 'unreachable', message: unknown } } as const
  return {
    progress,
    theirs: { unsent, problem: { kind: 'rejected', message: theirs } },
    ofPlace,
    ofOnlyRun: ofPlace,
  }
}
