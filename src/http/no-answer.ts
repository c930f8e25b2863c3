/**
 * Why a request got no answer, in plain words, and which setting mends it.
 *
 * The codes are Node's and OpenSSL's.
 */
import { HTTP_FLAGS } from './http-flags.js'
import type { NoAnswer } from './http-result.js'
import type { HttpSettings } from './http-settings.js'
import { certificateTimeReason, networkReason } from './network-reason.js'

/** What mends a failed connection to one kind of place; what is absent is not said. */
export interface Remedies {
  /** The settings that name the authority to trust; `--certificate` where it is absent. */
  readonly certificate?: string
  /** What makes requests smaller: `--max-request-bytes makes them smaller`. */
  readonly largeRequest?: string
  /** Which port is the right one: `OTLP over HTTP is usually on port 4318`. */
  readonly port?: string
}

/** A request, as far as it matters for why it failed. */
interface Attempt {
  /** The size of its body, as sent. */
  readonly bytes: number
  readonly remedies: Remedies
}

/**
 * What a failed connection means.
 *
 * @example
 * noAnswerBecauseOf(error, settings, { bytes: 4096, remedies: {} }).reason
 * // 'nothing listens there (connection refused)'
 */
export function noAnswerBecauseOf(
  error: NodeJS.ErrnoException,
  settings: HttpSettings,
  attempt: Attempt,
): NoAnswer {
  const code = error.code ?? ''
  const { remedies } = attempt
  const passing = reasonThatMayPass(code, settings, attempt)
  if (passing !== undefined) return { kind: 'unreachable', reason: passing, mayPass: true }
  const lasting =
    tlsReason(code, error.message, settings, remedies) ?? protocolReason(code, remedies)
  if (lasting !== undefined) return { kind: 'unreachable', reason: lasting, mayPass: false }
  const reason = `the connection failed (${code === '' ? error.message : code})`
  return { kind: 'unreachable', reason, mayPass: true }
}

/**
 * What it means that the time is over.
 *
 * @example
 * noAnswerInTime(settings).reason // 'no answer within 10000 ms (--timeout allows more)'
 */
export function noAnswerInTime(settings: HttpSettings): NoAnswer {
  const reason = `no answer within ${settings.timeoutMs} ms (${HTTP_FLAGS.timeoutMs} allows more)`
  return { kind: 'unreachable', reason, mayPass: true }
}

/** From here on a server may close the connection on a body that it finds too large. */
const LARGE_BODY_BYTES = 1_000_000

function reasonThatMayPass(
  code: string,
  { url }: HttpSettings,
  { bytes, remedies }: Attempt,
): string | undefined {
  switch (code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return `the connection was closed before an answer came${
        bytes > LARGE_BODY_BYTES
          ? ` (a request of ${bytes} bytes may be too large there${then(remedies.largeRequest)})`
          : ''
      }`
    default:
      return networkReason(code, url.hostname)
  }
}

function tlsReason(
  code: string,
  message: string,
  { url, tls }: HttpSettings,
  remedies: Remedies,
): string | undefined {
  const trust = remedies.certificate ?? HTTP_FLAGS.certificate
  switch (code) {
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return tls.ca === undefined
        ? `its certificate is self-signed or from an authority that is not trusted here; name that authority's file with ${trust}`
        : `its certificate is not from the authority in the file of ${trust}`
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `its certificate is for another host than ${url.hostname}; use the name that is in it`
    case 'EPROTO':
      return 'it does not speak TLS there; is it an http:// endpoint?'
    default:
      return certificateTimeReason(code) ?? clientCertificateReason(code, message)
  }
}

function clientCertificateReason(code: string, message: string): string | undefined {
  if (!/^ERR_SSL_/.test(code)) return undefined
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return 'it does not speak TLS there; is it an http:// endpoint?'
  }
  if (/CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|UNKNOWN_CA|BAD_CERTIFICATE/.test(code)) {
    return `it asks for a client certificate that it trusts; give one with ${HTTP_FLAGS.clientCertificate} and ${HTTP_FLAGS.clientKey}`
  }
  return `TLS could not be agreed on (${message})`
}

function protocolReason(code: string, { port }: Remedies): string | undefined {
  if (!code.startsWith('HPE_')) return undefined
  return `what answers there does not speak HTTP/1.1${then(port)}`
}

function then(remedy: string | undefined): string {
  return remedy === undefined ? '' : `; ${remedy}`
}
