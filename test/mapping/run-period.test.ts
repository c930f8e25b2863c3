import { describe, expect, it } from 'vitest'
import type { JournalEntry } from '../../src/journal/run-journal.js'
import { runPeriod } from '../../src/mapping/run-period.js'
import { EntryTimes } from '../../src/mapping/times.js'
import { at, MS, runCompleted, T0, warning } from '../journal/example-journals.js'

const periodOf = (...entries: JournalEntry[]) => {
  const { startUnixNano, endUnixNano } = runPeriod(entries, new EntryTimes(entries))
  return [startUnixNano, endUnixNano]
}
const ended = (duration_ms: number | bigint, nanos = 0n) =>
  at(nanos, runCompleted('success', null, duration_ms))

describe('the time of a run', () => {
  it('is from its earliest to its latest entry, whatever their order', () => {
    expect(periodOf(at(50, 'a'), at(10, 'b'), at(70, 'c'), at(60, 'd'))).toEqual([
      T0 + 10n,
      T0 + 70n,
    ])
    expect(periodOf(at(5, 'a'))).toEqual([T0 + 5n, T0 + 5n])
  })

  it('starts earlier where the duration of the run reaches further back', () => {
    expect(periodOf(at(0, warning('a')), ended(60_000, 5n * MS))).toEqual([
      T0 - 59_995n * MS,
      T0 + 5n * MS,
    ])
    expect(periodOf(at(0, warning('a')), ended(5, 5n * MS))[0]).toBe(T0)
    for (const duration of [4, 0, -60_000]) {
      expect(periodOf(at(0, warning('a')), ended(duration, 5n * MS))[0]).toBe(T0)
    }
  })

  it('goes by the last RunCompleted, which need not be the last entry', () => {
    expect(periodOf(ended(9), ended(1), at(3, 'after'))[0]).toBe(T0 - MS)
  })

  it('may start with 1970, and not before', () => {
    const early = (recorded_at: string, duration_ms: number | bigint) =>
      periodOf({ recorded_at, event: runCompleted('success', null, duration_ms) })
    expect(early('1970-01-01T00:00:01Z', 1000)[0]).toBe(0n)
    expect(early('1970-01-01T00:00:01Z', 1001)[0]).toBe(1_000_000_000n)
    expect(early('2026-11-21T08:53:39Z', 2n ** 63n - 1n)[0]).toBe(1_795_251_219_000_000_000n)
  })
})
