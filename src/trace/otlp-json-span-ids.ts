/**
 * The span ids in what was encoded, found without reading the rest: for those who are handed spans in
 * bytes and want to know no more of them.
 *
 * It knows how this project's encoder spells a span, and is for nothing else.
 */
import { SPAN_ID_DIGITS } from './json-span-head.js'

const QUOTE = 0x22
const COMMA = 0x2c
const FIRST_OF_ATTRIBUTES = 0x61

/**
 * The ids of the spans of a trace in what `encodeResourceSpansJsonBytes` gave, in their order: 16 lower-case
 * hexadecimal digits each.
 *
 * @param traceId 32 lower-case hexadecimal digits
 * @example
 * encodedSpanIds(encodeResourceSpansJsonBytes(trace), traceId) // trace.spans.map(({ spanId }) => spanId)
 */
export function encodedSpanIds(resourceSpans: Uint8Array, traceId: string): string[] {
  const { buffer, byteOffset, byteLength } = resourceSpans
  const bytes = Buffer.from(buffer, byteOffset, byteLength)
  // No text can hold that: there its quotes are escaped. A long one is found faster than a short one.
  const before = Buffer.from(`{"traceId":"${traceId}","spanId":"`)
  const ids: string[] = []
  for (let at = bytes.indexOf(before); at !== -1; at = bytes.indexOf(before, at)) {
    const begin = at + before.length
    at = begin + SPAN_ID_DIGITS
    if (isOfSpan(bytes, at)) ids.push(bytes.toString('latin1', begin, at))
  }
  return ids
}

/** A link begins like a span. Behind its id comes nothing or `attributes`, behind a span's its parent or name. */
function isOfSpan(bytes: Buffer, end: number): boolean {
  return bytes[end] === QUOTE && bytes[end + 1] === COMMA && bytes[end + 3] !== FIRST_OF_ATTRIBUTES
}
