/**
 * A delivery that remembers: it sends only what its target lacks by the ledger.
 *
 * It keeps the contract of a delivery. What the target accepted comes out as present, without being
 * sent; what another process is sending, and what was refused too often, comes out as unsent with
 * the reason. Everything else goes to the delivery inside.
 */
import type { Delivery, HeldRevision, PageOutcome } from '../../delivery/delivery.js'
import type { Ledger } from '../../ledger/ledger.js'
import {
  type PageSubject,
  type SpanEncodingName,
  sentPage,
  type TracePage,
} from '../../mapping/page.js'
import { LedgerSending, revisionOf } from './ledger-sending.js'
import { nameInLedger } from './page-name.js'

/** How the ledger is used. */
export interface LedgerUse {
  /** Sends also what was accepted already, and what was refused too often. */
  readonly again?: boolean
  /** Looks the ledger up and writes nothing to it; for a delivery inside that sends nothing. */
  readonly isDryRun?: boolean
  /** Told what could not be written to the ledger, one sentence each. */
  readonly notice?: (message: string) => void
}

/**
 * Puts a ledger in front of a delivery. Closing it closes both.
 *
 * @example
 * const ledger = await openLedger('rivet-otel-ledger.db', otlpTargetName(settings))
 * const delivery = withLedger(openOtlpHttp(settings), ledger)
 */
export function withLedger(delivery: Delivery, ledger: Ledger, use: LedgerUse = {}): Delivery {
  return new LedgeredDelivery(delivery, ledger, use)
}

class LedgeredDelivery implements Delivery {
  readonly location: string
  readonly encoding?: SpanEncodingName
  readonly #delivery: Delivery
  readonly #ledger: Ledger
  readonly #use: LedgerUse
  readonly #underWay = new Set<LedgerSending>()

  constructor(delivery: Delivery, ledger: Ledger, use: LedgerUse) {
    this.location = delivery.location
    if (delivery.encoding !== undefined) this.encoding = delivery.encoding
    this.#delivery = delivery
    this.#ledger = ledger
    this.#use = use
  }

  async *send(pages: AsyncIterable<TracePage>): AsyncGenerator<PageOutcome> {
    const sending = new LedgerSending(this.#ledger, this.#use)
    this.#underWay.add(sending)
    const outcomes = this.#delivery.send(sending.pagesToSend(pages))[Symbol.asyncIterator]()
    let next: Promise<IteratorResult<PageOutcome>> | undefined
    try {
      for (;;) {
        next ??= quiet(outcomes.next())
        const result = await Promise.race([next, sending.withheld.filled()])
        const withheld = sending.withheld.take()
        if (withheld.length > 0) {
          yield* withheld
          sending.withheld.done()
        }
        if (result === undefined) continue
        next = undefined
        if (result.done) return
        sending.settle(result.value)
        yield result.value
      }
    } finally {
      await settleTheRest(sending, outcomes, next)
      sending.end()
      this.#underWay.delete(sending)
    }
  }

  async held(
    namespace: string,
    runId: string,
    subject?: PageSubject,
  ): Promise<readonly HeldRevision[]> {
    return this.#ledger
      .held({ namespace, runId: nameInLedger(runId, subject) })
      .map(({ revision, digest, hasFirstPage, isInHand }) => {
        const isLeft = isInHand || (hasFirstPage && this.#use.again !== true)
        return { revision, digest, ...(isLeft ? {} : { isDue: true }) }
      })
  }

  async lacking(page: TracePage): Promise<number> {
    const seen = this.#ledger.look(revisionOf(page), this.#use.again)
    const isPresent =
      seen.kind === 'delivered' || (seen.kind === 'send' && seen.accepted.has(page.page))
    return isPresent ? 0 : sentPage(page).spans
  }

  async close(): Promise<void> {
    try {
      await this.#delivery.close()
    } finally {
      for (const sending of this.#underWay) sending.end()
      this.#ledger.close()
    }
  }
}

/** Nobody wants more outcomes, but what was handed over is sent all the same, and has to be recorded. */
async function settleTheRest(
  sending: LedgerSending,
  outcomes: AsyncIterator<PageOutcome>,
  pending: Promise<IteratorResult<PageOutcome>> | undefined,
): Promise<void> {
  sending.stop()
  try {
    for (let next = pending ?? outcomes.next(); ; next = outcomes.next()) {
      const result = await next
      if (result.done) return
      sending.settle(result.value)
    }
  } catch {
    // Where it broke off, whoever wanted outcomes has the error; else it has no one to go to.
  }
}

/** An error waits in the promise until it is asked for. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
