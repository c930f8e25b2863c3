/**
 * From when to when a run lasted: from its earliest to its latest entry, and from its end less its
 * own duration where that is earlier (CDC runs record everything at their end).
 */
import { fieldsOf } from '../journal/events.js'
import type { JournalEntry } from '../journal/run-journal.js'
import type { Span } from '../trace/trace.js'
import type { EntryTimes } from './times.js'

/** The time of a run, in nanoseconds since 1970. */
export interface RunPeriod {
  readonly startUnixNano: bigint
  /** May equal the start; a span adds 1 ns then. */
  readonly endUnixNano: bigint
}

/** From when to when a span lasts. */
export type SpanTimes = Pick<Span, 'startTimeUnixNano' | 'endTimeUnixNano'>

const NANOS_PER_MS = 1_000_000n

/**
 * The time of a run with at least one entry.
 *
 * @example
 * runPeriod(journal.entries, new EntryTimes(journal.entries)).startUnixNano // 1795251219134436857n
 */
export function runPeriod(entries: readonly JournalEntry[], times: EntryTimes): RunPeriod {
  const { earliest, latest } = times.span()
  const started = ownStart(entries, times)
  const isEarlier = started !== undefined && started >= 0n && started < earliest
  return { startUnixNano: isEarlier ? started : earliest, endUnixNano: latest }
}

/**
 * The times of a run's root, and of what stands beside it: no span is shorter than 1 ns.
 *
 * @example
 * rootTimes(journal.entries, new EntryTimes(journal.entries)).startTimeUnixNano // 1795251219134436857n
 */
export function rootTimes(entries: readonly JournalEntry[], times: EntryTimes): SpanTimes {
  const { startUnixNano, endUnixNano } = runPeriod(entries, times)
  return spanTimes(startUnixNano, endUnixNano)
}

/**
 * The times of a span: its end, or 1 ns after its start where that is no later.
 *
 * @example
 * spanTimes(7n, 7n) // { startTimeUnixNano: 7n, endTimeUnixNano: 8n }
 */
export function spanTimes(start: bigint, end: bigint): SpanTimes {
  return { startTimeUnixNano: start, endTimeUnixNano: end > start ? end : start + 1n }
}

/** The time of the last RunCompleted less the duration that it gives. */
function ownStart(entries: readonly JournalEntry[], times: EntryTimes): bigint | undefined {
  for (let i = entries.length - 1; i >= 0; i--) {
    const outcome = fieldsOf(entries[i]?.event ?? '', 'RunCompleted')
    if (outcome !== undefined) return times.of(i) - BigInt(outcome.duration_ms) * NANOS_PER_MS
  }
  return undefined
}
