/** How long ago something was, in one unit. */

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const

/**
 * A time as a distance from now. What lies ahead, because two clocks differ, is now.
 *
 * @param at RFC 3339
 * @param now in milliseconds since 1970
 * @example
 * ago('2026-11-21T08:00:00Z', Date.parse('2026-11-21T08:03:10Z')) // '3 m ago'
 */
export function ago(at: string, now: number): string {
  const ms = now - Date.parse(at)
  if (Number.isNaN(ms)) return at
  for (const [unit, length] of UNITS)
    if (ms >= length) return `${Math.floor(ms / length)} ${unit} ago`
  return ms < 10_000 ? 'now' : `${Math.floor(ms / 1000)} s ago`
}
