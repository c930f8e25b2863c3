/**
 * Timestamps of a journal: RFC 3339 texts with nanoseconds, and nanoseconds since 1970.
 *
 * A journal keeps the text it was given. Where one instant has several spellings, chrono's is the
 * canonical one: UTC, `Z`, and 0, 3, 6 or 9 digits of a second.
 */
import { RivetOtelError } from '../problem.js'
import { withoutConnectionSecrets } from './connection-secrets.js'

/** What a timestamp text means. */
export interface Timestamp {
  /** Nanoseconds since 1970-01-01T00:00:00Z; negative before. */
  readonly unixNano: bigint
  /** The same instant as chrono's serde support writes it, for example `2026-11-21T08:53:39.134Z`. */
  readonly canonical: string
}

const RFC_3339 =
  /^([+-]\d{5,6}|-?\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))$/

const NANOS_PER_SECOND = 1_000_000_000n

const LEAP_YEAR = '(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)'
const DATE = `(?:\\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)|${LEAP_YEAR}-02-29)`

/**
 * A timestamp of the years 0 to 9999 in chrono's spelling, as a part of a regular expression. Nearly every
 * timestamp is one, and one test of this costs half of what it takes to look at each digit.
 */
export const PLAIN_TIMESTAMP = `${DATE}T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.(?:\\d{3}){0,2}(?!000)\\d{3})?Z`

const PLAIN = new RegExp(`^${PLAIN_TIMESTAMP}$`)

const ZERO = 0x30

/** How long a plain timestamp without digits of a second is. */
const WHOLE = 20

const SECONDS_PER_DAY = 86_400

const TWO_16 = 2 ** 16
const TWO_32 = 2 ** 32

/**
 * Reads a timestamp as chrono's `DateTime<Utc>` does: RFC 3339, any offset, digits beyond the
 * ninth cut, a leap second (`:60`) kept as such.
 *
 * @throws {RivetOtelError} `INVALID_JOURNAL` where the text is no such timestamp.
 * @example
 * parseTimestamp('2026-11-21T08:53:39.134436857Z').unixNano // 1795251219134436857n
 */
export function parseTimestamp(text: string): Timestamp {
  const timestamp = readTimestamp(text)
  if (timestamp === undefined) {
    throw new RivetOtelError(
      'INVALID_JOURNAL',
      `${JSON.stringify(withoutConnectionSecrets(text).slice(0, 80))} is not a timestamp; expected one like 2026-11-21T08:53:39.134436857Z`,
    )
  }
  return timestamp
}

/**
 * Like {@link parseTimestamp}, but `undefined` where the text is no timestamp.
 *
 * @example
 * readTimestamp('yesterday') // undefined
 */
export function readTimestamp(text: string): Timestamp | undefined {
  if (!PLAIN.test(text)) return readAnySpelling(text)
  return { unixNano: unixNanoOf(plainSeconds(text), plainNanos(text)), canonical: text }
}

/**
 * Whether a text is a timestamp, as {@link parseTimestamp} reads them.
 *
 * @example
 * isTimestamp('2026-11-21T08:53:39.134436857Z') // true
 */
export function isTimestamp(text: string): boolean {
  return PLAIN.test(text) || readAnySpelling(text) !== undefined
}

/**
 * The instant of a timestamp in chrono's spelling: the text itself where it is spelled so.
 *
 * @throws {RivetOtelError} `INVALID_JOURNAL` where the text is no timestamp.
 * @example
 * canonicalTimestamp('2026-11-21T08:53:39.10Z') // '2026-11-21T08:53:39.100Z'
 */
export function canonicalTimestamp(text: string): string {
  return PLAIN.test(text) ? text : parseTimestamp(text).canonical
}

/**
 * Whether a text is a timestamp of the years 0 to 9999 in chrono's spelling, without a leap second: one
 * that {@link plainSeconds} and {@link plainNanos} read.
 *
 * @example
 * isPlain('2026-11-21T08:53:39.10Z') // false
 */
export function isPlain(text: string): boolean {
  return PLAIN.test(text)
}

/**
 * The whole seconds since 1970 of a text that {@link isPlain}; of any other text it is nonsense.
 *
 * Together with {@link plainNanos} it says what {@link parseTimestamp} says, without an allocation.
 *
 * @param at where the timestamp begins in the text
 * @example
 * plainSeconds('2026-11-21T08:53:39.134Z') // 1795251219
 */
