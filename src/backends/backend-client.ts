/**
 * Reading JSON from a server that keeps traces, with what every such server may do wrong.
 *
 * It does not know what the JSON means. Whatever is no usable answer is an error that names the
 * place, what came, and what to do; it never looks like an answer without content.
 */

import { openHttpClient } from '../http/http-client.js'
import { HTTP_FLAGS } from '../http/http-flags.js'
import type { HttpAnswer } from '../http/http-result.js'
import { isRedirect, redirectTarget } from '../http/redirect.js'
import { type RetryOptions, withRetry } from '../http/retry.js'
import { quotable, serverWords } from '../http/server-words.js'
import { type JsonValue, parseJson } from '../json/lossless.js'
import { RivetOtelError, reasonOf } from '../problem.js'
import { type BackendSettings, READ_HEADERS, TENANT_FLAG } from './backend-settings.js'

/** An answer that says something. */
export interface JsonAnswer {
  /** 200; 404, where there is no such thing; 400, where the server does not do what is asked. */
  readonly status: number
  /** Always there with 200. Integers are exact. With 404 and 400 only where it is JSON. */
  readonly value: JsonValue | undefined
  /** What the server says in a 404 or 400, fit to be quoted, without secrets; else `''`. */
  readonly words: string
}

/** A server that answers with JSON. */
export interface BackendClient {
  /** The place as messages name it; never holds a secret. */
  readonly location: string
  /**
   * Asks for one thing.
   *
   * @param path Below the base path of the location, for example `/api/v2/traces/5b8e…`.
   * @param mostBytes The most bytes of this answer, where that is less than of any; who passes it gets
   *   {@link AnswerTooLarge}.
   * @throws {UnusableAnswer} where one comes that is not usable.
   * @throws {RivetOtelError} `UNREACHABLE` where none comes.
   */
  getJson(
    path: string,
    parameters?: Readonly<Record<string, string>>,
    mostBytes?: number,
  ): Promise<JsonAnswer>
  /** A text of this server, made fit to be quoted: printable, on one line, without secrets. */
  readonly quotable: (text: string) => string
  /** Lets go of idle connections. */
  close(): void
}

/** What a client tells on the way, its clock, and its limit. */
export interface BackendClientOptions extends Omit<RetryOptions, 'retryForMs'> {
  /** The most bytes of one answer, unpacked; 256 MiB unless it says otherwise. */
  readonly maxAnswerBytes?: number
}

/**
 * An answer came, and it cannot be used: `UNREACHABLE`, as where none comes.
 *
 * @example
 * new UnusableAnswer({ status: 502, words: 'Bad Gateway' }, 'tempo+http://host answered 502').code // 'UNREACHABLE'
 */
export class UnusableAnswer extends RivetOtelError {
  /** The HTTP status. */
  readonly status: number
  /** What the server says in it, fit to be quoted, without secrets. */
  readonly words: string

  constructor(answer: Pick<UnusableAnswer, 'status' | 'words'>, message: string, hint?: string) {
    super('UNREACHABLE', message, hint === undefined ? {} : { hint })
    this.status = answer.status
    this.words = answer.words
  }
}

/**
 * An answer has more bytes than are read: `UNREACHABLE`, unless who asks can ask for less.
 *
 * @example
 * if (error instanceof AnswerTooLarge) return askForLess()
 */
export class AnswerTooLarge extends RivetOtelError {
  constructor(message: string) {
    super('UNREACHABLE', message, { hint: 'Ask for fewer runs at once.' })
  }
}

const MAX_ANSWER_BYTES = 256 * 1024 * 1024
/** Of characters; a problem names places, and quotes no more than 300. */
const MOST_QUOTED = 1000

const USUAL_PORTS = "Jaeger's query API is usually on port 16686, Tempo's on 3200"

/**
 * Opens a client. No connection is made before the first question.
 *
 * @example
 * const client = openBackendClient(settings, { onRetry: console.error })
 * const { status, value } = await client.getJson('/api/v3/services')
 * client.close()
 */
