import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunOutcome } from '../../src/bridge/summary.js'
import type { WatchEvent } from '../../src/bridge/watch/watch-event.js'
import { exportLabel } from '../../src/cli/metrics/last-runs.js'
import { WatchMetrics } from '../../src/cli/watch-metrics.js'
import type { RunEvent } from '../../src/journal/events.js'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { VERSION } from '../../src/version.js'
import { at, journalOf, MS, shopJournals, T0 } from '../journal/example-journals.js'
import { readExposition, valueIn } from './exposition.js'

const SECOND = 1000n * MS
const END = Number(T0) / 1e9

const ended = (status: string, duration_ms: number | bigint = 1500): RunEvent => ({
  RunCompleted: { status, error_message: null, duration_ms },
})

const rows = (count: number | bigint): RunEvent => ({
  ChunkCompleted: { chunk_index: 0, rows: count, file_name: null },
})

/** A run that ended so many seconds after the others. */
function run(exportName: string, seconds: number, ...events: readonly RunEvent[]): RunJournal {
  const when = BigInt(seconds) * SECOND
  const entries = events.map((event) => at(when, event))
  return journalOf(entries, { exportName, runId: `${exportName}_${seconds}` })
}

const outcome = (runId: string, result: RunOutcome['result']): RunOutcome => ({
  ...{ runId, exportName: 'orders', revision: 0, traceIds: [], spans: 1, result },
  ...{ problems: [], warnings: [] },
})

async function told(...events: readonly WatchEvent[]) {
  const metrics = new WatchMetrics()
  for (const event of events) metrics.observe(event)
  return readExposition(await metrics.text())
}

const journals = (...runs: readonly RunJournal[]): WatchEvent[] =>
  runs.map((journal) => ({ kind: 'journal', journal }))

describe('the metrics of a watcher', () => {
  it('say nothing of what is not known, and 0 of what did not happen', async () => {
    const metrics = await told()
    for (const name of ['source_up', 'target_up', 'lag_seconds', 'runs_waiting'])
      expect(valueIn(metrics, `rivet_otel_watch_${name}`), name).toBeUndefined()
    for (const name of ['runs_seen', 'runs_sent', 'runs_present', 'retries'])
      expect(valueIn(metrics, `rivet_otel_watch_${name}_total`), name).toBe(0)
    expect(metrics.get('rivet_otel_watch_last_look_timestamp_seconds')?.samples).toEqual([])
  })

  it('count each run once, however often it is tried, and what became of it', async () => {
    const metrics = await told(
      { kind: 'run', run: outcome('a', 'sent') },
      { kind: 'run', run: outcome('b', 'failed'), againInMs: 1000 },
      { kind: 'run', run: outcome('b', 'failed'), againInMs: 2000 },
      { kind: 'run', run: outcome('c', 'elsewhere'), againInMs: 30_000 },
      { kind: 'run', run: outcome('b', 'failed') },
      { kind: 'run', run: outcome('d', 'present') },
      { kind: 'run', run: { where: 'row e', result: 'unreadable', problem: 'no JSON' } },
      { kind: 'run', run: { where: 'row f', runId: 'f', result: 'refused', problem: 'a+' } },
      // Its journal changed: it is taken up anew.
      { kind: 'run', run: outcome('a', 'sent') },
    )
    const counted = (name: string) => valueIn(metrics, `rivet_otel_watch_${name}_total`)
    expect([counted('runs_seen'), counted('runs_sent'), counted('runs_present')]).toEqual([7, 2, 1])
    expect(counted('retries')).toBe(3)
    const rejected = metrics.get('rivet_otel_watch_runs_rejected_total')?.samples
    expect(rejected?.map(({ labels, value }) => [labels.reason, value])).toEqual([
      ['given_up', 1],
      ['unreadable', 1],
      ['redaction', 1],
      ['empty', 0],
    ])
  })

  it('say whether the source and the target are there, and how far behind the watcher is', async () => {
    const before = Date.now() / 1000
    const metrics = await told(
      { kind: 'source', isThere: true },
      { kind: 'target', isThere: true },
      { kind: 'target', isThere: false, problem: 'refused' },
      { kind: 'look', waiting: 3, oldestUnixNano: T0 },
    )
    expect(valueIn(metrics, 'rivet_otel_watch_source_up')).toBe(1)
    expect(valueIn(metrics, 'rivet_otel_watch_target_up')).toBe(0)
    expect(valueIn(metrics, 'rivet_otel_watch_runs_waiting')).toBe(3)
    const lag = Date.now() / 1000 - END
    expect(valueIn(metrics, 'rivet_otel_watch_lag_seconds')).toSatisfy(
      (value: number) => value <= lag + 0.001 && value >= before - END - 0.001,
    )
    const look = valueIn(metrics, 'rivet_otel_watch_last_look_timestamp_seconds')
    expect(look).toBeGreaterThanOrEqual(before)
  })

  it('have no lag where nothing waits, or where a clock is ahead', async () => {
    const idle = await told({ kind: 'look', waiting: 0 })
    expect(valueIn(idle, 'rivet_otel_watch_lag_seconds')).toBe(0)
    const ahead = BigInt(Date.now() + 3_600_000) * MS
    const metrics = await told({ kind: 'look', waiting: 1, oldestUnixNano: ahead })
    expect(valueIn(metrics, 'rivet_otel_watch_lag_seconds')).toBe(0)
  })

  it('say what runs, and what it uses', async () => {
    const metrics = await told()
    const build = { version: VERSION, node: process.versions.node }
    expect(valueIn(metrics, 'rivet_otel_build_info', build)).toBe(1)
    expect(valueIn(metrics, 'process_resident_memory_bytes')).toBeGreaterThan(1e6)
    expect(valueIn(metrics, 'process_cpu_seconds_total')).toBeGreaterThan(0)
    const started = Date.now() / 1000 - process.uptime()
    expect(valueIn(metrics, 'process_start_time_seconds')).toBeCloseTo(started, -1)
  })
})

