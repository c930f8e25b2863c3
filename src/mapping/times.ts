/**
 * When each entry stands in the trace, and what has to be carried beside that so that its exact
 * text comes back.
 *
 * OTLP's time holds nanoseconds. Two things it cannot say are carried as attributes: the original
 * text, where the time is another than the text means (clamped, outside 1970 to 2100, an end that
 * had to move because no span is shorter than 1 ns) or the text is spelled other than chrono's way;
 * and otherwise the nanoseconds below a microsecond, for backends that keep microseconds. Such a
 * backend keeps a span's duration rather than its end, and cuts that too: an end that would so come
 * to stand in the microsecond before its own carries its text.
 */
import { withoutConnectionSecrets } from '../journal/connection-secrets.js'
import { instantsOf, NOT_PLAIN } from '../journal/entry-instants.js'
import type { JournalEntry } from '../journal/run-journal.js'
import {
  formatTimestamp,
  HIGH_HALF,
  isTimestamp,
  parseTimestamp,
  putUnixNano,
  type Timestamp,
} from '../journal/timestamp.js'
import { RivetOtelError } from '../problem.js'
import type { Attributes } from '../trace/trace.js'
import { type AttributesInTheMaking, putText, takeInteger, takeText } from './attributes.js'
import { entryNames } from './entry-names.js'

/** 2100-01-01T00:00:00Z. A later span would hide other people's traces in the same Tempo block. */
const WINDOW_END = 4_102_444_800_000_000_000n
const WINDOW_START = 0n
const NANOS_PER_MICRO = 1000n
const MAX_OTLP_TIME = 2n ** 64n - 1n

const WINDOW_END_SECONDS = Number(WINDOW_END / 1_000_000_000n)

/** When entries stand in a trace, by their index in the journal. */
export interface TimesInTrace {
  /** The time of an entry in nanoseconds since 1970, always inside 1970 to 2100. */
  of(index: number): bigint
  /** Whether one entry's time in the trace is before another's, told without a bigint where that can be. */
  isBefore(a: number, b: number): boolean
  /** Whether an entry's own time lies outside 1970 to 2100. */
  isMoved(index: number): boolean
  /**
   * The nanoseconds below a microsecond of an entry's time, 0 to 999, where {@link TimesInTrace.of}
   * says all that its text says; -1 where it does not.
   */
  remainder(index: number): number
}

/** What {@link TimesInTrace.remainder} says of an entry whose text has to be looked at. */
export const NO_REMAINDER = -1

/**
 * The times of a journal's entries in its trace, in nanoseconds since 1970.
 *
 * @example
 * new EntryTimes(journal.entries).of(0) // 1795251219134436857n
 */
export class EntryTimes implements TimesInTrace {
  readonly #unixNanos: BigInt64Array
  /** The same memory: two halves of each time. */
  readonly #halves: Uint32Array
  readonly #moved: Uint8Array
  readonly #remainders: Int16Array

  constructor(entries: readonly JournalEntry[]) {
    this.#unixNanos = new BigInt64Array(entries.length)
    this.#halves = new Uint32Array(this.#unixNanos.buffer)
    this.#moved = new Uint8Array(entries.length)
    this.#remainders = new Int16Array(entries.length)
    const { seconds, nanos } = instantsOf(entries)
    let outside = 0
    for (let i = 0; i < entries.length; i++) {
      const second = seconds[i] ?? NOT_PLAIN
      if (second >= 0 && second < WINDOW_END_SECONDS) {
        const nano = nanos[i] ?? 0
        putUnixNano(this.#halves, i, second, nano)
        this.#remainders[i] = nano % 1000
      } else if (!this.#setParsed(i, entries[i]?.recorded_at ?? '')) {
        outside++
      }
    }
    if (outside > 0 && outside < entries.length) this.#moveToNeighbours()
  }

  /** Sets the time of any text; false where that lies outside 1970 to 2100. */
  #setParsed(index: number, text: string): boolean {
    const timestamp = parseTimestamp(text)
    const { unixNano } = timestamp
    if (isInside(unixNano)) {
      this.#unixNanos[index] = unixNano
      this.#remainders[index] = remainderOf(text, timestamp)
      return true
    }
    this.#unixNanos[index] = unixNano < WINDOW_START ? WINDOW_START : WINDOW_END - 1n
    this.#moved[index] = 1
    this.#remainders[index] = NO_REMAINDER
    return false
  }

  of(index: number): bigint {
    return this.#unixNanos[index] ?? WINDOW_START
  }

  isMoved(index: number): boolean {
    return this.#moved[index] === 1
  }

  remainder(index: number): number {
    return this.#remainders[index] ?? NO_REMAINDER
  }

  /** The earliest and the latest time of all entries. */
  span(): { readonly earliest: bigint; readonly latest: bigint } {
    let earliest = 0
    let latest = 0
    for (let i = 1; i < this.#unixNanos.length; i++) {
      if (this.isBefore(i, earliest)) earliest = i
      else if (this.isBefore(latest, i)) latest = i
    }
    return { earliest: this.of(earliest), latest: this.of(latest) }
  }

