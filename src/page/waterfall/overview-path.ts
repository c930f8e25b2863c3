/** All attempts of a run as the outline of one small picture, however many they are. */
import type { AttemptView } from '../../view/run-view.js'

/** The size of the grid that attempts are drawn on. */
export const OVERVIEW = { columns: 1000, rows: 40 } as const

/**
 * The path of a picture of `OVERVIEW.columns` by `OVERVIEW.rows`: each attempt a stretch of a line, the first at the top. Many
 * attempts share a line, so the path's length does not grow with their number.
 *
 * @param duration Milliseconds of the whole line.
 * @example
 * overviewPath(view.attempts, view.axis.duration_ms, (attempt) => attempt.failed)
 */
export function overviewPath(
  attempts: readonly AttemptView[],
  duration: number,
  chosen: (attempt: AttemptView) => boolean = () => true,
): string {
  const { columns, rows } = OVERVIEW
  const cells = Array.from({ length: rows }, () => new Uint8Array(columns))
  const used = Math.min(attempts.length, rows)
  attempts.forEach((attempt, place) => {
    if (!chosen(attempt)) return
    const line = cells[Math.floor((place * used) / attempts.length)]
    const column = (ms: number) =>
      Math.min(Math.max(Math.floor((ms / (duration || 1)) * columns), 0), columns - 1)
    const from = column(attempt.start_ms)
    const to = Math.max(column(attempt.start_ms + (attempt.duration_ms ?? 0)), from + 1)
    line?.fill(1, from, to + 1)
  })
  const height = rows / Math.max(used, 1)
  return cells.map((line, row) => stretchesOf(line, row * height, height)).join('')
}

function stretchesOf(line: Uint8Array, top: number, height: number): string {
  let path = ''
  for (let column = 0; column < line.length; column++) {
    if (line[column] === 0) continue
    const end = line.indexOf(0, column)
    const width = (end === -1 ? line.length : end) - column
    path += `M${column} ${round(top)}h${width}v${round(height * 0.8)}h-${width}z`
    column += width
  }
  return path
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
