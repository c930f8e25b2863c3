/**
 * The flags about a connection over HTTP: what they say and how the command line spells them.
 */

/** What flags may say about a connection; each goes before the environment. */
export interface HttpFlags {
  /** `name=value` each; the value is taken as it is. */
  readonly headers?: readonly string[] | undefined
  /** How long one request may take from connecting to the end of the answer, in ms. */
  readonly timeoutMs?: number | string | undefined
  /** The file of the authority to trust, PEM. */
  readonly certificate?: string | undefined
  /** The file of one's own certificate, PEM. */
  readonly clientCertificate?: string | undefined
  /** The file of its key, PEM. */
  readonly clientKey?: string | undefined
  /** For how long a failed request is tried again, in ms; 0 is never. */
  readonly retryForMs?: number | string | undefined
}

/**
 * How the flags of a connection are spelled on the command line.
 *
 * @example
 * HTTP_FLAGS.timeoutMs // '--timeout'
 */
export const HTTP_FLAGS = {
  headers: '--header',
  timeoutMs: '--timeout',
  certificate: '--certificate',
  clientCertificate: '--client-certificate',
  clientKey: '--client-key',
  retryForMs: '--retry-for',
} as const satisfies { readonly [name in keyof Required<HttpFlags>]: string }