  isBefore(a: number, b: number): boolean {
    // No time here is negative.
    const high = (this.#halves[2 * a + HIGH_HALF] ?? 0) - (this.#halves[2 * b + HIGH_HALF] ?? 0)
    if (high !== 0) return high < 0
    return (this.#halves[2 * a + 1 - HIGH_HALF] ?? 0) < (this.#halves[2 * b + 1 - HIGH_HALF] ?? 0)
  }

  /** An entry outside the window gets the time of the nearest entry inside, the earlier of two. */
  #moveToNeighbours(): void {
    const inside: number[] = []
    for (let i = 0; i < this.#moved.length; i++) if (this.#moved[i] === 0) inside.push(i)
    let next = 0
    for (let i = 0; i < this.#moved.length; i++) {
      while (next < inside.length && (inside[next] ?? 0) < i) next++
      if (this.#moved[i] === 0) continue
      const before = inside[next - 1]
      const after = inside[next]
      const nearest =
        before === undefined || (after !== undefined && after - i < i - before) ? after : before
      this.#unixNanos[i] = this.of(nearest ?? 0)
    }
  }
}

/**
 * What {@link TimesInTrace.remainder} says of a text inside 1970 to 2100 that stands in the trace with
 * its own time.
 *
 * @example
 * remainderOf(text, parseTimestamp(text)) // 857, for '2026-11-21T08:53:39.134436857Z'
 */
export function remainderOf(text: string, { canonical }: Timestamp): number {
  // A leap second is spelled in chrono's way and yet is the next second for everyone else.
  if (canonical !== text || text.charCodeAt(SECOND_AT) === SIX) return NO_REMAINDER
  if (text.length < LENGTH_WITH_NANOS) return 0
  return 100 * digitAt(text, 26) + 10 * digitAt(text, 27) + digitAt(text, 28)
}

/** Where a second stands in a timestamp of the years 0 to 9999, and the `6` of a leap second. */
const SECOND_AT = 17
const SIX = 0x36

/** How long such a timestamp is that has nanoseconds; its last three digits are at 26. */
const LENGTH_WITH_NANOS = 30

function digitAt(text: string, at: number): number {
  return text.charCodeAt(at) - 0x30
}

/**
 * Writes what must be carried of the text of an entry's time beside `written`, the time that stands in
 * the trace for it.
 *
 * @param spanStart where the span starts, for the entry at its end
 * @example
 * putCarriedTime(attributes, 'rivet.entry', '2026-11-21T08:53:39.134436857Z', 1795251219134436857n)
 * // attributes['rivet.entry.nanos'] is 857
 */
export function putCarriedTime(
  attributes: AttributesInTheMaking,
  prefix: string,
  text: string,
  written: bigint,
  spanStart = 0n,
): void {
  const nanos = written % NANOS_PER_MICRO
  if (formatTimestamp(written) !== text || nanos < spanStart % NANOS_PER_MICRO) {
    putText(attributes, `${prefix}.time`, text)
  } else if (nanos !== 0n) {
    attributes[`${prefix}.nanos`] = Number(nanos)
  }
}

/**
 * The exact text of a time that was read back, from the span's time and what was carried.
 *
 * @throws {RivetOtelError} `INVALID_TRACE` where the time or what was carried is not readable.
 * @example
 * takeTime({ 'rivet.entry.nanos': 857 }, 'rivet.entry', 1795251219134436000n)
 * // '2026-11-21T08:53:39.134436857Z'
 */
export function takeTime(attributes: Attributes, prefix: string, received: bigint): string {
  const names = entryNames(prefix)
  const text = takeText(attributes, names.time)
  if (text !== undefined) return checkTime(names.time, text)
  if (received < 0n || received > MAX_OTLP_TIME) {
    throw new RivetOtelError('INVALID_TRACE', `${received} ns is no time that OTLP can hold`)
  }
  const nanos = takeInteger(attributes, names.nanos)
  if (nanos === undefined) return formatTimestamp(received)
  if (nanos < 0 || nanos > 999) {
    throw new RivetOtelError('INVALID_TRACE', `${names.nanos}: expected 0 to 999, got ${nanos}`)
  }
  const carried = BigInt(nanos)
  const below = received % NANOS_PER_MICRO
  return formatTimestamp(below === carried ? received : received - below + carried)
}

function checkTime(name: string, text: string): string {
  if (isTimestamp(text)) return text
  throw new RivetOtelError(
    'INVALID_TRACE',
    `${name}: expected a timestamp, got ${withoutConnectionSecrets(text).slice(0, 40)}`,
  )
}

/**
 * The first of some times at which a span of 1 ns may begin as it is; `undefined` where none may.
 *
 * @example
 * firstInside(undefined, -1n, 7n) // 7n
 */
export function firstInside(...unixNanos: readonly (bigint | undefined)[]): bigint | undefined {
  return unixNanos.find((time) => time !== undefined && nearestInside(time) === time)
}

/**
 * The nearest time at which a span of 1 ns may begin: a time outside 1970 to 2100 becomes the first or
 * the last one.
 *
 * @example
 * nearestInside(-7n) // 0n
 */
export function nearestInside(unixNano: bigint): bigint {
  if (unixNano < WINDOW_START) return WINDOW_START
  return unixNano < WINDOW_END - 1n ? unixNano : WINDOW_END - 2n
}

/**
 * Whether a time may stand in a trace as it is: from 1970 until before 2100.
 *
 * @example
 * isInside(1795251219134436857n) // true
 */
export function isInside(unixNano: bigint): boolean {
  return unixNano >= WINDOW_START && unixNano < WINDOW_END
}
