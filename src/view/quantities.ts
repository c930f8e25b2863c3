/**
 * Durations, counts, bytes and times as people read them. The same everywhere: no locale, no time
 * zone but UTC. A number is rounded first and its unit chosen after, so that 59.999 s is 1 m 00 s.
 */
import type { Integer } from '../journal/integer.js'
import { formatTimestamp } from '../journal/timestamp.js'

const BYTE_UNITS = ['kB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const

/** The first and the last instant that a calendar of four-digit years has. */
const FIRST_UNIX_NANO = -62_167_219_200_000_000_000n
const LAST_UNIX_NANO = 253_402_300_799_999_999_999n

/** What stands where a quantity is not known. */
export const UNKNOWN = '–'

/**
 * Whole milliseconds as a duration.
 *
 * @example
 * formatDuration(837) // '837 ms'
 * formatDuration(74_000) // '1 m 14 s'
 */
export function formatDuration(ms: Integer): string {
  const whole = BigInt(ms)
  return whole < 0n ? `-${duration(-whole)}` : duration(whole)
}

/**
 * An integer with commas between its thousands.
 *
 * @example
 * formatCount(9223372036854775807n) // '9,223,372,036,854,775,807'
 */
export function formatCount(count: Integer): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

/**
 * Bytes in decimal units, with three digits that count.
 *
 * @example
 * formatBytes(20_888_213) // '20.9 MB'
 */
export function formatBytes(bytes: Integer): string {
  const whole = BigInt(bytes)
  return whole < 0n ? `-${size(-whole)}` : size(whole)
}

/**
 * Nanoseconds since 1970 as a time of UTC, to the second, cut off as clocks do.
 *
 * @example
 * formatTime(1795251222129440541n) // '2026-11-21 08:53:42Z'
 */
export function formatTime(unixNano: bigint): string {
  if (unixNano < FIRST_UNIX_NANO || unixNano > LAST_UNIX_NANO) return UNKNOWN
  return `${formatTimestamp(unixNano).slice(0, 19).replace('T', ' ')}Z`
}

/**
 * A number with the thing that it counts.
 *
 * @example
 * counted(2, 'quality issue') // '2 quality issues'
 */
export function counted(count: Integer, thing: string): string {
  return `${formatCount(count)} ${thing}${Number(count) === 1 ? '' : 's'}`
}

function duration(ms: bigint): string {
  if (ms < 1000n) return `${ms} ms`
  const hundredths = rounded(ms, 10n)
  if (hundredths < 1000n) return `${decimal(hundredths, 2)} s`
  const tenths = rounded(ms, 100n)
  if (tenths < 600n) return `${decimal(tenths, 1)} s`
  const seconds = rounded(ms, 1000n)
  if (seconds < 3600n) return `${seconds / 60n} m ${two(seconds % 60n)} s`
  const minutes = rounded(ms, 60_000n)
  return `${formatCount(minutes / 60n)} h ${two(minutes % 60n)} m`
}

function size(bytes: bigint): string {
  if (bytes < 1000n) return `${bytes} B`
  let unit = 1000n
  for (const name of BYTE_UNITS) {
    for (const digits of [2, 1, 0]) {
      const steps = rounded(bytes, unit / 10n ** BigInt(digits))
      if (steps < 1000n) return `${decimal(steps, digits)} ${name}`
    }
    unit *= 1000n
  }
  return `${formatCount(rounded(bytes, unit / 1000n))} EB`
}

/** How many steps of this size there are, half a step rounded up. */
function rounded(value: bigint, step: bigint): bigint {
  return (value + step / 2n) / step
}

function decimal(value: bigint, digits: number): string {
  if (digits === 0) return String(value)
  const text = String(value).padStart(digits + 1, '0')
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`
}

function two(value: bigint): string {
  return String(value).padStart(2, '0')
}