describe('the metrics of an export', () => {
  it('say of real runs what their journals say', async () => {
    const metrics = await told(...journals(...shopJournals()))
    const of = (name: string, labels: Record<string, string>) =>
      valueIn(metrics, `rivet_export_${name}`, labels)
    expect(of('last_run_status', { export: 'orders', status: 'success' })).toBe(1)
    expect(of('last_run_rows', { export: 'orders' })).toBe(400_000)
    expect(of('last_run_status', { export: 'empty', status: 'skipped' })).toBe(1)
    expect(of('last_run_rows', { export: 'empty' })).toBeUndefined()
    expect(of('last_success_timestamp_seconds', { export: 'empty' })).toBeUndefined()
  })

  it('have the status, duration, rows and end of the last run, and no other status beside it', async () => {
    const metrics = await told(
      ...journals(
        run('orders', 0, rows(5), ended('success')),
        run('orders', 60, rows(7), ended('failed', 250)),
      ),
    )
    const status = metrics.get('rivet_export_last_run_status')?.samples
    expect(status).toEqual([{ labels: { export: 'orders', status: 'failed' }, value: 1 }])
    const of = (name: string) => valueIn(metrics, `rivet_export_${name}`, { export: 'orders' })
    expect(of('last_run_duration_seconds')).toBe(0.25)
    expect(of('last_run_rows')).toBe(7)
    expect(of('last_run_end_timestamp_seconds')).toBe(Number(T0 + 60n * SECOND) / 1e9)
    expect(of('last_success_timestamp_seconds')).toBe(END)
  })

  it('stay those of the newest run when older ones come later, which may have succeeded later', async () => {
    const metrics = await told(
      ...journals(
        run('orders', 60, ended('failed')),
        run('orders', 0, rows(5), ended('success')),
        run('orders', 30, ended('success')),
        run('orders', 10, ended('success')),
      ),
    )
    const status = metrics.get('rivet_export_last_run_status')?.samples
    expect(status?.map(({ labels }) => labels.status)).toEqual(['failed'])
    expect(metrics.get('rivet_export_last_run_rows')?.samples).toEqual([])
    const success = valueIn(metrics, 'rivet_export_last_success_timestamp_seconds', {
      export: 'orders',
    })
    expect(success).toBe(Number(T0 + 30n * SECOND) / 1e9)
  })

  it('say nothing of what a journal does not say', async () => {
    const metrics = await told(
      ...journals(run('orders', 0, rows(1)), journalOf([], { exportName: 'none' })),
    )
    const names = ['last_run_status', 'last_run_duration_seconds', 'last_success_timestamp_seconds']
    for (const name of names) expect(metrics.get(`rivet_export_${name}`)?.samples).toEqual([])
    const end = metrics.get('rivet_export_last_run_end_timestamp_seconds')?.samples
    expect(end).toEqual([{ labels: { export: 'orders' }, value: END }])
  })

  it('take integers of any size', async () => {
    const metrics = await told(
      ...journals(run('orders', 0, rows(2n ** 63n - 1n), ended('success', 2n ** 60n))),
    )
    expect(valueIn(metrics, 'rivet_export_last_run_rows', { export: 'orders' })).toBe(2 ** 63)
    const duration = valueIn(metrics, 'rivet_export_last_run_duration_seconds', {
      export: 'orders',
    })
    expect(duration).toBe(2 ** 60 / 1000)
  })

  it('are there before the first run comes, where they are restored, and nothing is counted', async () => {
    const metrics = new WatchMetrics()
    metrics.restore(run('orders', 0, ended('success')))
    const text = readExposition(await metrics.text())
    expect(valueIn(text, 'rivet_export_last_success_timestamp_seconds', { export: 'orders' })).toBe(
      END,
    )
    expect(valueIn(text, 'rivet_otel_watch_runs_seen_total')).toBe(0)
  })

  it('end at a number of exports, beyond which runs are counted and told', async () => {
    const metrics = new WatchMetrics(2)
    for (const name of ['a', 'b', 'c', 'a', 'd'])
      metrics.observe({ kind: 'journal', journal: run(name, 0, ended('success')) })
    const text = readExposition(await metrics.text())
    const labels = text.get('rivet_export_last_run_status')?.samples.map((one) => one.labels.export)
    expect(labels).toEqual(['a', 'b'])
    expect(valueIn(text, 'rivet_otel_watch_unlabelled_runs_total')).toBe(2)
  })
})

