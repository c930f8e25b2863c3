import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { displayWidth } from '../../src/cli/view/terminal-text.js'
import { interruptedIdsOf } from '../../src/mapping/ids.js'
import { interruptedRunToTrace } from '../../src/mapping/interrupted-run.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { encodeResourceSpansJson, joinJsonRequest } from '../../src/trace/otlp-json.js'
import { startJaegerServer } from '../backends/jaeger-server.js'
import { interruptedInChunks } from '../cli/view/unjournaled-runs.js'
import { NEWEST, type TableRow } from '../contracts/rivet-tables.js'
import { file, journal, metrics, status, task } from '../contracts/state-rows.js'
import { shopJournals } from '../journal/example-journals.js'
import { recordsDatabase } from '../sources/sqlite-records-place.js'
import { type Finished, rivetOtel, SHOP, temporaryFolder } from './command-line.js'
import { runHere } from './in-process.js'

const KILLED = 'chunk_slow_20261121T085434.212_13009'
const NEXT = 'chunk_slow_20261121T085437.226_13367'

const run = (...args: readonly string[]) => runHere(args, { cwd: temporaryFolder() })
const idsIn = ({ stdout }: Finished) =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { run_id: string; journal: boolean; status: string })

describe('a run that was killed, in the real state database', () => {
  const from = ['--from', SHOP]

  it('stands among the others, in time, without a duration, and with no journal', async () => {
    const { code, stdout, stderr } = await rivetOtel(['runs', ...from])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lines = stdout.split('\n')
    const at = lines.findIndex((line) => line.startsWith(KILLED))
    expect(lines[at]).toMatch(
      /^chunk_slow_\S+ +chunk_slow +interrupted +2026-11-21 08:54:34Z( +–){7}$/,
    )
    expect(lines[at - 1]).toMatch(/^chunk_boom_/)
    expect(lines[at + 1]).toMatch(new RegExp(`^${NEXT} `))
    const rows = idsIn(await run('runs', ...from, '--json'))
    expect(rows).toHaveLength(13)
    expect(rows.filter((row) => !row.journal).map(({ run_id }) => run_id)).toEqual([KILLED])
    expect(rows.map((row) => Object.keys(row).join())).toEqual(
      rows.map(() => Object.keys(rows[0] ?? {}).join()),
    )
  })

  it('is found by its status, its export and the time at which it was noticed', async () => {
    const ids = async (...args: readonly string[]) =>
      idsIn(await run('runs', ...from, '--json', ...args)).map(({ run_id }) => run_id)
    expect(await ids('--status', 'interrupted')).toEqual([KILLED])
    expect(await ids('--export', 'chunk_slow')).toEqual([KILLED, NEXT])
    expect(await ids('--run-id', KILLED)).toEqual([KILLED])
    expect(await ids('--since', '2026-11-21T08:54:37Z', '--until', '2026-11-21T08:54:38Z')).toEqual(
      [KILLED],
    )
    expect(await ids('--status', 'running')).toEqual([])
  })

  it('is shown as far as it is known, with the run that came next', async () => {
    const { code, stdout } = await rivetOtel(['show', ...from, KILLED], { env: { COLUMNS: '80' } })
    expect(code).toBe(0)
    expect(`\n${stdout}`).toBe(`
NO JOURNAL: this run was killed before it could write one. This is what the
state database has of it.

chunk_slow_20261121T085434.212_13009
interrupted · export chunk_slow · started 2026-11-21 08:54:34Z

Planned
  source         postgres://127.0.0.1:5432/shop
  written to     file:///srv/shop/out/chunk_slow

Happened
  rows           –
  files          –
  bytes          –

Degraded
  nothing recorded

Outcome
  status         interrupted
  noticed        2026-11-21 08:54:37Z; when it stopped, nobody knows
  next run       chunk_slow_20261121T085437.226_13367: failed
  see            rivet-otel show chunk_slow_20261121T085437.226_13367
`)
    const json = await run('show', ...from, KILLED, '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({
      journal: null,
      run_id: KILLED,
      status: 'interrupted',
      noticed_at: '2026-11-21T08:54:37.226586923Z',
      next_run: { run_id: NEXT, status: 'failed' },
    })
  })

  it('is suggested to who mistypes it', async () => {
    const { code, stderr } = await run('show', ...from, `${KILLED}1`)
    expect(code).toBe(2)
    expect(stderr).toContain(`did you mean ${KILLED}`)
  })

  it('fits into a narrow terminal', async () => {
    for (const command of [['runs'], ['show', KILLED]]) {
      const { stdout } = await rivetOtel([...command, ...from], { env: { COLUMNS: '40' } })
      expect(stdout).toContain('interrupted')
      for (const line of stdout.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(40)
    }
  })

  it('costs export, verify and import nothing', async () => {
    const cwd = temporaryFolder()
    const here = (...args: readonly string[]) => rivetOtel(args, { cwd })
    const sent = await here('export', ...from, '--to', 'traces.otlp.jsonl')
    expect(sent.code).toBe(0)
    const verified = await here('verify', ...from, '--in', 'traces.otlp.jsonl')
    expect(verified).toMatchObject({ code: 0 })
    const imported = await here('import', '--from', 'traces.otlp.jsonl')
    expect(imported.stdout.trim().split('\n')).toHaveLength(12)
  })
})

