/**
 * Whether anybody is there, as far as one stream of requests to an OTLP receiver can tell.
 *
 * That one request got no answer does not tell: it may be about what is in it. So an empty one asks.
 *
 * Source: the OTLP specification 1.x, "OTLP/HTTP Response", "Full Success": a server should answer a
 * request without any telemetry data with success. Any answer at all will do here.
 */
import type { HttpClient } from '../http/http-client.js'
import { otlpRequest } from './otlp-request.js'
import type { OtlpSettings } from './otlp-settings.js'
import { spanEncoding } from './span-encoding.js'

/** After so many runs in a row that got no answer alone, it is no longer taken to be about them. */
const UNANSWERED_UNTIL = 10

/** What one stream knows about who is there. */
export class Presence {
  readonly #settings: OtlpSettings
  readonly #client: HttpClient
  #answers = 0
  #unansweredInARow = 0
  #lost: string | undefined

  /**
   * @param client Tries again what may pass: who died of a request may be back in a moment.
   * @example
   * const presence = new Presence(settings, client)
   * // ... a request that gets no answer ...
   * if (!(await presence.isConfirmed())) presence.lose('no answer within 10000 ms')
   */
  constructor(settings: OtlpSettings, client: HttpClient) {
    this.#settings = settings
    this.#client = client
  }

  /** Whether anybody ever answered. */
  get isAnswered(): boolean {
    return this.#answers > 0
  }

  /** Why nobody is there; from then on nothing is to be sent. */
  get lost(): string | undefined {
    return this.#lost
  }

  /** Takes note of an answer to a request with spans. */
  answered(): void {
    this.#answers++
    this.#unansweredInARow = 0
  }

  /** Nobody is there; the first reason stays. */
  lose(reason: string): void {
    this.#lost ??= reason
  }

  /** Asks whether anybody is there now; an answer to anything else that comes meanwhile says so too. */
  async isConfirmed(): Promise<boolean> {
    const answers = this.#answers
    const { encoding } = this.#settings
    const nothing = spanEncoding(encoding).join([])
    const result = await this.#client.send(await otlpRequest(this.#settings, nothing))
    if (result.kind === 'answered') this.#answers++
    return this.#answers > answers
  }

  /** Takes note of a run that got no answer alone; of very many in a row they are not the reason. */
  unansweredAlone(reason: string): void {
    this.#unansweredInARow++
    if (this.#unansweredInARow >= UNANSWERED_UNTIL) this.lose(reason)
  }
}
