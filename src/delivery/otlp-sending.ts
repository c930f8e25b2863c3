/**
 * One stream of requests to an OTLP receiver: what is done about each answer.
 *
 * A request that is refused is divided, so that what the receiver cannot take costs nothing beside
 * it: between its pages, and where it is too large also between the spans of a page. So is one that
 * got no answer while somebody is there. Every span is settled once; none is sent twice unless the
 * request that it was in was refused, taken in part, or not answered.
 */
import type { HttpClient } from '../http/http-client.js'
import { mayPass } from '../http/retry.js'
import type { TracePage } from '../mapping/page.js'
import { DoubtfulRefusals, ofPlace, unansweredAlone } from './doubtful-refusals.js'
import { otlpRequest } from './otlp-request.js'
import type { OtlpSettings } from './otlp-settings.js'
import { type Verdict, verdictOn } from './otlp-verdict.js'
import type { PartOutcome } from './page-progress.js'
import { Presence } from './presence.js'
import type { RequestLimit } from './request-limit.js'
import type { PackedRequest, Share } from './request-packer.js'

/** Whom a stream talks to. */
export interface Receiver {
  readonly settings: OtlpSettings
  /** How large its requests may be; what one stream learns helps the next. */
  readonly limit: RequestLimit
  /** Sends a request and tries it again while that may help. */
  readonly patiently: HttpClient
  /** Sends a request once. */
  readonly once: HttpClient
  /** Once it comes, no request begins. */
  readonly signal: AbortSignal | undefined
}

/** After so many refusals in a row, and nothing accepted, no request is divided any more. */
const DIVIDED_UNTIL = 20
/** After so many, nothing is sent any more: it is the receiver's affair. */
const SENT_UNTIL = 40

type Failure = Extract<Verdict, { kind: 'failed' }>
type Acceptance = Extract<Verdict, { kind: 'accepted' }>

/** What one stream of pages has learnt about the receiver, and what it does with that. */
export class OtlpSending {
  /** Requests that came of others and are to be delivered too. */
  readonly more: PackedRequest[] = []
  readonly #receiver: Receiver
  readonly #presence: Presence
  readonly #doubtful = new DoubtfulRefusals()
  /** How many refusals there were since anything was accepted. */
  #refusedInARow = 0
  /** Whether trying again was of no use; then each request is tried once, until one gets through. */
  #isImpatient = false

  constructor(receiver: Receiver) {
    this.#receiver = receiver
    this.#presence = new Presence(receiver.settings, receiver.patiently)
  }

  /** Whether anybody answered. Until then one request is under way: that nobody is there is found out once. */
  get isAnswered(): boolean {
    return this.#presence.isAnswered
  }

  /** Takes note of a page that is to be sent. */
  seen(page: TracePage): void {
    this.#doubtful.seen(page)
  }

  /** Sends a request, or its parts where that is of use. */
  async deliver(request: PackedRequest): Promise<void> {
    await this.#deliver(request, false)
  }

  /** Nothing more comes: settles what is not settled yet. */
  end(): void {
    this.#doubtful.end()
  }

  /** Says whether every span of it was taken, as far as their size goes. */
  async #deliver(request: PackedRequest, isOnce: boolean): Promise<boolean> {
    const { limit } = this.#receiver
    const ahead = request.bytes > limit.now ? request.smaller() : []
    if (ahead.length > 0) return this.#deliverEach(ahead, isOnce)
    const verdict = await this.#verdictOn(request, isOnce)
    if (verdict.kind === 'accepted') {
      this.#accept(request, verdict)
      return true
    }
    if (verdict.isUnanswered) {
      const isOver = this.#receiver.signal?.aborted ?? false
      if (!isOver && (await this.#presence.isConfirmed())) await this.#sendApart(request, verdict)
      else this.#lose(request, verdict)
      return false
    }
    const parts = this.#partsToTry(request, verdict)
    if (parts.length === 0) {
      this.#refuse(request, verdict)
      return false
    }
    const areTaken = await this.#deliverEach(parts, isOnce)
    if (areTaken && verdict.isTooLarge) limit.refused(request.bytes)
    return areTaken
  }

  async #deliverEach(requests: readonly PackedRequest[], isOnce: boolean): Promise<boolean> {
    let areTaken = true
    for (const request of requests) areTaken = (await this.#deliver(request, isOnce)) && areTaken
    return areTaken
  }

  async #verdictOn(request: PackedRequest, isOnce: boolean): Promise<Verdict> {
    const { settings, once, patiently, signal } = this.#receiver
    if (signal?.aborted) {
      const message = `${settings.location}: told to stop before this was sent`
      return { kind: 'failed', problem: { kind: 'stopped', message } }
    }
    const { lost } = this.#presence
    if (lost !== undefined) {
      const message = `${lost}; not tried again for the rest`
      return { kind: 'failed', problem: { kind: 'unreachable', message } }
    }
    if (this.#refusedInARow >= SENT_UNTIL) {
      const message = `${settings.location} refused ${SENT_UNTIL} requests in a row; it was not asked for the rest`
      return { kind: 'failed', problem: { kind: 'rejected', message, isPlace: true } }
    }
    const client = isOnce || this.#isImpatient ? once : patiently
    const result = await client.send(await otlpRequest(settings, request.body()))
    const verdict = verdictOn(result, settings)
    if (result.kind === 'answered') this.#presence.answered()
    this.#isImpatient = mayPass(result) && !(verdict.kind === 'failed' && verdict.isUnanswered)
    if (verdict.kind === 'accepted') return this.#unlessAllRejected(verdict, request)
    if (result.kind === 'unreachable' && !verdict.isUnanswered) {
      this.#presence.lose(verdict.problem.message)
    }
    return verdict
  }