describe('a state database with runs in every state', () => {
  const rows: readonly TableRow[] = [
    ...[status('gone', 'success', -20, -15), status('orders_1', 'success', 0, 18)],
    task('orders_1', 0, 'completed', 3, { rows_written: 250, file_name: 'part_0.csv' }),
    task('orders_1', 1, 'completed', 15, { rows_written: 250, file_name: 'part_1.csv' }),
    file('orders_1', 'part_0.csv', 3),
    file('orders_1', 'part_1.csv', 15),
    metrics('orders_1', 'success', 17, 500, { rivet_version: '0.32.2', peak_rss_mb: 27 }),
    ...[status('orders_2', 'success', 10, 19), journal('orders_2', 17)],
    status('orders_3', 'running', 30, undefined, { source: 'postgres://db:5432/shop' }),
    task('orders_3', 0, 'running', 31, { start_key: '1', end_key: '250' }),
  ]
  const from = () => ['--from', recordsDatabase({ version: NEWEST, rows, changes: [] })]

  it('lists them: what runs last, what ended without a journal with that concern', async () => {
    const { code, stdout } = await run('runs', ...from())
    expect(code).toBe(0)
    const words = stdout
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(/ {2,}/).slice(0, 3))
    expect(words).toEqual([
      ['gone', 'orders', 'success, no journal'],
      ['orders_1', 'orders', 'interrupted'],
      ['orders_2', 'orders', 'success'],
      ['orders_3', 'orders', 'running'],
    ])
  })

  it('shows of a run that was gone on with what it had done by then, and by which run', async () => {
    const { stdout } = await run('show', ...from(), 'orders_1')
    expect(stdout).toContain('resumed by     orders_2: success')
    expect(stdout).toContain('part_0.csv')
    expect(stdout).not.toContain('part_1.csv')
    expect(stdout).not.toContain('27 MB')
  })

  it('shows of the run that went on which one that was, and what it took', async () => {
    const { stdout } = await run('show', ...from(), 'orders_2')
    const [, beside] = stdout.split('\nBeside the journal\n')
    expect(beside).toMatch(/rivet +0\.32\.2\n +memory +27 MB at most\n/)
    expect(beside).toContain('went on with   orders_1, which left no journal')
  })

  it('shows since when a run is running, and what it is doing', async () => {
    const { code, stdout } = await run('show', ...from(), 'orders_3')
    expect(code).toBe(0)
    expect(stdout).toMatch(/since +2026-/)
    expect(stdout).toMatch(/chunk 0 +is being read, since .*: keys 1 – 250/)
    expect(stdout).not.toMatch(/ended|noticed/)
    const { stdout: json } = await run('show', ...from(), 'orders_3', '--json')
    expect(JSON.parse(json)).toMatchObject({ state: 'running', ended_at: null, noticed_at: null })
  })

  it('says of the runs that an export names why there is nothing to send', async () => {
    const named = ['gone', 'orders_1', 'orders_3'].flatMap((name) => ['--run-id', name])
    const to = join(temporaryFolder(), 'a.jsonl')
    const { code, stdout, stderr } = await run('export', ...from(), '--to', to, ...named)
    expect({ code, stderr: stderr.trim().split('\n') }).toEqual({
      code: 0,
      stderr: [
        'gone: not sent: it ended (success) and left no journal',
        'orders_3: not sent: it is running and has no journal yet',
      ],
    })
    expect(stdout).toContain('interrupted run orders_1')
  })
})

