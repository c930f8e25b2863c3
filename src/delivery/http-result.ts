/**
 * What may come of an HTTP request, and the contract of what sends one.
 *
 * The network is never an exception: that nobody answers is a result like any other.
 */
import type { IncomingHttpHeaders } from 'node:http'

/** Somebody answered, whatever it was. */
export interface HttpAnswer {
  readonly kind: 'answered'
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** At most its first 1,000,000 bytes. */
  readonly body: Uint8Array
}

/** No whole answer came. */
export interface NoAnswer {
  readonly kind: 'unreachable'
  /** Why, and what mends it where that is known; without secrets. */
  readonly reason: string
  /** Whether the same request may go through a moment later. */
  readonly mayPass: boolean
}

/** What came of a request. */
export type HttpResult = HttpAnswer | NoAnswer

/** Something that sends a body to one place. */
export interface HttpTransport {
  /** Sends a body, uncompressed as given, and waits for the whole answer. */
  post(body: Uint8Array): Promise<HttpResult>
  /** Lets go of idle connections. */
  close(): void
}
