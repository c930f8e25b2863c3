/**
 * Trying again: a client around another one.
 *
 * Tried again are answers 429, 502, 503 and 504, and connections that failed in a way that may
 * pass. Source: the OTLP specification 1.x, "OTLP/HTTP Response", "Failures", and "All Other
 * Responses". Any other answer stands. `Retry-After` is obeyed; where it asks for longer than there
 * is time, the answer stands.
 */
import { setTimeout as realSleep } from 'node:timers/promises'
import type { HttpClient } from './http-client.js'
import type { HttpResult } from './http-result.js'

/** How to try again. */
export interface RetryOptions {
  /** How long after the first try another may begin, in ms; 0 is never. */
  readonly retryForMs: number
  /** Told before each wait: `answered 503; trying again in 2 s`. */
  readonly onRetry?: ((message: string) => void) | undefined
  /** The time, in ms since 1970. */
  readonly now?: () => number
  /** From 0 up to 1, for the jitter. */
  readonly random?: () => number
  /** Waits, and no longer once the signal comes. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>
  /** Ends a wait, and no other begins: the result that there is stands. */
  readonly signal?: AbortSignal | undefined
  /** Does the same, for one to whom `signal` says more than that. */
  readonly tryOnce?: AbortSignal | undefined
}

const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 8000
/** A wait is changed by up to this share, so that many clients do not come back at once. */
const JITTER = 0.2

const STATUS_TO_TRY_AGAIN = [429, 502, 503, 504]

/**
 * Wraps a client so that what may pass is tried again, with waits that double.
 *
 * @example
 * withRetry(openHttpClient(settings), { retryForMs: 10_000, onRetry: console.error })
 */
export function withRetry(client: HttpClient, options: RetryOptions): HttpClient {
  const { retryForMs, onRetry, now = Date.now, random = Math.random, sleep = rest } = options
  const over = AbortSignal.any([options.signal, options.tryOnce].filter((one) => one !== undefined))
  const closing = new AbortController()
  const ending = AbortSignal.any([closing.signal, over])
  return {
    async send(request) {
      const latest = now() + retryForMs
      let isSent = false
      for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
        const result = withSent(await client.send(request), isSent)
        isSent ||= result.kind === 'unreachable' && result.isSent === true
        if (!mayPass(result) || over.aborted) return result
        const jittered = wait * (1 + JITTER * (2 * random() - 1))
        const ms = Math.round(retryAfterMs(result, now()) ?? jittered)
        if (now() + ms > latest) return result
        const what = result.kind === 'answered' ? `answered ${result.status}` : result.reason
        onRetry?.(`${what}; trying again in ${seconds(ms)}`)
        await sleep(ms, ending)
        if (over.aborted) return result
      }
    },
    close() {
      closing.abort()
      client.close()
    },
  }
}

/** A request that went out in any of its tries has gone out, also where the last found nobody. */
function withSent(result: HttpResult, isSent: boolean): HttpResult {
  return isSent && result.kind === 'unreachable' ? { ...result, isSent } : result
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await realSleep(ms, undefined, { signal }).catch(() => {})
}

/**
 * Whether the same request may go through a moment later.
 *
 * @example
 * mayPass({ kind: 'answered', status: 503, headers: {}, body, isCutOff: false }) // true
 */
export function mayPass(result: HttpResult): boolean {
  return result.kind === 'answered' ? STATUS_TO_TRY_AGAIN.includes(result.status) : result.mayPass
}

/** How long the server asks to wait; `undefined` where it says nothing, or nothing that is ahead. */
function retryAfterMs(result: HttpResult, now: number): number | undefined {
  const text = result.kind === 'answered' ? result.headers['retry-after'] : undefined
  if (text === undefined) return undefined
  const ms = /^\s*\d+\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return ms > 0 ? ms : undefined
}

function seconds(ms: number): string {
  return `${Math.max(0.1, Math.round(ms / 100) / 10)} s`
}