describe('the trace of a run that was killed', () => {
  const killed = interruptedInChunks({ resumedBy: 'slow_2' })
  const { trace } = interruptedRunToTrace(killed)
  const { traceId } = interruptedIdsOf({ namespace: '', runId: killed.runId })

  /** A file with the trace among those of real runs, and a server with the same. */
  async function places(): Promise<readonly string[]> {
    const server = await startJaegerServer()
    onTestFinished(() => server.stop())
    const traces = [
      trace,
      ...shopJournals().flatMap((each) => [...journalToTrace(each)].map((page) => page.trace)),
    ]
    for (const each of traces) server.keep(each)
    const path = join(temporaryFolder(), 'traces.otlp.jsonl')
    writeFileSync(path, `${joinJsonRequest(traces.map(encodeResourceSpansJson))}\n`)
    return [path, `jaeger+${server.url}`]
  }

  it('is found by the run_id, in a file and in a server, and says that there is no journal', async () => {
    for (const place of await places()) {
      const { code, stdout } = await run('show', '--from', place, killed.runId)
      expect(code).toBe(0)
      expect(stdout.replaceAll('\n', ' ')).toContain(
        `run slow_1 was interrupted and left no journal; its trace is ${traceId}`,
      )
      expect(stdout).toContain('resumed by     slow_2')
      expect(stdout).toContain('6 planned, 1 failed, 2 not begun')
      const json = await run('show', '--from', place, killed.runId, '--json')
      expect(JSON.parse(json.stdout)).toMatchObject({ journal: null, trace_id: traceId, rows: 500 })
      const listed = await run('runs', '--from', place, '--run-id', killed.runId, '--json')
      expect(idsIn(listed)).toMatchObject([{ journal: false, status: 'interrupted', chunks: 4 }])
      const byTrace = await run('runs', '--from', place, '--trace-id', traceId, '--json')
      expect(byTrace.stdout).toBe(listed.stdout)
    }
  })

  it('is looked for under the namespace', async () => {
    for (const place of await places()) {
      const args = ['show', '--from', place, killed.runId, '--namespace', 'eu']
      expect(await run(...args)).toMatchObject({ code: 2, stdout: '' })
    }
  })

  it('is no journal: import says so, and that there is none', async () => {
    for (const place of await places()) {
      for (const named of [
        ['--run-id', killed.runId],
        ['--trace-id', traceId],
      ]) {
        const { code, stdout, stderr } = await run('import', '--from', place, ...named)
        expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
        expect(stderr).toContain(
          `slow_1 was interrupted and left no journal; its trace is ${traceId}`,
        )
        expect(stderr).toContain('no run ')
      }
    }
  })

  it('stands among the runs of a file, and an import of all of them says nothing of it', async () => {
    const [path = ''] = await places()
    const rows = idsIn(await run('runs', '--from', path, '--json', '--all'))
    expect(rows).toHaveLength(13)
    expect(rows[0]).toMatchObject({ run_id: 'slow_1', journal: false })
    expect(idsIn(await run('runs', '--from', path, '--json', '--last', '12'))).toHaveLength(12)
    const failed = await run('runs', '--from', path, '--json', '--status', 'interrupted')
    expect(idsIn(failed)).toHaveLength(1)
    const imported = await run('import', '--from', path)
    expect(imported.code).toBe(0)
    expect(imported.stderr).not.toContain('slow_1')
    const report = await run('import', '--from', path, '--json')
    expect(JSON.parse(report.stdout)).toMatchObject({
      interrupted: [{ run_id: 'slow_1', namespace: '', trace_id: traceId }],
    })
  })
})
