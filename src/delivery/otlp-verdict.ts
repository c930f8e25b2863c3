/**
 * What the result of a request means for its spans.
 *
 * Source: the OTLP specification 1.x, "OTLP/HTTP Response": only a 2xx with an
 * ExportTraceServiceResponse is a success, and that one may still reject spans.
 */
import type { HttpAnswer, HttpResult } from '../http/http-result.js'
import { isRedirect, redirectTarget } from '../http/redirect.js'
import { quotable, serverWords } from '../http/server-words.js'
import { readOtlpResponse } from '../trace/otlp-response.js'
import type { DeliveryProblem } from './delivery.js'
import { FLAGS } from './otlp-flags.js'
import type { OtlpSettings } from './otlp-settings.js'

/** What became of the spans of one request. */
export type Verdict =
  /** The server took all but `rejectedSpans`; `words` is what it said about that, or `''`. */
  | { readonly kind: 'accepted'; readonly rejectedSpans: number; readonly words: string }
  /** None of them got there. */
  | {
      readonly kind: 'failed'
      readonly problem: DeliveryProblem
      /** The server said that the request is too large. */
      readonly isTooLarge?: true
      /** The server failed at it, which may or may not be about these spans. */
      readonly isServerError?: true
      /** It was sent, and no answer came, which may or may not be about these spans. */
      readonly isUnanswered?: true
    }

/**
 * Judges the result of one request.
 *
 * @example
 * verdictOn({ kind: 'unreachable', reason: 'nothing listens there', mayPass: true }, settings)
 */
export function verdictOn(result: HttpResult, settings: OtlpSettings): Verdict {
  if (result.kind === 'unreachable') {
    const message = `${settings.location}: ${quotable(result.reason, settings, 500)}`
    const problem = { kind: 'unreachable', message } as const
    return result.isSent && result.mayPass
      ? { kind: 'failed', problem, isUnanswered: true }
      : { kind: 'failed', problem }
  }
  if (result.status < 200 || result.status > 299) return refused(result, settings)
  const response = readOtlpResponse(result.body, encodingOf(result, settings))
  if (!response.ok) return noOtlpAnswer(result, settings)
  const { rejectedSpans, errorMessage } = response
  return {
    kind: 'accepted',
    rejectedSpans: Math.max(0, Number(rejectedSpans)),
    words: quotable(errorMessage, settings, 300),
  }
}

/** An answer comes in the encoding of its request, unless it says that it does not. */
function encodingOf({ headers }: HttpAnswer, { encoding }: OtlpSettings): 'json' | 'protobuf' {
  const type = headers['content-type'] ?? ''
  if (type.includes('application/json')) return 'json'
  return type.includes('application/x-protobuf') ? 'protobuf' : encoding
}

function noOtlpAnswer(answer: HttpAnswer, settings: OtlpSettings): Verdict {
  const start = quotable(Buffer.from(answer.body).toString(), settings, 80)
  return rejectedByPlace(
    `${settings.location} answered ${answer.status} with something that is no OTLP answer` +
      `${start === '' ? '' : `: ${JSON.stringify(start)}`}; is it an OTLP endpoint, and not a login page or a proxy?`,
  )
}

function refused(answer: HttpAnswer, settings: OtlpSettings): Verdict {
  const words = serverWords(answer, settings)
  const hint = hintFor(answer, settings)
  const message =
    `${settings.location} answered ${answer.status}` +
    `${words === '' ? '' : `: ${JSON.stringify(words)}`}${hint === '' ? '' : `; ${hint}`}`
  if (isAboutPlace(answer)) return rejectedByPlace(message)
  const problem = { kind: 'rejected', message } as const
  if (saysTooLarge(answer, words)) return { kind: 'failed', problem, isTooLarge: true }
  return answer.status >= 500
    ? { kind: 'failed', problem, isServerError: true }
    : { kind: 'failed', problem }
}

/** Answers about who asks, where and when, and not about the spans in the request. */
const ABOUT_THE_PLACE = [401, 403, 404, 405, 407, 408, 415, 429, 502, 503, 504]

function isAboutPlace(answer: HttpAnswer): boolean {
  return isRedirect(answer) || ABOUT_THE_PLACE.includes(answer.status)
}

const TOO_LARGE =
  /too (large|big|long)|larger than|size limit|max(imum)? .*size|exceed.*(size|bytes|length)|(size|bytes|length).*exceed/i
/** A limit on how much in how long is no limit on one request. */
const TOO_MUCH = /\b(rate|quota|deadline)\b/i

/** Some answer 413, some another 4xx with words such as `http: request body too large`. */
function saysTooLarge({ status }: HttpAnswer, words: string): boolean {
  if (status === 413) return true
  return status >= 400 && status < 500 && TOO_LARGE.test(words) && !TOO_MUCH.test(words)
}

function hintFor(answer: HttpAnswer, settings: OtlpSettings): string {
  const { status } = answer
  if (isRedirect(answer)) {
    return `it points to ${redirectTarget(answer, settings)}; redirects are not followed, name that place as the endpoint if it is right`
  }
  switch (status) {
    case 401:
    case 403:
      return `check the credentials in ${FLAGS.headers}, OTEL_EXPORTER_OTLP_HEADERS or the URL`
    case 404:
    case 405:
      return `is there an OTLP/HTTP receiver under ${settings.url.pathname}?`
    case 415:
      return `${FLAGS.protocol} chooses between http/protobuf and http/json`
    case 429:
    case 502:
    case 503:
    case 504:
      return `it may take them later; ${FLAGS.retryForMs} tries for longer`
    default:
      return ''
  }
}

function rejectedByPlace(message: string): Verdict {
  return { kind: 'failed', problem: { kind: 'rejected', message, isPlace: true } }
}
