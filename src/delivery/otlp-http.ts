/**
 * Delivery to an OTLP/HTTP receiver: a collector, Jaeger, Tempo, or a vendor's endpoint.
 *
 * A receiver that accepts a request in part does not say which spans it rejected. So the pages of
 * that request are filled with the rejected count in their order, first page first, and every one of
 * them gets a problem: the counts add up over the request, and no page passes for delivered.
 *
 * Delivered here means that the receiver said so. Some lose spans that they accepted; only reading
 * back shows that.
 */
import { type HttpClient, openHttpClient } from '../http/http-client.js'
import type { Remedies } from '../http/no-answer.js'
import { mayPass, type RetryOptions, withRetry } from '../http/retry.js'
import type { TracePage } from '../mapping/page.js'
import type { Delivery, HeldRevision, PageOutcome } from './delivery.js'
import { FLAGS } from './otlp-flags.js'
import { otlpRequest } from './otlp-request.js'
import type { OtlpSettings } from './otlp-settings.js'
import { type Verdict, verdictOn } from './otlp-verdict.js'
import { type PackedRequest, packer, type Share } from './request-packer.js'

/**
 * What a delivery tells on the way, and its clock. Once its `signal` comes, no further request begins
 * and none is tried again: those that are under way are finished, and the spans of the others are unsent.
 */
export type OtlpHttpOptions = Omit<RetryOptions, 'retryForMs'>

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

/** So many single pages refused in a row, and none accepted, are the receiver's affair, not theirs. */
const REFUSED_IN_A_ROW = 20

/** What one stream of pages has learnt about the receiver. */
interface Sending {
  /** How many pages were refused alone since anything was accepted. */
  refusedAlone: number
  /** Whether anybody answered. Until then one request is under way: that nobody is there is found out once. */
  answered: boolean
  /** Why nobody was reached; from then on nothing is tried. */
  lost?: string
  /** Whether trying again was of no use; then every request is tried once, until one gets through. */
  impatient: boolean
}

class OtlpHttp implements Delivery {
  readonly location: string
  readonly #settings: OtlpSettings
  readonly #once: HttpClient
  readonly #patiently: HttpClient
  readonly #underWay = new Set<Promise<void>>()
  readonly #signal: AbortSignal | undefined

  constructor(settings: OtlpSettings, options: OtlpHttpOptions) {
    const { location, retryForMs } = settings
    this.location = location
    this.#signal = options.signal
    this.#settings = settings
    this.#once = openHttpClient(settings, REMEDIES)
    this.#patiently = withRetry(this.#once, {
      ...options,
      retryForMs,
      onRetry: (message) => options.onRetry?.(`${location}: ${message}`),
    })
  }

  async *send(pages: AsyncIterable<TracePage>): AsyncGenerator<PageOutcome> {
    const { encoding, maxRequestBytes, concurrency } = this.#settings
    const outcomes: PageOutcome[] = []
    const requests = packer(encoding, maxRequestBytes, (outcome) => outcomes.push(outcome))
    const sending: Sending = { refusedAlone: 0, answered: false, impatient: false }
    const underWay = new Set<Promise<void>>()
    const start = async (request: PackedRequest) => {
      const done = this.#deliver(request, sending).finally(() => {
        underWay.delete(done)
        this.#underWay.delete(done)
      })
      underWay.add(done)
      this.#underWay.add(done)
      if (!sending.answered || underWay.size >= concurrency) await Promise.race(underWay)
    }

    let brokenOff: { readonly error: unknown } | undefined
    try {
      for await (const page of pages) {
        for (const request of requests.add(page)) await start(request)
        yield* outcomes.splice(0)
      }
    } catch (error) {
      brokenOff = { error }
    } finally {
      for (const request of requests.rest()) await start(request)
      await Promise.all(underWay)
    }
    yield* outcomes
    if (brokenOff !== undefined) throw brokenOff.error
  }

  async held(): Promise<readonly HeldRevision[]> {
    return []
  }

  async lacking(page: TracePage): Promise<number> {
    return page.trace.spans.length
  }

  async close(): Promise<void> {
    await Promise.all(this.#underWay)
    this.#once.close()
  }

  async #deliver(request: PackedRequest, sending: Sending): Promise<void> {
    const verdict = await this.#post(request, sending)
    if (verdict.kind === 'accepted') {
      sending.refusedAlone = 0
      share(request.shares, verdict, this.location)
    } else {
      const { problem } = verdict
      // One run that the receiver cannot take must not cost those that share its request.
      const halves =
        problem.kind === 'rejected' && !problem.isPlace ? halvesOf(request, sending) : []
      for (const half of halves) await this.#deliver(half, sending)
      if (halves.length > 0) return
      for (const { progress, spans } of request.shares) {
        progress.settle({ [problem.kind === 'rejected' ? 'rejected' : 'unsent']: spans, problem })
      }
    }
  }

  async #post(request: PackedRequest, sending: Sending): Promise<Verdict> {
    if (this.#signal?.aborted) {
      const message = `${this.location}: told to stop before this was sent`
      return { kind: 'failed', problem: { kind: 'stopped', message } }
    }
    if (sending.lost !== undefined) {
      const message = `${sending.lost}; not tried again for the rest`
      return { kind: 'failed', problem: { kind: 'unreachable', message } }
    }
    const client = sending.impatient ? this.#once : this.#patiently
    const result = await client.send(await otlpRequest(this.#settings, request.body()))
    const verdict = verdictOn(result, this.#settings, request.bytes)
    sending.answered ||= result.kind === 'answered'
    sending.impatient = mayPass(result)
    if (verdict.kind === 'failed' && verdict.problem.kind === 'unreachable') {
      sending.lost ??= verdict.problem.message
    }
    return verdict
  }
}

/** The parts of a refused request that are to be tried; none where trying was of no use. */
function halvesOf(request: PackedRequest, sending: Sending): readonly PackedRequest[] {
  const halves = request.halves()
  if (halves.length === 0) sending.refusedAlone++
  return sending.refusedAlone < REFUSED_IN_A_ROW ? halves : []
}

/** Spreads the rejected spans of a request over its pages, the first page first. */
function share(
  shares: readonly Share[],
  { rejectedSpans, words }: Extract<Verdict, { kind: 'accepted' }>,
  location: string,
): void {
  const said = words === '' ? '' : `: ${JSON.stringify(words)}`
  if (rejectedSpans === 0) {
    for (const { progress, spans } of shares) {
      const warning = `${location} accepted the spans and remarked${said}`
      progress.settle({ delivered: spans, ...(said !== '' && { warning }) })
    }
    return
  }
  const all = shares.reduce((sum, { spans }) => sum + spans, 0)
  const pages =
    shares.length === 1
      ? ''
      : `, and which of the ${shares.length} pages in the request they are from`
  const message =
    `${location} rejected ${rejectedSpans} of ${all} spans${said}; ` +
    `it does not say which ones${pages}`
  let left = rejectedSpans
  for (const { progress, spans } of shares) {
    const rejected = Math.min(left, spans)
    left -= rejected
    // Whose spans they are is not known, so it speaks against none of several.
    const isShared = shares.length > 1
    const problem = {
      kind: 'rejected',
      message,
      ...(isShared && { isPlace: true as const, isShared: true as const }),
    } as const
    progress.settle({ delivered: spans - rejected, rejected, problem })
  }
}
