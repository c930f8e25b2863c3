/** Which trace ids and span ids are valid, for the decoders of both encodings. */

/** Lengths in bytes; in hexadecimal digits it is twice as many. */
export const TRACE_ID_BYTES = 16
/** See {@link TRACE_ID_BYTES}. */
export const SPAN_ID_BYTES = 8

const ZEROS = /^0*$/

/**
 * Whether an id says nothing: W3C Trace Context and OTLP forbid ids of nothing but zeros, and some
 * SDKs write them where a span has no parent.
 *
 * @example
 * isZeroId('0000000000000000') // true
 */
export function isZeroId(id: string): boolean {
  return ZEROS.test(id)
}
