/**
 * The size formula of the mapping: what decides where a page and a span end.
 *
 * It is simple and published, so that every implementation of the mapping cuts in the same places,
 * and it is never below the size of the same span in protobuf:
 *
 * | part | bytes |
 * |---|---|
 * | span | 100 + name + attributes + events + links + status |
 * | span event | 40 + name + attributes |
 * | link | 80 + attributes |
 * | status with a message | 20 + message |
 * | attribute | 20 + key + value |
 * | value | text: its UTF-8; int and double: 10; bool: 2; list: 10 + its values + 10 for each |
 */
import type { Attributes, AttributeValue, Span, SpanEvent, SpanLink } from '../trace/trace.js'

/** A page closes before it would pass this many bytes by the formula. */
export const MAX_PAGE_BYTES = 2_000_000

/** No span carries events of more than this many bytes by the formula, unless it is a single one. */
export const MAX_EVENT_BYTES_PER_SPAN = 256_000

/** No span carries more events than this; the SDK drops beyond 128. */
export const MAX_EVENTS_PER_SPAN = 100

/**
 * The bytes of a span by the formula.
 *
 * @example
 * sizeOfSpan(trace.spans[0]) // 2718
 */
export function sizeOfSpan(span: Span): number {
  let size = 100 + sizeOfText(span.name) + sizeOfAttributes(span.attributes)
  for (const event of span.events) size += sizeOfEvent(event)
  for (const link of span.links) size += sizeOfLink(link)
  if (span.status?.message !== undefined) size += 20 + Buffer.byteLength(span.status.message)
  return size
}

/**
 * The bytes of a span event by the formula.
 *
 * @example
 * sizeOfEvent({ name: 'rivet.retry_attempted', timeUnixNano: 0n, attributes: {} }) // 61
 */
export function sizeOfEvent(event: SpanEvent): number {
  return 40 + sizeOfText(event.name) + sizeOfAttributes(event.attributes)
}

/**
 * The bytes of a link by the formula.
 *
 * @example
 * sizeOfLink({ traceId, spanId, attributes: {} }) // 80
 */
export function sizeOfLink(link: SpanLink): number {
  return 80 + sizeOfAttributes(link.attributes)
}

function sizeOfAttributes(attributes: Attributes): number {
  let size = 0
  for (const key in attributes) {
    size += 20 + sizeOfText(key) + sizeOfValue(attributes[key] ?? null)
  }
  return size
}

/** Up to here looking at each char is faster than asking the platform. */
const SHORT_TEXT = 64

/** The bytes of a text in UTF-8. */
function sizeOfText(text: string): number {
  const { length } = text
  if (length > SHORT_TEXT) return Buffer.byteLength(text)
  let codes = 0
  for (let i = 0; i < length; i++) codes |= text.charCodeAt(i)
  return codes < 0x80 ? length : Buffer.byteLength(text)
}

function sizeOfValue(value: AttributeValue): number {
  switch (typeof value) {
    case 'string':
      return sizeOfText(value)
    case 'boolean':
      return 2
    case 'number':
    case 'bigint':
      return 10
    default:
      if (!Array.isArray(value))
        throw new TypeError('the mapping writes texts, ints, bools and lists only')
      return value.reduce((size: number, item: AttributeValue) => size + 10 + sizeOfValue(item), 10)
  }
}
