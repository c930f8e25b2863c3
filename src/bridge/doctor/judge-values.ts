/**
 * What became of the values of the probes: texts, integers, nanoseconds, events. Pure judgement on
 * spans that were read back; that some came is what the caller knows.
 */
import type { Attributes, AttributeValue, ReceivedSpan } from '../../trace/trace.js'
import type { ServerKind } from '../location.js'
import { type Finding, finding } from './findings.js'
import { fixesFor } from './fixes.js'
import { EVENT_COUNTS, INTEGERS, type Probe, TEXT_BYTES, textKey } from './probes.js'

/**
 * What length of text survives on a span, an event and the resource.
 *
 * @example
 * judgeLongText(spans, 'tempo').sentence // 'Long texts are cut without a word: to 2048 bytes on …'
 */
export function judgeLongText(spans: readonly ReceivedSpan[], kind: ServerKind): Finding {
  const [received] = spans
  const places = [
    ['span attributes', received?.span.attributes],
    ['event attributes', received?.span.events[0]?.attributes],
    ['the resource', received?.resource],
  ] as const
  const cuts = places.flatMap(([place, attributes]) => {
    const cut = firstCut(attributes ?? {})
    return cut === undefined ? [] : [{ place, ...cut }]
  })
  const most = TEXT_BYTES.at(-1) ?? 0
  if (cuts.length === 0) {
    return finding('long text', 'ok', `Texts of up to ${most} bytes come back whole.`)
  }
  const harm = cuts.some(({ sent }) => sent <= TEXT_BYTES[0])
  const words = cuts.map(({ place, sent, left }) => `${place}: ${cutInWords(sent, left)}`)
  return finding(
    'long text',
    harm ? 'bad' : 'limited',
    `Long texts do not come back whole (${words.join('; ')}). ${
      harm
        ? `Runs have texts of up to ${TEXT_BYTES[0]} bytes, so they would be changed.`
        : `Runs do not suffer: they carry long texts in parts of at most ${TEXT_BYTES[0]} bytes.`
    }`,
    fixesFor('long text', kind),
  )
}

/** The shortest text that did not come back as it was sent, and how many bytes are left of it. */
function firstCut(attributes: Attributes): { sent: number; left: number | undefined } | undefined {
  for (const bytes of TEXT_BYTES) {
    const value = attributes[textKey(bytes)]
    const left = typeof value === 'string' ? Buffer.byteLength(value) : undefined
    if (left !== bytes) return { sent: bytes, left }
  }
  return undefined
}

function cutInWords(sent: number, left: number | undefined): string {
  return left === undefined ? `${sent} bytes are missing` : `${sent} bytes become ${left}`
}

/**
 * Whether integers beyond what a double holds come back.
 *
 * @example
 * judgeIntegers(spans).mark // 'ok'
 */
export function judgeIntegers(spans: readonly ReceivedSpan[]): Finding {
  const attributes = spans[0]?.span.attributes ?? {}
  const changed = Object.entries(INTEGERS).filter(([key, sent]) => !isSame(attributes[key], sent))
  if (changed.length === 0) {
    return finding('integers', 'ok', 'Integers come back exactly, over the whole range of i64.')
  }
  const [[key, sent] = ['', 0]] = changed
  return finding(
    'integers',
    'bad',
    `Integers come back changed (${changed.length} of ${Object.keys(INTEGERS).length}; ${sent} as ${inWords(
      attributes[key],
    )}), so runs would be changed.`,
    [
      'Something on the way reads integers as floating-point numbers: a proxy or processor that rewrites JSON; --protocol http/protobuf may pass it by.',
    ],
  )
}

function isSame(value: AttributeValue | undefined, sent: AttributeValue): boolean {
  const isInteger = typeof value === 'number' || typeof value === 'bigint'
  return isInteger && String(value) === String(sent)
}

function inWords(value: AttributeValue | undefined): string {
  if (value === undefined) return 'nothing'
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : typeof value
}

/**
 * Whether times keep their nanoseconds.
 *
 * @example
 * judgeNanoseconds(spans, probe).mark // 'ok'
 */
export function judgeNanoseconds(spans: readonly ReceivedSpan[], { trace }: Probe): Finding {
  const [sent] = trace.spans
  const got = spans[0]?.span
  const pairs = [
    [sent?.startTimeUnixNano, got?.startTimeUnixNano],
    [sent?.endTimeUnixNano, got?.endTimeUnixNano],
    [sent?.events[0]?.timeUnixNano, got?.events[0]?.timeUnixNano],
  ] as const
  if (pairs.every(([before, after]) => before === after)) {
    return finding('nanoseconds', 'ok', 'Times come back to the nanosecond.')
  }
  const isMicroseconds = pairs.every(
    ([before = 0n, after]) => after !== undefined && after / 1000n === before / 1000n,
  )
  return isMicroseconds
    ? finding(
        'nanoseconds',
        'limited',
        'Times come back in microseconds. Runs do not suffer: they carry what is below.',
      )
    : finding(
        'nanoseconds',
        'bad',
        'Times come back changed by a microsecond or more, so runs would be changed.',
        ['Something on the way rewrites the times of spans or events.'],
      )
}

/**
 * Whether a span keeps its events.
 *
 * @example
 * judgeEvents(spans).sentence // '1000 events on one span come back, in order.'
 */
export function judgeEvents(spans: readonly ReceivedSpan[]): Finding {
  const lost = EVENT_COUNTS.flatMap((count) => {
    const received = spans.find(({ span }) => isSame(span.attributes['probe.events'], count))
    const events = received?.span.events ?? []
    const isWhole =
      events.length === count &&
      events.every(({ attributes }, i) => isSame(attributes['probe.event.index'], i))
    return isWhole ? [] : [{ count, left: events.length }]
  })
  const [first] = lost
  if (first === undefined) {
    return finding('events', 'ok', `${EVENT_COUNTS.at(-1)} events on one span come back, in order.`)
  }
  const harm = first.count <= EVENT_COUNTS[0]
  const what =
    first.left === first.count
      ? `The ${first.count} events of a span come back in another order or changed.`
      : `Of ${first.count} events on one span ${first.left} come back.`
  return finding(
    'events',
    harm ? 'bad' : 'limited',
    `${what} ${
      harm
        ? `Runs have spans with ${EVENT_COUNTS[0]} events, so they would be changed.`
        : `Runs do not suffer: their spans have at most ${EVENT_COUNTS[0]}.`
    }`,
    harm ? ['Something on the way limits the number of events on a span (event count limit).'] : [],
  )
}
