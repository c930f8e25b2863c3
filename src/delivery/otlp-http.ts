/**
 * Delivery to an OTLP/HTTP receiver: a collector, Jaeger, Tempo, or a vendor's endpoint.
 *
 * Delivered here means that the receiver said so. Some lose spans that they accepted; only reading
 * back shows that.
 */
import { openHttpClient } from '../http/http-client.js'
import type { Remedies } from '../http/no-answer.js'
import { type RetryOptions, withRetry } from '../http/retry.js'
import { type SpanEncodingName, sentPage, type TracePage } from '../mapping/page.js'
import type { Delivery, HeldRevision, PageOutcome } from './delivery.js'
import { FLAGS } from './otlp-flags.js'
import { OtlpSending, type Receiver } from './otlp-sending.js'
import type { OtlpSettings } from './otlp-settings.js'
import { RequestLimit } from './request-limit.js'
import { type PackedRequest, packer } from './request-packer.js'

/**
 * What a delivery tells on the way, and its clock. Once its `signal` comes, no further request begins
 * and none is tried again: those that are under way are finished, and the spans of the others are unsent.
 */
export interface OtlpHttpOptions extends Omit<RetryOptions, 'retryForMs'> {
  /** Told what the place was found to be like, one sentence each, when it is known. */
  readonly notice?: ((message: string) => void) | undefined
}

/**
 * Opens a delivery. No connection is made before the first page.
 *
 * @example
 * const delivery = openOtlpHttp(settings, { onRetry: console.error })
 * for await (const { page, delivered, problem } of delivery.send(pages)) {
 *   console.log(page.runId, delivered, problem?.message)
 * }
 * await delivery.close()
 */
export function openOtlpHttp(settings: OtlpSettings, options: OtlpHttpOptions = {}): Delivery {
  return new OtlpHttp(settings, options)
}

const REMEDIES: Remedies = {
  certificate: `${FLAGS.certificate} (OTEL_EXPORTER_OTLP_CERTIFICATE)`,
  largeRequest: `${FLAGS.maxRequestBytes} makes them smaller`,
  port: 'OTLP over HTTP is usually on port 4318, gRPC on 4317',
}

class OtlpHttp implements Delivery {
  readonly location: string
  readonly encoding: SpanEncodingName
  readonly #settings: OtlpSettings
  readonly #receiver: Receiver
  readonly #notice: (message: string) => void
  readonly #underWay = new Set<Promise<void>>()

  constructor(settings: OtlpSettings, options: OtlpHttpOptions) {
    const { location, retryForMs } = settings
    this.location = location
    this.encoding = settings.encoding
    this.#settings = settings
    const once = openHttpClient(settings, REMEDIES)
    const patiently = withRetry(once, {
      ...options,
      retryForMs,
      onRetry: (message) => options.onRetry?.(`${location}: ${message}`),
    })
    this.#receiver = {
      settings,
      limit: new RequestLimit(settings.maxRequestBytes),
      once,
      patiently,
      signal: options.signal,
    }
    this.#notice = (message) => options.notice?.(`${location}: ${message}`)
  }

  async *send(pages: AsyncIterable<TracePage>): AsyncGenerator<PageOutcome> {
    const { encoding, concurrency } = this.#settings
    const { limit } = this.#receiver
    const outcomes: PageOutcome[] = []
    const requests = packer(encoding, limit, (outcome) => outcomes.push(outcome))
    const sending = new OtlpSending(this.#receiver)
    const underWay = new Set<Promise<void>>()
    const start = async (request: PackedRequest) => {
      const done = sending.deliver(request).finally(() => {
        underWay.delete(done)
        this.#underWay.delete(done)
      })
      underWay.add(done)
      this.#underWay.add(done)
      if (!sending.isAnswered || underWay.size >= concurrency) await Promise.race(underWay)
    }
    const startMore = async () => {
      for (const request of sending.more.splice(0)) await start(request)
    }

    let brokenOff: { readonly error: unknown } | undefined
    try {
      for await (const page of pages) {
        sending.seen(page)
        for (const request of requests.add(page)) await start(request)
        await startMore()
        yield* outcomes.splice(0)
      }
    } catch (error) {
      brokenOff = { error }
    } finally {
      for (const request of requests.rest()) await start(request)
      do {
        await startMore()
        await Promise.all(underWay)
      } while (sending.more.length > 0)
      sending.end()
      const news = limit.news()
      if (news !== undefined) this.#notice(news)
    }
    yield* outcomes
    if (brokenOff !== undefined) throw brokenOff.error
  }

  async held(): Promise<readonly HeldRevision[]> {
    return []
  }

  async lacking(page: TracePage): Promise<number> {
    return sentPage(page).spans
  }

  async close(): Promise<void> {
    await Promise.all(this.#underWay)
    this.#receiver.once.close()
  }
}
