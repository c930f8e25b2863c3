/**
 * The flags about an OTLP/HTTP target: what they say and how the command line spells them.
 */

/** What flags may say; each goes before the environment. */
export interface OtlpFlags {
  /** `http(s)://…`; `/v1/traces` is added unless it is there. */
  readonly endpoint?: string | undefined
  /** `key=value` each; the value is taken as it is. */
  readonly headers?: readonly string[] | undefined
  /** How long one request may take from connecting to the end of the answer, in ms; default 10,000. */
  readonly timeoutMs?: number | string | undefined
  /** `gzip` or `none` (default). */
  readonly compression?: string | undefined
  /** `http/protobuf` (default) or `http/json`. */
  readonly protocol?: string | undefined
  /** The file of the authority to trust, PEM. */
  readonly certificate?: string | undefined
  /** The file of one's own certificate, PEM. */
  readonly clientCertificate?: string | undefined
  /** The file of its key, PEM. */
  readonly clientKey?: string | undefined
  /** The most bytes of one request before compression; default 4,000,000. */
  readonly maxRequestBytes?: number | string | undefined
  /** How many requests may be under way at once; default 4. */
  readonly concurrency?: number | string | undefined
  /** For how long a failed request is tried again, in ms; 0 is never; default 10,000. */
  readonly retryForMs?: number | string | undefined
}

/** How the flags of an OTLP target are spelled on the command line. */
export const FLAGS = {
  endpoint: '--to',
  headers: '--header',
  timeoutMs: '--timeout',
  compression: '--compression',
  protocol: '--protocol',
  certificate: '--certificate',
  clientCertificate: '--client-certificate',
  clientKey: '--client-key',
  maxRequestBytes: '--max-request-bytes',
  concurrency: '--concurrency',
  retryForMs: '--retry-for',
} as const satisfies { readonly [name in keyof Required<OtlpFlags>]: string }
