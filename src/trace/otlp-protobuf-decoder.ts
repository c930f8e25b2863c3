/**
 * OTLP in protobuf as spans.
 *
 * Bytes that are no protobuf, or other protobuf, are refused as a whole. A span that is well-formed
 * but not usable becomes a problem, and the others stay. Unknown fields are passed over.
 */

import type { DecodedSpans } from './decoded-spans.js'
import {
  RequestField,
  ResourceField,
  ResourceSpansField,
  ScopeField,
  ScopeSpansField,
} from './otlp-fields.js'
import { readSpan } from './otlp-protobuf-span.js'
import { readAttribute } from './otlp-protobuf-value.js'
import { ProblemList, type Problems } from './problem-list.js'
import { ProtobufReader } from './protobuf-reader.js'
import type { AttributeValue, InstrumentationScope, ReceivedSpan, Span } from './trace.js'

/**
 * Decodes an `ExportTraceServiceRequest` or a `TracesData`.
 *
 * An int comes back as a `number` where that is safe, else as a `bigint`. A double without a
 * fraction comes back as a `number` too, and is an int from then on. An attribute without a value
 * is `null`.
 *
 * @throws {RivetOtelError} `INVALID_TRACE` where the bytes are no OTLP, with the offset of the byte.
 * @example
 * const { spans, problems } = decodeOtlpProtobuf(body)
 */
export function decodeOtlpProtobuf(bytes: Uint8Array): DecodedSpans {
  const reader = new ProtobufReader(bytes)
  const spans: ReceivedSpan[] = []
  const problems = new ProblemList()
  let count = 0
  while (reader.next()) {
    if (reader.field === RequestField.resourceSpans) {
      const place = `resourceSpans[${count++}]`
      reader.message('resource_spans', () => readResourceSpans(reader, place, spans, problems))
    } else reader.skip()
  }
  return { spans, problems: problems.all() }
}

function readResourceSpans(
  reader: ProtobufReader,
  place: string,
  received: ReceivedSpan[],
  problems: Problems,
): void {
  const resource: Record<string, AttributeValue> = {}
  const addResource = () => readResource(reader, resource, `${place}.resource`, problems)
  let count = 0
  while (reader.next()) {
    switch (reader.field) {
      case ResourceSpansField.resource:
        reader.message('resource', addResource)
        break
      case ResourceSpansField.scopeSpans:
      case ResourceSpansField.instrumentationLibrarySpans: {
        const inside = `${place}.scopeSpans[${count++}]`
        const { scope, spans } = reader.message('scope_spans', () =>
          readScopeSpans(reader, inside, problems),
        )
        for (const span of spans) received.push({ resource, scope, span })
        break
      }
      default:
        reader.skip()
    }
  }
}

/** It fills an object that spans may refer to already: fields come in any order. */
function readResource(
  reader: ProtobufReader,
  resource: Record<string, AttributeValue>,
  place: string,
  problems: Problems,
): void {
  while (reader.next()) {
    if (reader.field === ResourceField.attributes) readAttribute(reader, resource, place, problems)
    else reader.skip()
  }
}

function readScopeSpans(
  reader: ProtobufReader,
  place: string,
  problems: Problems,
): { scope: InstrumentationScope; spans: Span[] } {
  const spans: Span[] = []
  let scope: InstrumentationScope = { name: '', version: '' }
  let count = 0
  while (reader.next()) {
    if (reader.field === ScopeSpansField.scope) {
      scope = reader.message('scope', readScope)
    } else if (reader.field === ScopeSpansField.spans) {
      const inside = `${place}.spans[${count++}]`
      const span = reader.message('spans', () => readSpan(reader, inside, problems))
      if (span !== undefined) spans.push(span)
    } else reader.skip()
  }
  return { scope, spans }
}

function readScope(reader: ProtobufReader): InstrumentationScope {
  let name = ''
  let version = ''
  while (reader.next()) {
    if (reader.field === ScopeField.name) name = reader.text('scope.name')
    else if (reader.field === ScopeField.version) version = reader.text('scope.version')
    else reader.skip()
  }
  return { name, version }
}
