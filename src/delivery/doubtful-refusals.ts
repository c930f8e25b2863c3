/**
 * Refusals of which nobody knows yet whether they are about the spans or about the receiver: a server
 * that fails with 500, or finds a single span too large, may do so with everything.
 *
 * They wait. Once the receiver accepts something else in the same stream they are about their spans,
 * and so they are at its end where there was but one run; otherwise they are the receiver's affair.
 */
import type { TracePage } from '../mapping/page.js'
import type { PageProgress, PartOutcome } from './page-progress.js'

/** A refusal, and what becomes of its spans either way. */
export interface DoubtfulRefusal {
  readonly progress: PageProgress
  readonly spans: number
  /** Where it is about the spans. */
  readonly theirs: PartOutcome
  /** What the receiver said, as a sentence, for where it is about the receiver. */
  readonly message: string
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
    for (const { progress, spans, theirs, message } of this.#waiting.splice(0)) {
      progress.settle(this.#hasSeveralRuns ? ofPlace(spans, message) : theirs)
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
