/**
 * The body of an answer as it was before the server compressed it, never larger than allowed.
 */
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { reasonOf } from '../problem.js'
import type { HttpAnswer, HttpResult } from './http-result.js'

const decompress = promisify(gunzip)

/**
 * Unpacks an answer that came in gzip; any other one stays as it is.
 *
 * @param maxBytes The most bytes of the unpacked body; a larger one is left out, with `isCutOff`.
 * @example
 * const result = await unpacked(answer, 1_000_000)
 */
export async function unpacked(answer: HttpAnswer, maxBytes: number): Promise<HttpResult> {
  const isGzip = /^(x-)?gzip$/i.test(answer.headers['content-encoding']?.trim() ?? '')
  if (!isGzip || answer.body.length === 0) return answer
  if (answer.isCutOff) return { ...answer, body: new Uint8Array() }
  try {
    return { ...answer, body: await decompress(answer.body, { maxOutputLength: maxBytes }) }
  } catch (error) {
    if (error instanceof RangeError) return { ...answer, body: new Uint8Array(), isCutOff: true }
    const reason = `its answer is said to be gzip and cannot be unpacked (${reasonOf(error)})`
    return { kind: 'unreachable', reason, mayPass: false }
  }
}
