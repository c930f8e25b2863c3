/** The body of a request in either encoding, as what was sent. */
import { decodeUtf8 } from '../../json/lines.js'
import { parseJson } from '../../json/lossless.js'
import { RivetOtelError } from '../../problem.js'
import { readSentJson } from '../../trace/sent-json.js'
import { readSentProtobuf } from '../../trace/sent-protobuf.js'
import type { SentSpans } from '../../trace/sent-spans.js'

/**
 * Reads a body.
 *
 * @throws {RivetOtelError} `INVALID_TRACE` or `INVALID_JSON` where it is no OTLP.
 * @example
 * readSent(Buffer.from('{"resourceSpans":[]}'), 'json').rejected // 0
 */
export function readSent(bytes: Uint8Array, encoding: 'json' | 'protobuf'): SentSpans {
  if (encoding === 'protobuf') return readSentProtobuf(bytes)
  const text = decodeUtf8(bytes)
  if (text === undefined)
    throw new RivetOtelError('INVALID_JSON', 'expected UTF-8, got other bytes')
  return readSentJson(parseJson(text))
}
