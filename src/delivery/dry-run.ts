/**
 * A delivery that delivers nothing: it says what would be sent.
 *
 * What the real place holds already counts as present, where that place can tell.
 */
import { type PageSubject, sentPage, type TracePage } from '../mapping/page.js'
import type { Delivery, HeldRevision, PageOutcome } from './delivery.js'

/**
 * A stand-in for a delivery. Its outcomes say `delivered` for what would be sent.
 *
 * @example
 * await exportRuns({ source, selection: {}, delivery: new DryRun(delivery) })
 */
export class DryRun implements Delivery {
  readonly location: string
  readonly #delivery: Delivery

  constructor(delivery: Delivery) {
    this.location = delivery.location
    this.#delivery = delivery
  }

  async *send(pages: AsyncIterable<TracePage>): AsyncGenerator<PageOutcome> {
    for await (const page of pages) {
      const delivered = await this.lacking(page)
      const sent = sentPage(page)
      yield { page: sent, delivered, present: sent.spans - delivered, rejected: 0, unsent: 0 }
    }
  }

  held(namespace: string, runId: string, subject?: PageSubject): Promise<readonly HeldRevision[]> {
    return this.#delivery.held(namespace, runId, subject)
  }

  lacking(page: TracePage): Promise<number> {
    return this.#delivery.lacking(page)
  }

  close(): Promise<void> {
    return this.#delivery.close()
  }
}
