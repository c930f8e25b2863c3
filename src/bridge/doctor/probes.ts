/**
 * The probe traces: small things whose loss or change shows what a target does to traces.
 *
 * They say what they are by their service and their names, and are of a scope of their own, so that
 * nobody takes one for a run. Their ids are random, so that an examination can be made again.
 */
import { DOCTOR_SERVICE } from '../../mapping/resource.js'
import { MAX_PAGE_BYTES, sizeOfSpan } from '../../mapping/size.js'
import type { Attributes, Span, SpanEvent, Trace } from '../../trace/trace.js'
import { SpanKind } from '../../trace/trace.js'

/** Lengths of text that are tried, in bytes. The mapping writes none beyond the first. */
export const TEXT_BYTES = [2048, 4096, 10_000, 100_000] as const

/** How large the probe is that is as large as a page, in words. */
export const PAGE_SIZE = `${MAX_PAGE_BYTES / 1_000_000} MB`

/** Integers at the ends of i64, and around what a double can hold. */
export const INTEGERS: Attributes = {
  'probe.int.most': 9_223_372_036_854_775_807n,
  'probe.int.least': -9_223_372_036_854_775_808n,
  'probe.int.beyond_double': 9_007_199_254_740_993n,
  'probe.int.below_double': -9_007_199_254_740_993n,
  'probe.int.safe': 9_007_199_254_740_991,
  'probe.int.zero': 0,
}

/** How many events the spans of the probe for events have. A journal span has at most 100. */
export const EVENT_COUNTS = [100, 1000] as const

/** A trace that is sent to be looked at again. */
export interface Probe {
  readonly title: string
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string
  readonly trace: Trace
}

/** What probes depend on. */
export interface ProbeSeed {
  /** Now, in nanoseconds since 1970. */
  readonly nowUnixNano: bigint
  /** So many random bytes in lower-case hexadecimal digits. */
  readonly randomHex: (bytes: number) => string
}

/**
 * Long text on a span attribute, an event attribute and the resource.
 *
 * @example
 * textProbe({ nowUnixNano, randomHex }).trace.spans[0]?.name // 'probe: long text'
 */
export function textProbe(seed: ProbeSeed): Probe {
  const attributes = Object.fromEntries(TEXT_BYTES.map((bytes) => [textKey(bytes), text(bytes)]))
  const event = { name: 'probe: long text', timeUnixNano: seed.nowUnixNano, attributes }
  return probe('long text', seed, [{ attributes, events: [event] }], attributes)
}

/**
 * The key of the attribute with so many bytes of text.
 *
 * @example
 * textKey(2048) // 'probe.text.2048'
 */
export function textKey(bytes: number): string {
  return `probe.text.${bytes}`
}

/**
 * Integers, and times whose nanoseconds are not round. The span lasts 1 ns.
 *
 * @example
 * valuesProbe({ nowUnixNano, randomHex }).trace.spans[0]?.attributes['probe.int.zero'] // 0
 */
export function valuesProbe(seed: ProbeSeed): Probe {
  const time = seed.nowUnixNano - (seed.nowUnixNano % 1_000_000_000n) + 134_436_857n
  return probe('integers and nanoseconds', { ...seed, nowUnixNano: time }, [
    {
      attributes: INTEGERS,
      events: [{ name: 'probe: nanoseconds', timeUnixNano: time + 1n, attributes: INTEGERS }],
    },
  ])
}

/**
 * A span for each of {@link EVENT_COUNTS}, with so many events.
 *
 * @example
 * eventsProbe({ nowUnixNano, randomHex }).trace.spans.map(({ events }) => events.length) // [100, 1000]
 */
export function eventsProbe(seed: ProbeSeed): Probe {
  const spans = EVENT_COUNTS.map((count) => ({
    attributes: { 'probe.events': count },
    events: Array.from({ length: count }, (_, i) => eventOf(i, seed.nowUnixNano)),
  }))
  return probe('many events on one span', seed, spans)
}

function eventOf(i: number, timeUnixNano: bigint): SpanEvent {
  return { name: 'probe: event', timeUnixNano, attributes: { 'probe.event.index': i } }
}

/**
 * A trace as large as a page of a run may be, in spans whose texts nobody has a reason to cut.
 *
 * @example
 * pageProbe({ nowUnixNano, randomHex }).trace.spans.length // 123
 */
export function pageProbe(seed: ProbeSeed): Probe {
  const attributes = Object.fromEntries(
    Array.from({ length: 8 }, (_, i) => [`probe.text.${i}`, text(2000)]),
  )
  const title = 'as large as a page'
  const [span] = probe(title, seed, [{ attributes }]).trace.spans
  const fitting = span === undefined ? 0 : Math.floor(MAX_PAGE_BYTES / sizeOfSpan(span))
  return probe(
    title,
    seed,
    Array.from({ length: fitting }, () => ({ attributes })),
  )
}

/**
 * Traces of one span each, sent in one go.
 *
 * @example
 * burstProbes(seed, 500).length // 500
 */
export function burstProbes(seed: ProbeSeed, count: number): Probe[] {
  return Array.from({ length: count }, () => probe('burst of traces', seed, [{}]))
}

function text(bytes: number): string {
  return '0123456789abcdef'.repeat(Math.ceil(bytes / 16)).slice(0, bytes)
}

type SpanPart = Partial<Pick<Span, 'attributes' | 'events'>>

/** A trace of sibling spans, the first of which is the root. */
function probe(
  title: string,
  { nowUnixNano, randomHex }: ProbeSeed,
  parts: readonly SpanPart[],
  resource: Attributes = {},
): Probe {
  const traceId = randomHex(16)
  const root = randomHex(8)
  const spans = parts.map(
    (part, i): Span => ({
      traceId,
      spanId: i === 0 ? root : randomHex(8),
      ...(i === 0 ? {} : { parentSpanId: root }),
      name: `probe: ${title}`,
      kind: SpanKind.INTERNAL,
      startTimeUnixNano: nowUnixNano,
      endTimeUnixNano: nowUnixNano + 1n,
      attributes: part.attributes ?? {},
      events: part.events ?? [],
      links: [],
    }),
  )
  const scope = { name: DOCTOR_SERVICE, version: '1' }
  return {
    title,
    traceId,
    trace: { resource: { 'service.name': DOCTOR_SERVICE, ...resource }, scope, spans },
  }
}
