/** Secrets in every text that a state database has of runs without journals; none may come out. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { interruptedRunToTrace } from '../../src/mapping/interrupted-run.js'
import { encodeResourceSpansJson } from '../../src/trace/otlp-json.js'
import { interruptedInChunks } from '../cli/view/unjournaled-runs.js'
import { NEWEST } from '../contracts/rivet-tables.js'
import { file, journal, metrics, status, task } from '../contracts/state-rows.js'
import { recordsDatabase } from '../sources/sqlite-records-place.js'
import { rivetOtel, temporaryFolder } from './command-line.js'
import { all, DSN, found, secret, WORDS } from './planted-secrets.js'

const source = `postgres://ana:${secret()}@db.example:5432/shop`
const prefix = `s3://b/k?X-Amz-Signature=${secret()}&x=1`

describe('secrets planted in runs without journals', { timeout: 120_000 }, () => {
  it('come out neither of a state database nor of traces', async () => {
    const folder = temporaryFolder()
    const run = (...args: string[]) =>
      rivetOtel(args, { cwd: folder, env: { TMPDIR: folder, RIVET_OTEL_DEBUG: '1' } })
    const states = [
      ['killed', 'interrupted', 5],
      ['gone', 'failed', 6],
      [`of ${DSN}`, 'interrupted', 7],
      ['going', 'running', undefined],
    ] as const
    const rows = states.flatMap(([runId, state, ended]) => [
      status(runId, state, 0, ended, { source, prefix, export_name: `orders of ${DSN}` }),
      task(runId, 0, 'failed', 1, { last_error: WORDS, start_key: WORDS, end_key: DSN }),
      task(runId, 1, 'running', 2, { start_key: DSN, end_key: DSN, file_name: WORDS }),
      file(runId, prefix, 3),
      metrics(runId, state, 4, 1, { mode: DSN, rivet_version: DSN, error_class: DSN }),
    ])
    const beside = [
      status('orders_1', 'success', 8, 9, { source, prefix, export_name: 'orders' }),
      journal('orders_1', 9),
    ]
    const from = [
      '--from',
      recordsDatabase({ version: NEWEST, rows: [...rows, ...beside], changes: [] }),
    ]
    const { trace } = interruptedRunToTrace(
      interruptedInChunks({ exportName: DSN, resumedBy: `next of ${DSN}` }),
    )
    writeFileSync(
      join(folder, 'killed.otlp.jsonl'),
      `{"resourceSpans":[${encodeResourceSpansJson(trace)}]}\n`,
    )
    const ofTrace = ['--from', 'killed.otlp.jsonl']
    const outcomes = [await run('runs', ...from), await run('runs', ...from, '--json')]
    for (const [runId] of states) {
      outcomes.push(await run('show', ...from, runId), await run('show', ...from, runId, '--json'))
    }
    expect(outcomes.map(({ code }) => code)).toEqual(outcomes.map(() => 0))
    outcomes.push(
      await run('show', ...from, 'orders_1'),
      await run('show', ...from, `killed ${DSN}`),
      await run('runs', ...ofTrace),
      await run('show', ...ofTrace, 'slow_1'),
      await run('show', ...ofTrace, 'slow_1', '--json'),
      await run('import', ...ofTrace, '--run-id', 'slow_1', '--json'),
    )
    const everything = all(folder, ['killed.otlp.jsonl'], outcomes)
    expect(found(everything)).toEqual([])
    expect(everything.match(/:\*\*\*@db\.example/g)?.length).toBeGreaterThan(40)
    expect(everything).toContain('postgres://ana:***@db.example:5432/shop')
  })

  it('stand in what was put in, so that they could be found', () => {
    expect(found([source, prefix, WORDS, DSN].join('\n')).length).toBeGreaterThan(12)
  })
})
