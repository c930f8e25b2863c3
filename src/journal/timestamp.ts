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
  const match = RFC_3339.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((n) => Number(match[n]))
  if (year === undefined || month === undefined || day === undefined) return undefined
  if (hour === undefined || minute === undefined || second === undefined) return undefined
  if (!isDay(year, month, day) || hour > 23 || minute > 59 || second > 60) return undefined
  const offset = offsetMinutes(match[9], Number(match[10] ?? 0), Number(match[11] ?? 0))
  if (offset === undefined) return undefined

  const nanos = BigInt((match[7] ?? '').slice(0, 9).padEnd(9, '0'))
  const leap = second === 60 ? 1 : 0
  const millis = utcMillis(year, month, day, hour, minute - offset, second - leap)
  if (Number.isNaN(millis)) return undefined
  const seconds = Math.floor(millis / 1000)
  const unixNano = BigInt(seconds + leap) * NANOS_PER_SECOND + nanos
  return { unixNano, canonical: spell(seconds, leap, nanos) }
}

/**
 * Writes nanoseconds since 1970 in chrono's spelling.
 *
 * @example
 * formatTimestamp(1795251219134000000n) // '2026-11-21T08:53:39.134Z'
 */
export function formatTimestamp(unixNano: bigint): string {
  let seconds = unixNano / NANOS_PER_SECOND
  let nanos = unixNano % NANOS_PER_SECOND
  if (nanos < 0n) {
    seconds -= 1n
    nanos += NANOS_PER_SECOND
  }
  return spell(Number(seconds), 0, nanos)
}

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

function spell(seconds: number, leap: number, nanos: bigint): string {
  const date = new Date(seconds * 1000)
  const whole = `${year(date.getUTCFullYear())}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}T${two(
    date.getUTCHours(),
  )}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds() + leap)}`
  return `${whole}${fraction(nanos)}Z`
}

/** chrono writes 0, 3, 6 or 9 digits, the fewest that say it all. */
function fraction(nanos: bigint): string {
  if (nanos === 0n) return ''
  const digits = nanos.toString().padStart(9, '0')
  if (digits.endsWith('000000')) return `.${digits.slice(0, 3)}`
  return digits.endsWith('000') ? `.${digits.slice(0, 6)}` : `.${digits}`
}

/** chrono signs a year outside 0 to 9999. */
function year(value: number): string {
  const digits = String(Math.abs(value)).padStart(4, '0')
  if (value < 0) return `-${digits}`
  return value > 9999 ? `+${digits}` : digits
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}