export function plainSeconds(text: string, at = 0): number {
  const year = 100 * twoDigits(text, at) + twoDigits(text, at + 2)
  const month = twoDigits(text, at + 5)
  const day = twoDigits(text, at + 8)
  const date = 10_000 * year + 100 * month + day
  if (date !== lastDay) {
    lastDay = date
    lastDaySeconds = utcMillis(year, month, day, 0, 0, 0) / 1000
  }
  const minutes = 60 * twoDigits(text, at + 11) + twoDigits(text, at + 14)
  return lastDaySeconds + 60 * minutes + twoDigits(text, at + 17)
}

/**
 * The nanoseconds beside the whole seconds of a text that {@link isPlain}; of any other it is nonsense.
 *
 * @param at where the timestamp begins in the text
 * @param length of the timestamp
 * @example
 * plainNanos('2026-11-21T08:53:39.134Z') // 134000000
 */
export function plainNanos(text: string, at = 0, length = text.length): number {
  if (length === WHOLE) return 0
  let nanos = threeDigits(text, at + 20) * 1_000_000
  if (length > 24) nanos += threeDigits(text, at + 23) * 1000
  return length > 27 ? nanos + threeDigits(text, at + 26) : nanos
}

/**
 * Seconds and nanoseconds as one bigint.
 *
 * @example
 * unixNanoOf(1795251219, 134436857) // 1795251219134436857n
 */
export function unixNanoOf(seconds: number, nanos: number): bigint {
  if (Math.abs(seconds) > MOST_SECONDS_OF_I64)
    return BigInt(seconds) * NANOS_PER_SECOND + BigInt(nanos)
  putUnixNano(halves, 0, seconds, nanos)
  return whole[0] ?? 0n
}

/** Which half of a 64-bit number in memory is the upper one: 1, but on a big-endian machine 0. */
export const HIGH_HALF = new Uint32Array(BigInt64Array.of(1n).buffer)[0] === 1 ? 1 : 0

/**
 * Writes seconds of the years 1685 to 2255 and nanoseconds as one number of 64 bits in two halves of 32:
 * bigints that are multiplied and added cost several times as much.
 *
 * @param target the memory of numbers of 64 bits
 * @param index of the number
 * @example
 * putUnixNano(new Uint32Array(times.buffer), 0, 1795251219, 134436857)
 * times[0] // 1795251219134436857n, where times is a BigInt64Array
 */
export function putUnixNano(
  target: Uint32Array,
  index: number,
  seconds: number,
  nanos: number,
): void {
  const high = Math.floor(seconds / TWO_16)
  const low = (seconds - high * TWO_16) * 1e9 + nanos
  // The value is `upper * 2^16 + low`, each part far below 2^53.
  const upper = high * 1e9
  const upperHigh = Math.floor(upper / TWO_16)
  const lower = (upper - upperHigh * TWO_16) * TWO_16 + low
  const carry = Math.floor(lower / TWO_32)
  target[2 * index + 1 - HIGH_HALF] = lower - carry * TWO_32
  target[2 * index + HIGH_HALF] = upperHigh + carry
}

function readAnySpelling(text: string): Timestamp | undefined {
  const match = RFC_3339.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((n) => Number(match[n]))
  if (year === undefined || month === undefined || day === undefined) return undefined
  if (hour === undefined || minute === undefined || second === undefined) return undefined
  if (!isDay(year, month, day) || hour > 23 || minute > 59 || second > 60) return undefined
  const offset = offsetMinutes(match[9], Number(match[10] ?? 0), Number(match[11] ?? 0))
  if (offset === undefined) return undefined

  const nanos = Number((match[7] ?? '').slice(0, 9).padEnd(9, '0'))
  const leap = second === 60 ? 1 : 0
  const millis = utcMillis(year, month, day, hour, minute - offset, second - leap)
  if (Number.isNaN(millis)) return undefined
  const seconds = Math.floor(millis / 1000)
  const unixNano = BigInt(seconds + leap) * NANOS_PER_SECOND + BigInt(nanos)
  return { unixNano, canonical: spell(seconds, leap, nanos) }
}

/**
 * Writes nanoseconds since 1970 in chrono's spelling.
 *
 * @example
 * formatTimestamp(1795251219134000000n) // '2026-11-21T08:53:39.134Z'
 */