const HOSTILE = [
  'a"b',
  'a\\',
  'a\\"',
  'a\nrivet_otel_watch_source_up 0\n',
  'a\r\n\u2028',
  '\u001b[31mred\u0007',
  '\0',
  '\ud800',
  'x'.repeat(10_000),
  `${'x'.repeat(199)}\u{1f600}${'y'.repeat(9)}`,
  '',
  '__proto__',
  'a,status:success',
  '{export="b"} 1',
]

describe('a name that means harm', () => {
  it('gives a text that can be read, and a label of its own', async () => {
    const hostile = HOSTILE.map((name) => run(name, 0, ended('success')))
    const metrics = await told(...journals(...hostile))
    const labels = metrics
      .get('rivet_export_last_run_status')
      ?.samples.map((one) => one.labels.export)
    expect(labels).toHaveLength(HOSTILE.length)
    expect(new Set(labels).size).toBe(HOSTILE.length)
    for (const label of labels ?? []) expect(label?.length).toBeLessThan(220)
    expect(metrics.get('rivet_otel_watch_source_up')?.samples).toEqual([])
  })

  it('is taken by promtool', async ({ skip }) => {
    const metrics = new WatchMetrics()
    for (const name of HOSTILE) metrics.restore(run(name, 0, ended('success')))
    const promtool = spawnSync('promtool', ['check', 'metrics'], { input: await metrics.text() })
    if (promtool.error !== undefined) {
      console.warn(
        'UNCHECKED: metrics by promtool, which is not in PATH (apt-get install prometheus)',
      )
      skip()
    }
    expect([promtool.status, String(promtool.stderr)]).toEqual([0, ''])
  })

  it('of whatever letters gives a text that can be read', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), {
          maxLength: 5,
        }),
        async (names) => {
          const hostile = names.map(([name, status]) => run(name, 0, ended(status)))
          const metrics = await told(...journals(...hostile))
          expect(metrics.get('rivet_export_last_run_status')?.samples).toHaveLength(
            new Set(names.map(([name]) => exportLabel(name))).size,
          )
        },
      ),
    )
  })

  it('loses its passwords, and a status that is no word its text', async () => {
    const metrics = await told(
      ...journals(run('postgres://ana:hunter2@db/shop', 0, ended('done\n1', 1))),
    )
    const [one] = metrics.get('rivet_export_last_run_status')?.samples ?? []
    expect(one?.labels.status).toBe('other')
    expect(one?.labels.export).toBe('postgres://ana:***@db/shop')
    expect(JSON.stringify([...metrics])).not.toContain('hunter2')
  })
})
