/**
 * What a receiver of OTLP answers, in the encoding in which it was asked.
 *
 * Source: the OTLP specification 1.x, "OTLP/HTTP Response"; `readOtlpResponse` is the way back.
 */
import { PartialSuccessField, ResponseField, RpcStatusField } from './otlp-fields.js'
import { ProtobufWriter } from './protobuf-writer.js'

/** The codes of `google.rpc.Code` that a receiver has a use for. */
export const RpcCode = {
  INVALID_ARGUMENT: 3,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
} as const

const ROOM = 256

/**
 * Encodes `ExportTraceServiceResponse`, for a request that was taken, all of it or in part.
 *
 * @param rejectedSpans 0 where everything was taken
 * @param errorMessage why some were not; a remark where all were; else empty
 * @example
 * encodeOtlpResponse(0, '', 'json') // the bytes of '{}'
 */
export function encodeOtlpResponse(
  rejectedSpans: number,
  errorMessage: string,
  contentType: 'json' | 'protobuf',
): Uint8Array {
  const isFull = rejectedSpans === 0 && errorMessage === ''
  if (contentType === 'json') {
    const partialSuccess = {
      ...(rejectedSpans > 0 && { rejectedSpans: String(rejectedSpans) }),
      ...(errorMessage !== '' && { errorMessage }),
    }
    return Buffer.from(JSON.stringify(isFull ? {} : { partialSuccess }))
  }
  const writer = new ProtobufWriter(ROOM)
  if (isFull) return writer.finish()
  if (errorMessage !== '') writer.text(PartialSuccessField.errorMessage, errorMessage)
  if (rejectedSpans > 0) writer.int64(PartialSuccessField.rejectedSpans, rejectedSpans)
  writer.message(ResponseField.partialSuccess, 0)
  return writer.finish()
}

/**
 * Encodes `google.rpc.Status`, for a request that was refused.
 *
 * @param code one of {@link RpcCode}
 * @example
 * encodeOtlpStatus(RpcCode.UNAVAILABLE, 'the disk is full', 'json') // '{"code":14,"message":"the disk is full"}'
 */
export function encodeOtlpStatus(
  code: number,
  message: string,
  contentType: 'json' | 'protobuf',
): Uint8Array {
  if (contentType === 'json') return Buffer.from(JSON.stringify({ code, message }))
  const writer = new ProtobufWriter(ROOM)
  writer.text(RpcStatusField.message, message)
  writer.int64(RpcStatusField.code, code)
  return writer.finish()
}
