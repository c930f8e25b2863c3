/** Moments of a run as texts: from its start, and by the clock of UTC. */

/**
 * A moment by the clock, to the millisecond; `–` where the start is no time.
 *
 * @example
 * clockText('2026-11-21T08:53:39.134436857Z', 1000) // '2026-11-21 08:53:40.134Z'
 */
export function clockText(startAt: string, ms: number): string {
  const at = new Date(Date.parse(startAt) + ms)
  return Number.isNaN(at.getTime()) ? '–' : at.toISOString().replace('T', ' ')
}

/**
 * A timestamp of a view as it is read: to the second, or `–`.
 *
 * @example
 * timeText('2026-11-21T08:53:39.134436857Z') // '2026-11-21 08:53:39Z'
 */
export function timeText(timestamp: string | null): string {
  return timestamp === null ? '–' : `${timestamp.slice(0, 19).replace('T', ' ')}Z`
}

/**
 * How far a moment is from the start, exact to what a step of this size shows.
 *
 * @example
 * offsetText(1234.5, 100) // '1.2 s'
 * offsetText(90_000, 30_000) // '1:30'
 */
export function offsetText(ms: number, step: number): string {
  const digits = (unit: number) =>
    Math.min(6, Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9)))
  if (ms === 0) return '0'
  if (step < 1000 && Math.abs(ms) < 1000) return `${ms.toFixed(digits(1))} ms`
  if (Math.abs(ms) < 60_000) return `${(ms / 1000).toFixed(digits(1000))} s`
  const seconds = ms / 1000
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  const rest = (seconds % 60)
    .toFixed(digits(1000))
    .padStart(digits(1000) > 0 ? 3 + digits(1000) : 2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