export function formatTimestamp(unixNano: bigint): string {
  if (BigInt.asIntN(64, unixNano) !== unixNano) return formatFarTimestamp(unixNano)
  // Divided in two steps of 16 bits, so that every number is exact.
  nanosView.setBigInt64(0, unixNano, true)
  const low = nanosView.getUint32(0, true)
  const upper = nanosView.getInt32(4, true) * TWO_16 + (low >>> 16)
  const upperSeconds = Math.floor(upper / 1e9)
  const lower = (upper - upperSeconds * 1e9) * TWO_16 + (low & 0xffff)
  const lowerSeconds = Math.floor(lower / 1e9)
  return spell(upperSeconds * TWO_16 + lowerSeconds, 0, lower - lowerSeconds * 1e9)
}

function formatFarTimestamp(unixNano: bigint): string {
  let seconds = unixNano / NANOS_PER_SECOND
  let nanos = unixNano % NANOS_PER_SECOND
  if (nanos < 0n) {
    seconds -= 1n
    nanos += NANOS_PER_SECOND
  }
  return spell(Number(seconds), 0, Number(nanos))
}

/** The day that was asked for last, as the digits say it: the entries of a run are of one day, or of few. */
let lastDay = -1
let lastDaySeconds = 0

function twoDigits(text: string, at: number): number {
  return 10 * text.charCodeAt(at) + text.charCodeAt(at + 1) - 11 * ZERO
}

function threeDigits(text: string, at: number): number {
  return (
    100 * text.charCodeAt(at) + 10 * text.charCodeAt(at + 1) + text.charCodeAt(at + 2) - 111 * ZERO
  )
}

/** Nanoseconds of up to so many seconds fit 64 bits; the last is in the year 2255. */
const MOST_SECONDS_OF_I64 = 9_000_000_000

const nanosView = new DataView(new ArrayBuffer(8))

const whole = new BigInt64Array(1)
const halves = new Uint32Array(whole.buffer)

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false
  const lastDay = new Date(0)
  lastDay.setUTCFullYear(year, month, 0)
  return day <= lastDay.getUTCDate()
}

function offsetMinutes(
  sign: string | undefined,
  hours: number,
  minutes: number,
): number | undefined {
  if (hours > 23 || minutes > 59) return undefined
  return (hours * 60 + minutes) * (sign === '-' ? -1 : 1)
}

/** `Date.UTC` takes the years 0 to 99 for 1900 to 1999; this one does not. */
function utcMillis(y: number, month: number, d: number, h: number, min: number, s: number): number {
  const date = new Date(0)
  date.setUTCFullYear(y, month - 1, d)
  date.setUTCHours(h, min, s)
  return date.getTime()
}

function spell(seconds: number, leap: number, nanos: number): string {
  const day = Math.floor(seconds / SECONDS_PER_DAY)
  if (day !== lastDate.day) lastDate = { day, text: dateOf(day) }
  const ofDay = seconds - day * SECONDS_PER_DAY
  const hour = two(Math.floor(ofDay / 3600))
  const minute = two(Math.floor((ofDay % 3600) / 60))
  return `${lastDate.text}T${hour}:${minute}:${two((ofDay % 60) + leap)}${fraction(nanos)}Z`
}

/** The date that was spelled last. */
let lastDate = { day: 0, text: '1970-01-01' }

function dateOf(day: number): string {
  const date = new Date(day * SECONDS_PER_DAY * 1000)
  return `${year(date.getUTCFullYear())}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`
}

/** chrono writes 0, 3, 6 or 9 digits, the fewest that say it all. */
function fraction(nanos: number): string {
  if (nanos === 0) return ''
  const millis = Math.floor(nanos / 1e6)
  const micros = Math.floor(nanos / 1000) % 1000
  const below = nanos % 1000
  if (below !== 0) return `.${three(millis)}${three(micros)}${three(below)}`
  return micros === 0 ? `.${three(millis)}` : `.${three(millis)}${three(micros)}`
}

/** chrono signs a year outside 0 to 9999. */
function year(value: number): string {
  const digits = String(Math.abs(value)).padStart(4, '0')
  if (value < 0) return `-${digits}`
  return value > 9999 ? `+${digits}` : digits
}

const TWO_DIGITS = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, '0'))
const THREE_DIGITS = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, '0'))

function two(value: number): string {
  return TWO_DIGITS[value] as string
}

function three(value: number): string {
  return THREE_DIGITS[value] as string
}
