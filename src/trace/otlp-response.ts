/**
 * What an OTLP receiver answers to a request that it took: `ExportTraceServiceResponse`.
 *
 * The status 200 does not make an answer: a login page or another service's JSON is none.
 */
import { exactInteger, isJsonObject, type JsonObject, parseJson } from '../json/lossless.js'
import { RivetOtelError } from '../problem.js'
import { readInteger, shown } from './json-fields.js'
import { PartialSuccessField, ResponseField } from './otlp-fields.js'
import { ProtobufReader } from './protobuf-reader.js'

/** How much of a body is looked at for a message; `shown` cuts it again. */
const SHOWN_BYTES = 200

/** What a receiver said, or why what it said is no answer. */
export type OtlpResponse =
  | {
      readonly ok: true
      /** How many spans it refused; 0 when it took them all. */
      readonly rejectedSpans: number | bigint
      /** Why it refused some, or a warning when it refused none; else empty. */
      readonly errorMessage: string
    }
  | { readonly ok: false; readonly problem: string }

type Answer = Extract<OtlpResponse, { ok: true }>

/**
 * Reads the body of an answer. An empty body is one: everything was taken.
 *
 * @example
 * readOtlpResponse(Buffer.from('{"partialSuccess":{"rejectedSpans":"2"}}'), 'json')
 * // { ok: true, rejectedSpans: 2, errorMessage: '' }
 */
export function readOtlpResponse(body: Uint8Array, contentType: 'json' | 'protobuf'): OtlpResponse {
  try {
    return contentType === 'json' ? readJson(body) : readProtobuf(body)
  } catch (error) {
    if (!(error instanceof RivetOtelError)) throw error
    return notAnAnswer(contentType, `${beginningOf(body)} (${error.message})`)
  }
}

function readJson(body: Uint8Array): OtlpResponse {
  const text = new TextDecoder().decode(body)
  if (text.trim() === '') return taken(0, '')
  const answer = parseJson(text)
  if (!isJsonObject(answer) || !mayBeAnswer(answer)) return notAnAnswer('json', shown(answer))
  const partial = answer.partialSuccess ?? {}
  if (!isJsonObject(partial)) return notAnAnswer('json', `partialSuccess: ${shown(partial)}`)
  const rejected = readInteger(partial.rejectedSpans ?? 0)
  if (rejected === undefined || rejected < 0n) {
    return notAnAnswer('json', `rejectedSpans: ${shown(partial.rejectedSpans)}`)
  }
  const message = partial.errorMessage ?? ''
  if (typeof message !== 'string') return notAnAnswer('json', `errorMessage: ${shown(message)}`)
  return taken(exactInteger(rejected), message)
}

/** An object of other members alone is some other service's. */
function mayBeAnswer(answer: JsonObject): boolean {
  return answer.partialSuccess !== undefined || Object.keys(answer).length === 0
}

function readProtobuf(body: Uint8Array): OtlpResponse {
  const reader = new ProtobufReader(body)
  let answer: Answer | undefined
  while (reader.next()) {
    if (reader.field === ResponseField.partialSuccess)
      answer = reader.message('partial_success', readPartialSuccess)
    else reader.skip()
  }
  if (answer === undefined && body.length > 0) return notAnAnswer('protobuf', beginningOf(body))
  if (answer !== undefined && answer.rejectedSpans < 0)
    return notAnAnswer('protobuf', `rejected_spans: ${answer.rejectedSpans}`)
  return answer ?? taken(0, '')
}

function readPartialSuccess(reader: ProtobufReader): Answer {
  let rejectedSpans: number | bigint = 0
  let errorMessage = ''
  while (reader.next()) {
    if (reader.field === PartialSuccessField.rejectedSpans)
      rejectedSpans = reader.int64('rejected_spans')
    else if (reader.field === PartialSuccessField.errorMessage)
      errorMessage = reader.text('error_message')
    else reader.skip()
  }
  return taken(rejectedSpans, errorMessage)
}

function taken(rejectedSpans: number | bigint, errorMessage: string): Answer {
  return { ok: true, rejectedSpans, errorMessage }
}

function notAnAnswer(contentType: 'json' | 'protobuf', got: string): OtlpResponse {
  const expected = contentType === 'json' ? 'in JSON, such as {"partialSuccess":{}}' : 'in protobuf'
  return { ok: false, problem: `expected the answer of an OTLP receiver ${expected}, got ${got}` }
}

function beginningOf(body: Uint8Array): string {
  return shown(new TextDecoder().decode(body.subarray(0, SHOWN_BYTES)))
}
