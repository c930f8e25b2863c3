/**
 * What a server says in an answer that is no success: its own words, for messages.
 *
 * The body may be the JSON or the protobuf of `google.rpc.Status`, as the OTLP specification wants,
 * or whatever a proxy on the way writes.
 */
import type { HttpAnswer } from './http-result.js'
import type { OtlpSettings } from './otlp-settings.js'
import { withoutSecrets } from './secrets.js'

const MOST_CHARACTERS = 300

/**
 * The server's words in printable characters, without secrets; `''` where it says nothing.
 *
 * @example
 * serverWords(answer, settings) // 'invalid tenant'
 */
export function serverWords(answer: HttpAnswer, settings: OtlpSettings): string {
  const type = answer.headers['content-type'] ?? ''
  const body = Buffer.from(answer.body)
  const words = type.includes('json')
    ? messageOfJson(body.toString())
    : type.includes('protobuf')
      ? messageOfProtobuf(body)
      : body.toString()
  return quotable(words, settings, MOST_CHARACTERS)
}

/**
 * A text from outside, made fit to be quoted: printable, on one line, without secrets, and short.
 *
 * @param most The most characters to keep.
 * @example
 * quotable('<html>\n<h1>Sign in', settings, 80) // '<html> <h1>Sign in'
 */
export function quotable(text: string, settings: OtlpSettings, most: number): string {
  const line = withoutSecrets(text, settings)
    .replace(/[\p{C}\p{Z}\uFFFD]+/gu, ' ')
    .trim()
  const characters = [...line]
  return characters.length > most ? `${characters.slice(0, most).join('')}…` : line
}

function messageOfJson(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'string') return value
    const { message, error } = value as { message?: unknown; error?: unknown }
    if (typeof message === 'string') return message
    if (typeof error === 'string') return error
    return text
  } catch {
    return text
  }
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
