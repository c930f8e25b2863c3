import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { type RecentRunsOptions, recentRuns } from '../../../src/bridge/watch/recent-runs.js'
import { WatchMetrics } from '../../../src/cli/watch-metrics.js'
import { redactionPattern } from '../../../src/journal/redaction-pattern.js'
import type { RunJournal } from '../../../src/journal/run-journal.js'
import { openJournalFile } from '../../../src/sources/json-file.js'
import type { JournalSource } from '../../../src/sources/source.js'
import { openSqliteSource } from '../../../src/sources/sqlite.js'
import { readExposition } from '../../cli/exposition.js'
import type { ContractRow } from '../../contracts/source-contract.js'
import { SHOP, stateDatabase } from '../../sources/places.js'

const SHOP_LINES = fileURLToPath(new URL('../../fixtures/journals/shop.jsonl', import.meta.url))

const open: JournalSource[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function opened(file: string): Promise<JournalSource> {
  const source = await openSqliteSource(file)
  open.push(source)
  return source
}

const database = (rows: readonly ContractRow[]) => opened(stateDatabase(rows))

/** A run that ended so many seconds after 08:00. */
function run(
  exportName: string,
  seconds: number,
  status: string,
  run_id = `${exportName}_${seconds}`,
): ContractRow {
  const at = new Date(Date.UTC(2026, 10, 21, 8, 0, seconds)).toISOString()
  const outcome = { status, error_message: null, duration_ms: 90 }
  const entries = [{ recorded_at: at, event: { RunCompleted: outcome } }]
  const text = JSON.stringify({ run_id, export_name: exportName, entries })
  return { run_id, export_name: exportName, finished_at: at, text }
}

async function recent(source: JournalSource, options: Partial<RecentRunsOptions> = {}) {
  const journals: RunJournal[] = []
  const onJournal = (journal: RunJournal) => void journals.push(journal)
  await recentRuns({ source, mostExports: 1000, onJournal, ...options })
  return journals
}

const names = (journals: readonly RunJournal[]) => [
  ...new Set(journals.map(({ run_id }) => run_id)),
]

describe('the newest runs of each export', () => {
  it('are one where it succeeded', async () => {
    const rows = ['orders', 'customers'].flatMap((name) =>
      [1, 2, 3].map((at) => run(name, at, 'success')),
    )
    const journals = await recent(await database(rows))
    expect(names(journals).sort()).toEqual(['customers_3', 'orders_3'])
  })

  it('reach back to the last that succeeded, and no further than 20', async () => {
    const failing = (name: string, from: number) =>
      Array.from({ length: 20 - from }, (_, i) => run(name, i + 1, 'failed'))
    const source = await database([
      ...[run('reached', 0, 'success'), ...failing('reached', 1)],
      ...[run('too_far', 0, 'success'), ...failing('too_far', 0)],
    ])
    const metrics = new WatchMetrics()
    await recent(source, { onJournal: (journal) => metrics.restore(journal) })
    const text = readExposition(await metrics.text())
    const status = text.get('rivet_export_last_run_status')?.samples.map((one) => one.labels.export)
    expect(status?.sort()).toEqual(['reached', 'too_far'])
    const succeeded = text.get('rivet_export_last_success_timestamp_seconds')?.samples
    expect(succeeded).toEqual([
      { labels: { export: 'reached' }, value: Date.UTC(2026, 10, 21, 8) / 1000 },
    ])
  })

  it('leave rows out that cannot be read, at no cost to the others', async () => {
    const source = await database([
      run('orders', 1, 'success'),
      { ...run('orders', 2, 'success'), text: '{' },
      { ...run('broken', 1, 'success'), text: '' },
    ])
    expect(names(await recent(source))).toEqual(['orders_1'])
  })

  it('come as they would leave: redacted, or not at all', async () => {
    const source = await database([
      run('postgres://ana:hunter2@db/shop', 1, 'success', 'a'),
      run('card_1234567890123456', 1, 'success', 'b'),
      // Its run_id may not be changed, so that it never leaves.
      run('orders', 1, 'success', 'c_1234567890123456'),
    ])
    const redaction = { patterns: [redactionPattern('\\d{16}')] }
    const journals = await recent(source, { redaction })
    expect(journals.map((one) => one.export_name).sort()).toEqual([
      'card_[redacted]',
      'postgres://ana:***@db/shop',
    ])
  })

  it('are of so many exports at most', async () => {
    const source = await database(['a', 'b', 'c'].map((name) => run(name, 1, 'success')))
    expect(await recent(source, { mostExports: 2 })).toHaveLength(2)
  })

  it('stop coming when that is asked for', async () => {
    const source = await database(['a', 'b', 'c'].map((name) => run(name, 1, 'success')))
    const stop = new AbortController()
    const journals: RunJournal[] = []
    const onJournal = (journal: RunJournal) => {
      journals.push(journal)
      stop.abort()
    }
    await recentRuns({ source, mostExports: 9, onJournal, signal: stop.signal })
    expect(journals).toHaveLength(1)
  })

  it('come from a real state database', async () => {
    const journals = await recent(await opened(SHOP))
    expect(new Set(journals.map((one) => one.export_name)).size).toBe(11)
  })
})

describe('the names of exports', () => {
  it('are asked of a state database without reading its runs', async () => {
    const source = await database([
      ...['a', 'a', 'b"\u{1f600}', ''].map((name, i) => run(name, i, 'success')),
    ])
    expect([...((await source.exports?.(10)) ?? [])].sort()).toEqual(['', 'a', 'b"\u{1f600}'])
    expect(await source.exports?.(1)).toHaveLength(1)
  })

  it('are those of its runs, in a source that cannot be asked', async () => {
    const source = await openJournalFile(SHOP_LINES)
    open.push(source)
    expect(source.exports).toBeUndefined()
    const journals = await recent(source)
    expect(new Set(journals.map((one) => one.export_name)).size).toBe(11)
  })
})
