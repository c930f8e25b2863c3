/**
 * The place in a trace that one process hands to another as text: `traceparent` of the W3C Trace
 * Context recommendation (level 2, section 3.2), which OpenTelemetry passes on in the environment as
 * `TRACEPARENT`. It reads no environment.
 */
import type { SpanContext } from './trace.js'

/** A place in a trace, with what is to be done there. */
export interface TraceContext extends SpanContext {
  /** Bit 0 of the flags: whether whoever called records its span. */
  readonly isSampled: boolean
  /** Bit 1 of the flags: whether the trace id is random; level 1 does not know it. */
  readonly isRandom: boolean
}

const VERSION = '00'
/** A version above 00 may go on, after a further `-`, with what nobody knows yet. */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-[\s\S]*)?$/
const SAMPLED = 1
const RANDOM = 2

/**
 * Reads a `traceparent`; `undefined` where it is none by the letter of the recommendation: upper case,
 * ids that are all zero and version `ff` are not allowed, and of a newer version only the parts that
 * are known are taken.
 *
 * @example
 * parseTraceparent('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')?.isSampled // true
 */
export function parseTraceparent(text: string): TraceContext | undefined {
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(text) ?? []
  if (version === undefined || (version === VERSION && more !== undefined)) return undefined
  const bits = Number.parseInt(flags, 16)
  return { traceId, spanId, isSampled: (bits & SAMPLED) !== 0, isRandom: (bits & RANDOM) !== 0 }
}

/**
 * Writes a `traceparent` of version 00; flags that are not known are 0, as the recommendation asks for.
 *
 * @example
 * formatTraceparent({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', isSampled: true, isRandom: false })
 * // '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
 */
export function formatTraceparent({ traceId, spanId, isSampled, isRandom }: TraceContext): string {
  const flags = (isSampled ? SAMPLED : 0) | (isRandom ? RANDOM : 0)
  return `${VERSION}-${traceId}-${spanId}-${flags.toString(16).padStart(2, '0')}`
}
