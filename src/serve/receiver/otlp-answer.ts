/** What a receiver answers, and how it goes out: in the encoding in which it was asked. */
import type { ServerResponse } from 'node:http'
import { encodeOtlpResponse, encodeOtlpStatus, RpcCode } from '../../trace/otlp-response-encoder.js'

/** An answer, encoded. */
export interface OtlpAnswer {
  readonly status: number
  readonly type: string
  readonly body: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

type Encoding = 'json' | 'protobuf'

const TYPES = { json: 'application/json', protobuf: 'application/x-protobuf' } as const

/** Of statuses; whatever else is the fault of the request. */
const CODES: ReadonlyMap<number, number> = new Map([
  [404, RpcCode.UNIMPLEMENTED],
  [405, RpcCode.UNIMPLEMENTED],
  [413, RpcCode.RESOURCE_EXHAUSTED],
  [429, RpcCode.RESOURCE_EXHAUSTED],
  [500, RpcCode.INTERNAL],
  [503, RpcCode.UNAVAILABLE],
])

/**
 * The answer to a request that was taken, all of it or in part.
 *
 * @example
 * taken('json', 0, undefined) // status 200, body '{}'
 */
export function taken(
  encoding: Encoding,
  rejected: number,
  problem: string | undefined,
): OtlpAnswer {
  const body = encodeOtlpResponse(rejected, problem ?? '', encoding)
  return { status: 200, type: TYPES[encoding], body, headers: {} }
}

/**
 * The answer to a request that was refused.
 *
 * @param encoding JSON where the request was in neither
 * @example
 * refusal('json', 405, 'expected POST', { allow: 'POST' })
 */
export function refusal(
  encoding: Encoding | undefined,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): OtlpAnswer {
  const code = CODES.get(status) ?? RpcCode.INVALID_ARGUMENT
  const spoken = encoding ?? 'json'
  return { status, type: TYPES[spoken], body: encodeOtlpStatus(code, message, spoken), headers }
}

/**
 * Sends an answer.
 *
 * @example
 * send(response, refusal('json', 405, 'expected POST', { allow: 'POST' }))
 */
export function send(response: ServerResponse, { status, type, body, headers }: OtlpAnswer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.end(body)
}
