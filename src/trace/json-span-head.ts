/**
 * What a span begins with in OTLP/JSON, up to its start time: the spans of a page all have it from the span
 * before, but for their ids.
 *
 * It writes nothing; {@link JsonTextWriter} puts the span id between the two pieces.
 */
import { jsonBytes, quoted } from './json-text-writer.js'
import type { Span } from './trace.js'

/** How many hexadecimal digits a trace id has. */
export const TRACE_ID_DIGITS = 32

/** See {@link TRACE_ID_DIGITS}. */
export const SPAN_ID_DIGITS = 16

const HEX = /^[0-9a-f]*$/

/** The beginning of a span, around its span id, and what it follows from. */
interface SpanHead {
  readonly traceId: string
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly kind: number
  readonly beforeSpanId: Uint8Array
  readonly afterSpanId: Uint8Array
}

/**
 * The beginning of the span that was asked for last.
 *
 * @example
 * new JsonSpanHead().of(span).beforeSpanId // the bytes of '{"traceId":"c3bde0ddc359ac2423e3095a715b3412","spanId":"'
 */
export class JsonSpanHead {
  #last: SpanHead | undefined

  /**
   * The beginning of a span.
   *
   * @throws {RangeError} where its trace id or its parent's id is none.
   * @example
   * spanHead.of(span).afterSpanId // the bytes of '","name":"chunk","kind":1,"startTimeUnixNano":"'
   */
  of(span: Span): SpanHead {
    const last = this.#last
    if (
      last !== undefined &&
      last.parentSpanId === span.parentSpanId &&
      last.traceId === span.traceId &&
      last.name === span.name &&
      last.kind === span.kind
    ) {
      return last
    }
    const head = headOf(span)
    this.#last = head
    return head
  }
}

function headOf({ traceId, parentSpanId, name, kind }: Span): SpanHead {
  const parent =
    parentSpanId === undefined ? '' : `"parentSpanId":"${checkedId(parentSpanId, SPAN_ID_DIGITS)}",`
  const kindMember = kind === 0 ? '' : `,"kind":${kind}`
  return {
    traceId,
    parentSpanId,
    name,
    kind,
    beforeSpanId: jsonBytes(`{"traceId":"${checkedId(traceId, TRACE_ID_DIGITS)}","spanId":"`),
    afterSpanId: jsonBytes(`",${parent}"name":${quoted(name)}${kindMember},"startTimeUnixNano":"`),
  }
}

function checkedId(id: string, digits: number): string {
  if (id.length === digits && HEX.test(id)) return id
  throw wrongId(id, digits)
}

/**
 * What to throw for a text that is no id.
 *
 * @example
 * throw wrongId(span.spanId, SPAN_ID_DIGITS)
 */
export function wrongId(id: string, digits: number): RangeError {
  return new RangeError(
    `expected ${digits} lower-case hexadecimal digits, got ${JSON.stringify(id)}`,
  )
}