export function openBackendClient(
  settings: BackendSettings,
  options: BackendClientOptions = {},
): BackendClient {
  const { location, retryForMs } = settings
  const { maxAnswerBytes = MAX_ANSWER_BYTES, onRetry, ...clock } = options
  const client = withRetry(openHttpClient(settings, { port: USUAL_PORTS }), {
    ...clock,
    retryForMs,
    onRetry: (message) => onRetry?.(`${location}: ${message}`),
  })
  return {
    location,
    async getJson(path, parameters = {}, mostBytes = maxAnswerBytes) {
      const most = Math.min(mostBytes, maxAnswerBytes)
      const result = await client.send({
        method: 'GET',
        url: urlBelow(settings.url, path, parameters),
        headers: { accept: 'application/json', 'accept-encoding': 'gzip' },
        maxAnswerBytes: most,
      })
      if (result.kind === 'answered') return read(result, { settings, path, maxAnswerBytes: most })
      throw unreachable(
        `${location}: ${quotable(result.reason, settings, 500)}`,
        result.mayPass
          ? `Check the address, and that the server runs; ${USUAL_PORTS}. ${HTTP_FLAGS.retryForMs} tries for longer.`
          : undefined,
      )
    },
    quotable: (text) => quotable(text, settings, MOST_QUOTED),
    close: () => client.close(),
  }
}

/**
 * The URL of something below the base path of a location.
 *
 * @example
 * urlBelow(new URL('http://localhost:3200/tempo/'), '/api/echo').href // 'http://localhost:3200/tempo/api/echo'
 */
export function urlBelow(
  base: URL,
  path: string,
  parameters: Readonly<Record<string, string>> = {},
): URL {
  const url = new URL(base)
  url.pathname = `${base.pathname.replace(/\/+$/, '')}${path}`
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url
}

/** What was asked for, for messages. */
interface Asked {
  readonly settings: BackendSettings
  readonly path: string
  readonly maxAnswerBytes: number
}

function read(answer: HttpAnswer, asked: Asked): JsonAnswer {
  const { status } = answer
  if (status === 200) return { status, value: jsonOf(answer, asked), words: '' }
  const isPage = /\bhtml\b/i.test(answer.headers['content-type'] ?? '')
  if ((status !== 400 && status !== 404) || isPage) throw refused(answer, asked)
  return { status, value: jsonWhereItIs(answer), words: serverWords(answer, asked.settings) }
}

function jsonOf(answer: HttpAnswer, asked: Asked): JsonValue {
  if (answer.isCutOff) {
    throw new AnswerTooLarge(
      `${what(answer, asked)} and more than ${asked.maxAnswerBytes} bytes, which is more than is read`,
    )
  }
  if (answer.body.length === 0) {
    throw noJson(`${what(answer, asked)} and nothing; expected JSON`)
  }
  try {
    return parsed(answer.body)
  } catch (error) {
    const start = quotable(
      Buffer.from(answer.body.subarray(0, 1000)).toString(),
      asked.settings,
      80,
    )
    const why = quotable(reasonOf(error), asked.settings, 200)
    throw noJson(
      `${what(answer, asked)} and something that is no JSON: ${JSON.stringify(start)} (${why})`,
    )
  }
}

const WRONG_ADDRESS = `Is it the address of the server's query API, and not of a login page or a proxy? ${USUAL_PORTS}.`

function noJson(message: string): UnusableAnswer {
  return new UnusableAnswer({ status: 200, words: '' }, message, WRONG_ADDRESS)
}

function parsed(body: Uint8Array): JsonValue {
  return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(body))
}

function jsonWhereItIs({ body, isCutOff }: HttpAnswer): JsonValue | undefined {
  try {
    return isCutOff ? undefined : parsed(body)
  } catch {
    return undefined
  }
}

function refused(answer: HttpAnswer, asked: Asked): UnusableAnswer {
  const { status } = answer
  if (isRedirect(answer)) {
    return new UnusableAnswer(
      { status, words: '' },
      `${what(answer, asked)} and points to ${redirectTarget(answer, asked.settings)}; redirects are not followed`,
      'Name that place as the location if it is the right one.',
    )
  }
  const words = serverWords(answer, asked.settings)
  return new UnusableAnswer(
    { status, words },
    `${what(answer, asked)}${words === '' ? '' : `: ${JSON.stringify(words)}`}`,
    hintFor(status, asked.settings),
  )
}

function hintFor(status: number, { headersFlag }: BackendSettings): string | undefined {
  switch (status) {
    case 401:
    case 403:
      return (
        `Check the credentials in ${headersFlag}, ${READ_HEADERS} or the URL, ` +
        `and ${TENANT_FLAG} where the server has tenants.`
      )
    case 400:
    case 404:
    case 405:
      return WRONG_ADDRESS
    case 429:
    case 502:
    case 503:
    case 504:
      return `It may answer later; ${HTTP_FLAGS.retryForMs} tries for longer.`
    default:
      return status >= 500 ? "The server's own log says more." : undefined
  }
}

function what({ status }: HttpAnswer, { settings, path }: Asked): string {
  return `${settings.location} answered GET ${path} with ${status}`
}

function unreachable(message: string, hint: string | undefined): RivetOtelError {
  return new RivetOtelError('UNREACHABLE', message, hint === undefined ? {} : { hint })
}
