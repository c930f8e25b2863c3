/**
 * OTLP/JSON, both ways: what one direction writes the other reads.
 *
 * Source of the rules: the OTLP specification, "JSON Protobuf Encoding", and proto3's JSON mapping.
 */
export type { DecodedSpans } from './decoded-spans.js'
export { decodeOtlpJson } from './otlp-json-decoder.js'
export {
  encodeResourceSpansJson,
  encodeResourceSpansJsonBytes,
  joinJsonRequest,
} from './otlp-json-encoder.js'
export { encodedSpanIds } from './otlp-json-span-ids.js'
