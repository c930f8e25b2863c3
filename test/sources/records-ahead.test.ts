import { describe, expect, it } from 'vitest'
import { RecordsAhead } from '../../src/sources/records-ahead.js'
import type { RunListing } from '../../src/sources/source.js'
import type { RunMetrics, RunRecord } from '../../src/state/run-record.js'

const HOUR_MS = 3_600_000
const nanos = (ms: number) => BigInt(ms) * 1_000_000n

/** So many runs that ended so long ago. */
function runsEnded(count: number, agoMs: number) {
  const endedUnixNano = nanos(Date.now() - agoMs)
  return Array.from({ length: count }, (_, i) => ({
    runId: `orders_${i}`,
    exportName: 'orders',
    endedUnixNano,
  }))
}

/** A database that says the same of every run but those of `unknown`, and counts what it was asked. */
function database(metrics?: RunMetrics) {
  const asked: number[] = []
  const ahead = new RecordsAhead((runs: readonly RunListing[]) => {
    asked.push(runs.length)
    const known = runs.filter(({ exportName }) => exportName !== 'unknown')
    const records = known.map(({ runId, exportName }): [string, RunRecord] => [
      runId,
      { runId, exportName, harm: [], ...(metrics === undefined ? {} : { metrics }) },
    ])
    return Promise.resolve(new Map(records))
  })
  return { ahead, asked }
}

/** Goes through the runs and asks for each as it comes; how much was known of how many of them. */
async function readingEach(
  ahead: RecordsAhead,
  runs: readonly (RunListing | { readonly kind: 'unreadable' })[],
) {
  let known = 0
  for (const run of ahead.through(runs)) {
    if ('kind' in run) continue
    known += (await ahead.of([run])).size
  }
  return known
}

describe('what is known beside runs', () => {
  it('is asked for once for very many that are read one after the other', async () => {
    const { ahead, asked } = database()
    expect(await readingEach(ahead, runsEnded(4_500, HOUR_MS))).toBe(4_500)
    expect(asked).toEqual([2_000, 2_000, 500])
  })

  it('is asked for once also of runs of which nothing is known', async () => {
    const { ahead, asked } = database()
    const runs = runsEnded(3, HOUR_MS).map((run) => ({
      ...run,
      runId: `${run.runId}_unknown`,
      exportName: 'unknown',
    }))
    expect(
      await readingEach(ahead, [...runs, { kind: 'unreadable' }, ...runsEnded(2, HOUR_MS)]),
    ).toBe(2)
    expect(asked).toEqual([5])
  })

  it('is asked for again where a run ended only just now and its last row is not there', async () => {
    const running = database({ status: 'running' })
    expect(await readingEach(running.ahead, runsEnded(3, 1_000))).toBe(3)
    expect(running.asked).toEqual([3, 2, 1])
    const whole = database({ status: 'success' })
    expect(await readingEach(whole.ahead, runsEnded(3, 1_000))).toBe(3)
    expect(whole.asked).toEqual([3])
  })

  it('is asked for again whenever somebody asks again', async () => {
    const { ahead, asked } = database()
    const runs = runsEnded(2, HOUR_MS)
    for (const run of ahead.through(runs)) {
      await ahead.of([run])
      await ahead.of([run])
    }
    expect(asked).toEqual([2, 1, 1])
  })

  it('is asked for of other runs than those that are read, and of none ahead where none are', async () => {
    const { ahead, asked } = database()
    const [first, ...others] = runsEnded(3, HOUR_MS)
    expect((await ahead.of(others)).size).toBe(2)
    for (const _ of ahead.through([{ kind: 'unreadable' as const }, ...others]))
      if (first !== undefined) expect((await ahead.of([first])).size).toBe(1)
    expect(asked).toEqual([2, 3, 1, 1])
  })
})
