/** A run as one row of a list, as plain JSON for any reader. */
import type { Integer } from '../journal/events.js'
import { type RunRow, runRowJson } from './run-row.js'
import type { Count, RunSummary } from './run-view.js'
import { shownRecords } from './shown-records.js'

/**
 * The row of a run without passwords, and with integers as any JSON reader takes them.
 *
 * @example
 * summaryOf(runRow(journal)).rows // 400000
 */
export function summaryOf(row: RunRow): RunSummary {
  const json = runRowJson(shownRecords(row))
  return {
    ...json,
    duration_ms: countOrNull(json.duration_ms),
    rows: countOrNull(json.rows),
    bytes: countOrNull(json.bytes),
    files: countOrNull(json.files),
  }
}

/**
 * An integer as any JSON reader takes it: a number where that is exact, else decimal text.
 *
 * @example
 * countOf(9223372036854775807n) // '9223372036854775807'
 */
export function countOf(integer: Integer): Count {
  const number = Number(integer)
  return Number.isSafeInteger(number) ? number : String(integer)
}

/**
 * The same for an integer that may be unknown.
 *
 * @example
 * countOrNull(undefined) // null
 */
export function countOrNull(integer: Integer | null | undefined): Count | null {
  return integer == null ? null : countOf(integer)
}
