/** Which revision each page goes out as; a span id never gets a second meaning. */
import type { Delivery, HeldRevision } from '../../delivery/delivery.js'
import type { PageSubject, TracePage } from '../../mapping/page.js'
import { SentRevisions } from './sent-revisions.js'

/** As which revision a journal goes out. */
export interface JournalRevision {
  readonly revision: number
  /** Whether the place holds it already, or was about to be sent it. */
  readonly isHeld: boolean
  /**
   * Whether an export before joined the run to another trace, of which nothing else is known here, and
   * it stays there: what goes out now goes to the run's own trace.
   */
  readonly isJoined: boolean
}

/**
 * The revisions of one export.
 *
 * @example
 * const revisions = new Revisions(delivery, namespace)
 */
export class Revisions {
  readonly #delivery: Delivery
  readonly #namespace: string
  /** What this export has sent, because a list of journals may hold a run_id twice. */
  readonly #sent = new SentRevisions()

  constructor(delivery: Delivery, namespace: string) {
    this.#delivery = delivery
    this.#namespace = namespace
  }

  /**
   * As which revision a journal of this digest goes out: the newest that the place holds, where that is
   * this very journal, else the one after it; `undefined` where this export has just sent the same journal.
   */
  async ofJournal(runId: string, digest: string): Promise<JournalRevision | undefined> {
    if (this.#sent.get('journal', runId)?.digest === digest) return undefined
    const newest = newestOf(await this.#heldOf('journal', runId))
    const same = newest?.digest === digest ? newest : undefined
    const revision = same?.revision ?? nextAfter(newest)
    this.#sent.set('journal', runId, { revision, digest })
    const isThere = same !== undefined && same.isDue !== true
    const isJoined = isThere && (await this.#hasSignpost(runId))
    return { revision, isHeld: same !== undefined, isJoined }
  }

  /**
   * A page of extra spans as the revision that the place holds with the same spans, or as the one
   * after the newest. Their ids follow from what they say, so an older revision is as good.
   */
  async ofBeside(page: TracePage): Promise<TracePage> {
    const { subject = 'journal', runId, digest } = page
    const held = await this.#heldOf(subject, runId)
    const newest = newestOf(held)
    // One that is not there is sent, and what is sent is the newest.
    const same =
      held.find((each) => each.digest === digest && each.isDue !== true) ??
      (newest?.digest === digest ? newest : undefined)
    const revision = same?.revision ?? nextAfter(newest)
    this.#sent.set(subject, runId, { revision, digest })
    return { ...page, revision }
  }

  /**
   * A page that has the one revision for ever, whatever became known since: where the place holds
   * it, it is that one which is there.
   */
  async ofFirst(page: TracePage): Promise<TracePage> {
    const [first] = await this.#delivery.held(this.#namespace, page.runId, page.subject)
    return { ...page, revision: 0, digest: first?.digest ?? page.digest }
  }

  /** One that was only to be sent, and one that is to be sent again, leads nowhere any more. */
  async #hasSignpost(runId: string): Promise<boolean> {
    const signposts = await this.#delivery.held(this.#namespace, runId, 'signpost')
    return signposts.some(({ isDue }) => isDue !== true)
  }

  async #heldOf(subject: PageSubject, runId: string): Promise<readonly HeldRevision[]> {
    const sent = this.#sent.get(subject, runId)
    const held = await this.#delivery.held(this.#namespace, runId, subject)
    return sent === undefined ? held : [...held, sent]
  }
}

function newestOf(held: readonly HeldRevision[]): HeldRevision | undefined {
  return held.toSorted((a, b) => b.revision - a.revision)[0]
}

function nextAfter(newest: HeldRevision | undefined): number {
  return (newest?.revision ?? -1) + 1
}
