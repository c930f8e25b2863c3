/**
 * OTLP in protobuf, both ways: what one direction writes the other reads.
 *
 * Source of the rules: opentelemetry-proto, and protobuf's encoding.
 */
export type { DecodedSpans } from './decoded-spans.js'
export { decodeOtlpProtobuf } from './otlp-protobuf-decoder.js'
export { encodeResourceSpansProtobuf } from './otlp-protobuf-encoder.js'
