/**
 * What a server says in an answer that is no success: its own words, for messages.
 *
 * The body may be the JSON or the protobuf of `google.rpc.Status`, as the OTLP specification wants,
 * or whatever a proxy on the way writes.
 */
import type { HttpAnswer } from './http-result.js'
import type { HttpSettings } from './http-settings.js'
import { withoutSecrets } from './secrets.js'

const MOST_CHARACTERS = 300
/** Who says more than this does not say what is wrong. */
const MOST_BYTES = 1_000_000

/**
 * The server's words in printable characters, without secrets; `''` where it says nothing.
 *
 * @example
 * serverWords(answer, settings) // 'invalid tenant'
 */
export function serverWords(answer: HttpAnswer, settings: HttpSettings): string {
  const type = answer.headers['content-type'] ?? ''
  const body = Buffer.from(answer.body.subarray(0, MOST_BYTES))
  // Jaeger's JSON comes without saying that it is JSON.
  const words = type.includes('protobuf') ? messageOfProtobuf(body) : messageOf(body.toString())
  return quotable(words, settings, MOST_CHARACTERS)
}

/**
 * A text from outside, made fit to be quoted: printable, on one line, without secrets, and short.
 *
 * @param most The most characters to keep.
 * @example
 * quotable('<html>\n<h1>Sign in', settings, 80) // '<html> <h1>Sign in'
 */
export function quotable(text: string, settings: HttpSettings, most: number): string {
  const line = withoutSecrets(text, settings)
    .replace(/[\p{C}\p{Z}\uFFFD]+/gu, ' ')
    .trim()
  const characters = [...line]
  return characters.length > most ? `${characters.slice(0, most).join('')}…` : line
}

/** The message in a JSON text; a text that is no JSON, or has no message, as it is. */
function messageOf(text: string): string {
  try {
    return messageIn(JSON.parse(text)) ?? text
  } catch {
    return text
  }
}

/**
 * The message of `google.rpc.Status`, of Jaeger's `{"error":{"message":…}}` and
 * `{"errors":[{"msg":…}]}`, and of the like.
 */
function messageIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return undefined
  const { message, msg, error, errors } = value as Readonly<Record<string, unknown>>
  if (typeof message === 'string') return message
  if (typeof msg === 'string') return msg
  return messageIn(error) ?? (Array.isArray(errors) ? messageIn(errors[0]) : undefined)
}

/** Field 2 of `google.rpc.Status`, `string message`; the body's text where it is no such message. */
function messageOfProtobuf(body: Buffer): string {
  let at = 0
  let message = ''
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = body[at++]
      if (byte === undefined || factor > 2 ** 63) return Number.NaN
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }
  while (at < body.length) {
    const tag = varint()
    if (tag % 8 === 0) {
      varint()
    } else if (tag % 8 === 2) {
      const length = varint()
      if (!(at + length <= body.length)) return body.toString()
      if (tag === 0x12) message = body.toString('utf8', at, at + length)
      at += length
    } else {
      return body.toString()
    }
  }
  return message
}
