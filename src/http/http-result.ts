/**
 * What may come of an HTTP request.
 *
 * The network is never an exception: that nobody answers is a result like any other.
 */
import type { IncomingHttpHeaders } from 'node:http'

/** Somebody answered, whatever it was. */
export interface HttpAnswer {
  readonly kind: 'answered'
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Unpacked where it came in gzip; at most as many bytes as the request allows. */
  readonly body: Uint8Array
  /** Whether there was more than the request allows, so that the body is a part or nothing. */
  readonly isCutOff: boolean
}

/** No whole answer came. */
export interface NoAnswer {
  readonly kind: 'unreachable'
  /** Why, and what mends it where that is known; without secrets. */
  readonly reason: string
  /** Whether the same request may go through a moment later. */
  readonly mayPass: boolean
  /** There was a connection, so that the request went out, or a part of it, in any of its tries. */
  readonly isSent?: true
}

/** What came of a request. */
export type HttpResult = HttpAnswer | NoAnswer