  /** Who rejects every span accepted nothing. */
  #unlessAllRejected(verdict: Acceptance, { shares }: PackedRequest): Verdict {
    const spans = spansIn(shares)
    if (verdict.rejectedSpans < spans) return verdict
    const message = `${this.#receiver.settings.location} rejected all ${spans} spans${said(verdict)}`
    return { kind: 'failed', problem: { kind: 'rejected', message } }
  }

  #accept(request: PackedRequest, verdict: Acceptance): void {
    const { limit, settings } = this.#receiver
    this.#refusedInARow = 0
    limit.taken(request.bytes)
    this.#doubtful.accepted()
    const [first, ...others] = request.shares
    if (verdict.rejectedSpans === 0) {
      const remark = `${settings.location} accepted the spans and remarked${said(verdict)}`
      const warning = verdict.words === '' ? {} : { warning: remark }
      for (const { progress, spans } of request.shares) {
        progress.settle({ delivered: spans, ...warning })
      }
    } else if (others.length > 0) {
      // It does not say whose spans it rejected; of each page alone it does.
      this.more.push(...request.apart())
    } else if (first !== undefined) {
      first.progress.settle(takenInPart(first, verdict, settings.location))
    }
  }

  /** Nobody is there: what got no answer is not sent. */
  #lose({ shares }: PackedRequest, { problem }: Failure): void {
    this.#presence.lose(problem.message)
    for (const { progress, spans } of shares) progress.settle({ unsent: spans, problem })
  }

  /**
   * Somebody is there: so it may be about one of its runs, which is found by sending each alone, and
   * one after the other, because a server that dies of one gives no answer to those beside it either.
   */
  async #sendApart(request: PackedRequest, { problem }: Failure): Promise<void> {
    const [first, ...others] = request.shares
    if (others.length > 0) {
      await this.#deliverEach(request.apart(), true)
    } else if (first !== undefined) {
      this.#presence.unansweredAlone(problem.message)
      this.#doubtful.add(unansweredAlone(first.progress, first.spans, problem.message))
    }
  }

  /** The parts of a refused request that are to be sent; none where it is not to be divided. */
  #partsToTry(request: PackedRequest, { problem, isTooLarge }: Failure): readonly PackedRequest[] {
    if (problem.kind !== 'rejected' || problem.isPlace) return []
    if (this.#refusedInARow >= DIVIDED_UNTIL) return []
    return isTooLarge ? request.smaller() : request.halves()
  }

  #refuse({ shares, bytes }: PackedRequest, failure: Failure): void {
    const { problem, isTooLarge, isServerError } = failure
    const [first, ...others] = shares
    if (problem.kind !== 'rejected' || problem.isPlace) {
      const fate = problem.kind === 'rejected' ? 'rejected' : 'unsent'
      for (const { progress, spans } of shares) progress.settle({ [fate]: spans, problem })
      return
    }
    this.#refusedInARow++
    const isOneSpan = spansIn(shares) === 1
    const message =
      isTooLarge && isOneSpan ? `${problem.message} even to a single span` : problem.message
    if (others.length > 0) {
      for (const { progress, spans } of shares) progress.settle(ofPlace(spans, message))
    } else if (first !== undefined) {
      const { progress, spans } = first
      const theirs = isTooLarge
        ? leftOut(first, bytes, problem.message)
        : { rejected: spans, problem }
      if (isTooLarge || isServerError) {
        const place = ofPlace(spans, message)
        this.#doubtful.add({ progress, theirs, ofPlace: place, ofOnlyRun: theirs })
      } else progress.settle(theirs)
    }
  }
}

function spansIn(shares: readonly Share[]): number {
  return shares.reduce((sum, { spans }) => sum + spans, 0)
}

function said({ words }: Acceptance): string {
  return words === '' ? '' : `: ${JSON.stringify(words)}`
}

function takenInPart({ spans }: Share, verdict: Acceptance, location: string): PartOutcome {
  const { rejectedSpans: rejected } = verdict
  const message = `${location} rejected ${rejected} of ${spans} spans${said(verdict)}; it does not say which ones`
  return { delivered: spans - rejected, rejected, problem: { kind: 'rejected', message } }
}

/** What becomes of spans that are too large for the receiver and are not divided further. */
function leftOut(share: Share, bytes: number, message: string): PartOutcome {
  const { progress, spans } = share
  const { runId } = progress.page
  const span = spans === 1 ? share.first() : undefined
  const what =
    span === undefined
      ? `${spans} spans of run ${runId} have ${bytes} bytes and were not sent one by one, because none beside them was taken`
      : `span "${span.name}" (${span.spanId}) of run ${runId} has ${bytes} bytes and was not taken even alone`
  return { unsent: spans, problem: { kind: 'too_large', message: `${what}: ${message}` } }
}
