/**
 * What a connection to one place needs, whatever is said over it. It is read from flags and the
 * environment by the room that knows which of them are about that place.
 */
import type { Headers } from './headers.js'
import { HTTP_FLAGS, type HttpFlags } from './http-flags.js'
import { type Setting, settingOfFlag, wholeNumber } from './setting.js'
import type { TlsSettings } from './tls-settings.js'

/** Everything that a client needs to know about the place that it talks to. Holds secrets. */
export interface HttpSettings {
  /** The place, without user and password. */
  readonly url: URL
  /** The place as messages name it; never holds a secret. */
  readonly location: string
  /** Names in lower case; with `user-agent`, and `authorization` where the URL had a user. */
  readonly headers: Headers
  /** How long one exchange may take from connecting to the end of the answer, in ms. */
  readonly timeoutMs: number
  readonly tls: TlsSettings
  /** How many connections there are at most. */
  readonly concurrency: number
  /** For how long a failed request is tried again, in ms; 0 is never. */
  readonly retryForMs: number
}

const LONGEST_MS = 2 ** 31 - 1

/**
 * The limit of one exchange, in ms.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` where it is no number of milliseconds.
 * @example
 * timeoutMsOf(settingOfFlag('500', '--timeout'), 30_000) // 500
 */
export function timeoutMsOf(setting: Setting | undefined, otherwise: number): number {
  return wholeNumber(setting, { what: 'milliseconds', least: 1, most: LONGEST_MS, otherwise })
}

/**
 * For how long a failed request is tried again, in ms; 10,000 where the flag does not say.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` where it is no number of milliseconds.
 * @example
 * retryForMsOf({ retryForMs: '0' }) // 0
 */
export function retryForMsOf({ retryForMs }: HttpFlags): number {
  const setting = settingOfFlag(retryForMs, HTTP_FLAGS.retryForMs)
  const range = { what: 'milliseconds', least: 0, most: LONGEST_MS, otherwise: 10_000 }
  return wholeNumber(setting, range)
}
