/** What the server answers, and how it is sent. */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** An answer that is there as a whole. */
export interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** On every answer. No other page may read it, frame it or guess its type; no cache keeps it. */
export const EVERYWHERE: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
}

/** For what is no page of ours: nothing in it may run. */
const NO_PAGE = "default-src 'none'; frame-ancestors 'none'"

/**
 * An answer for programs.
 *
 * @example
 * json(200, { runs: [] })
 */
export function json(status: number, value: unknown): Answer {
  return {
    status,
    type: 'application/json; charset=utf-8',
    body: `${JSON.stringify(value)}\n`,
  }
}

/**
 * The answer to what cannot be answered.
 *
 * @param problem one sentence, without secrets
 * @example
 * refused(404, 'there is no run orders_1')
 */
export function refused(
  status: number,
  problem: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { ...json(status, { problem }), headers }
}

/**
 * Sends an answer; to HEAD without its body.
 *
 * @example
 * send(request, response, json(200, { runs: [] }))
 */
export function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { status, type, body, headers } = answer
  response.writeHead(status, {
    ...EVERYWHERE,
    'content-security-policy': NO_PAGE,
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    ...headers,
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
