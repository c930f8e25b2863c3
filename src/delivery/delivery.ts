/**
 * The contract of a delivery: a place that traces are sent to.
 *
 * 1. Every page that goes in comes out as exactly one outcome, in any order.
 * 2. The spans of an outcome add up: delivered + rejected + unsent + present = the page's spans.
 * 3. Delivered means that the place said so. What was accepted in part is not delivered.
 * 4. It pulls pages only as fast as it gets rid of them.
 * 5. Where the pages break off with an error, those that came before still get their outcomes; then
 *    the error comes through.
 */
import type { PageSubject, SentPage, SpanEncodingName, TracePage } from '../mapping/page.js'

/** What became of the spans of one page. */
export interface PageOutcome {
  readonly page: SentPage
  /** Spans that the place accepted now. */
  readonly delivered: number
  /** Spans that were in the place already and did not need sending. */
  readonly present: number
  /** Spans that the place refused. */
  readonly rejected: number
  /** Spans that never reached the place. */
  readonly unsent: number
  /** Why anything was rejected or unsent; absent when all went well. */
  readonly problem?: DeliveryProblem
  /** What the place remarked although it accepted everything; no reason to send again. */
  readonly warning?: string
}

/** Why spans were not delivered. */
export interface DeliveryProblem {
  /**
   * `unreachable`: nobody answered; `rejected`: the place refused, or could not take it (a full
   * disk), or gave no answer to this while it answered others; `too_large`: one span passes the size
   * limit. Where several hold, the first of these.
   * Four say that the spans were not sent now: `stopped`, it was told to stop before; `elsewhere`,
   * another process is sending this journal; `overtaken`, one is sending, or has sent, another journal
   * of this run; `given_up`, the place refused it too often.
   */
  readonly kind:
    | 'unreachable'
    | 'rejected'
    | 'too_large'
    | 'stopped'
    | 'elsewhere'
    | 'overtaken'
    | 'given_up'
  /** What happened and what was expected, without secrets. */
  readonly message: string
  /**
   * Whether the place refused for a reason of its own, such as missing credentials or too much to
   * do, which says nothing against these spans.
   */
  readonly isPlace?: true
}

/** A revision of a run that a place holds already. */
export interface HeldRevision {
  readonly revision: number
  /** The digest of its journal, or of its extra spans. */
  readonly digest: string
  /**
   * Its first page goes out if it is sent now: the place is not known to have taken it, or is to get it
   * again.
   */
  readonly isDue?: true
}

/** A place that traces are sent to. */
export interface Delivery {
  /** The place as messages name it; never holds a secret. */
  readonly location: string
  /**
   * How pages may come encoded, which spares it the work; absent where it wants their spans.
   */
  readonly encoding?: SpanEncodingName
  /** Sends pages as they come and tells what became of each. */
  send(pages: AsyncIterable<TracePage>): AsyncIterable<PageOutcome>
  /**
   * The revisions of a run that the place holds, or was about to be sent; a place that cannot tell has
   * none.
   *
   * @param runId of a load its load_id
   * @param subject what of the run; default its journal
   */
  held(namespace: string, runId: string, subject?: PageSubject): Promise<readonly HeldRevision[]>
  /** How many spans of a page the place lacks, as far as it can tell without being written to. */
  lacking(page: TracePage): Promise<number>
  /** Lets go of the place; what was handed over is finished first. */
  close(): Promise<void>
}
