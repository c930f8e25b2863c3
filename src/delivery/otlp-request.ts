/**
 * The POST that carries spans to an OTLP/HTTP target, compressed where the settings say so.
 *
 * Source: the OTLP specification 1.x, "OTLP/HTTP Request".
 */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { HttpRequest } from '../http/http-client.js'
import type { OtlpSettings } from './otlp-settings.js'

/** An OTLP answer is a few words; what a proxy writes instead may be long. */
const MAX_ANSWER_BYTES = 1_000_000

const compress = promisify(gzip)

/**
 * Makes the request of a body.
 *
 * @param body Before compression, in the encoding of the settings, in pieces.
 * @example
 * const result = await client.send(await otlpRequest(settings, body))
 */
export async function otlpRequest(
  settings: OtlpSettings,
  body: readonly Uint8Array[],
): Promise<HttpRequest> {
  const isGzip = settings.compression === 'gzip'
  return {
    method: 'POST',
    url: settings.url,
    headers: {
      'content-type': `application/${settings.encoding === 'json' ? 'json' : 'x-protobuf'}`,
      ...(isGzip && { 'content-encoding': 'gzip' }),
    },
    body: isGzip ? [await compress(Buffer.concat(body))] : body,
    maxAnswerBytes: MAX_ANSWER_BYTES,
  }
}
