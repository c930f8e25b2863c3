/** Which revision each page goes out as; a span id never gets a second meaning. */
import type { Delivery, HeldRevision } from '../../delivery/delivery.js'
import { journalDigest } from '../../journal/digest.js'
import type { RunJournal } from '../../journal/run-journal.js'
import type { PageSubject, TracePage } from '../../mapping/page.js'

/** As which revision a journal goes out. */
export interface JournalRevision {
  readonly revision: number
  /** Whether the place holds it already, or was about to be sent it. */
  readonly isHeld: boolean
}

/** The revisions of one export. */
export class Revisions {
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
  async ofJournal(journal: RunJournal): Promise<JournalRevision | undefined> {
    const digest = journalDigest(journal)
    const sent = this.#sent.get(nameOf('journal', journal.run_id))
    if (sent?.digest === digest) return undefined
    return this.#next('journal', journal.run_id, digest)
  }

  /** Whether an export before joined the run to another trace, of which nothing else is known here. */
  async isJoined(runId: string): Promise<boolean> {
    const signposts = await this.#delivery.held(this.#namespace, runId, 'signpost')
    return signposts.length > 0
  }

  /** A page of extra spans as the newest revision of its subject, or as the one after it. */
  async ofBeside(page: TracePage): Promise<TracePage> {
    const { subject = 'journal', runId, digest } = page
    const { revision } = await this.#next(subject, runId, digest)
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

  async #next(subject: PageSubject, runId: string, digest: string): Promise<JournalRevision> {
    const name = nameOf(subject, runId)
    const sent = this.#sent.get(name)
    const held = [...(await this.#delivery.held(this.#namespace, runId, subject))]
    if (sent !== undefined) held.push(sent)
    const newest = held.toSorted((a, b) => b.revision - a.revision)[0]
    const isHeld = newest !== undefined && newest.digest === digest
    const revision = isHeld ? newest.revision : (newest?.revision ?? -1) + 1
    this.#sent.set(name, { revision, digest })
    return { revision, isHeld }
  }
}

function nameOf(subject: PageSubject, runId: string): string {
  return `${subject} ${runId}`
}
