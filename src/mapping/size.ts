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
  return spanWith(span, sizeOfText)
}

/**
 * Not less than {@link sizeOfSpan}, and quicker: no text is looked at. Where this fits, so does the span.
 *
 * @example
 * mostOfSpan(trace.spans[0]) >= sizeOfSpan(trace.spans[0]) // true
 */
export function mostOfSpan(span: Span): number {
  return spanWith(span, mostOfText)
}

/**
 * The bytes of a span event by the formula.
 *
 * @example
 * sizeOfEvent({ name: 'rivet.retry_attempted', timeUnixNano: 0n, attributes: {} }) // 61
 */
export function sizeOfEvent(event: SpanEvent): number {
  return eventWith(event, sizeOfText)
}

/**
 * The bytes of a link by the formula.
 *
 * @example
 * sizeOfLink({ traceId, spanId, attributes: {} }) // 80
 */
export function sizeOfLink(link: SpanLink): number {
  return linkWith(link, sizeOfText)
}

/** How the bytes of a text are counted. */
type TextCount = (text: string) => number

/** Up to here looking at each char is faster than asking the platform. */
const SHORT_TEXT = 64

/** Its UTF-8. */
function sizeOfText(text: string): number {
  const { length } = text
  if (length > SHORT_TEXT) return Buffer.byteLength(text)
  let codes = 0
  for (let i = 0; i < length; i++) codes |= text.charCodeAt(i)
  return codes < 0x80 ? length : Buffer.byteLength(text)
}

/**
 * What any text of this length may take in UTF-8.
 *
 * @example
 * mostOfText('é') // 3
 */
export function mostOfText({ length }: string): number {
  return 3 * length
}

function spanWith({ name, attributes, events, links, status }: Span, count: TextCount): number {
  let size = 100 + count(name) + attributesWith(attributes, count)
  for (const event of events) size += eventWith(event, count)
  for (const link of links) size += linkWith(link, count)
  if (status?.message !== undefined) size += 20 + count(status.message)
  return size
}

function eventWith({ name, attributes }: SpanEvent, count: TextCount): number {
  return 40 + count(name) + attributesWith(attributes, count)
}

function linkWith({ attributes }: SpanLink, count: TextCount): number {
  return 80 + attributesWith(attributes, count)
}

function attributesWith(attributes: Attributes, count: TextCount): number {
  let size = 0
  for (const key in attributes) {
    size += 20 + count(key) + valueWith(attributes[key] ?? null, count)
  }
  return size
}

function valueWith(value: AttributeValue, count: TextCount): number {
  switch (typeof value) {
    case 'string':
      return count(value)
    case 'boolean':
      return 2
    case 'number':
    case 'bigint':
      return 10
    default: {
      if (!Array.isArray(value))
        throw new TypeError('the mapping writes texts, ints, bools and lists only')
      let size = 10
      for (const item of value) size += 10 + valueWith(item, count)
      return size
    }
  }
}
