/**
 * The flags about an OTLP/HTTP target: what they say and how the command line spells them.
 */

import { HTTP_FLAGS, type HttpFlags } from '../http/http-flags.js'

/**
 * What flags may say; each goes before the environment. A request may take 10,000 ms unless
 * `timeoutMs` says otherwise, and is tried again for 10,000 ms unless `retryForMs` does.
 */
export interface OtlpFlags extends HttpFlags {
  /** `http(s)://…`; `/v1/traces` is added unless it is there. */
  readonly endpoint?: string | undefined
  /** `gzip` or `none` (default). */
  readonly compression?: string | undefined
  /** `http/protobuf` (default) or `http/json`. */
  readonly protocol?: string | undefined
  /** The most bytes of one request before compression; default 4,000,000. */
  readonly maxRequestBytes?: number | string | undefined
  /** How many requests may be under way at once; default 4. */
  readonly concurrency?: number | string | undefined
  /** How many traces are sent in a second at most; default 500. */
  readonly maxTracesPerSecond?: number | string | undefined
}

/** How the flags of an OTLP target are spelled on the command line. */
export const FLAGS = {
  ...HTTP_FLAGS,
  endpoint: '--to',
  compression: '--compression',
  protocol: '--protocol',
  maxRequestBytes: '--max-request-bytes',
  concurrency: '--concurrency',
  maxTracesPerSecond: '--max-traces-per-second',
} as const satisfies { readonly [name in keyof Required<OtlpFlags>]: string }
