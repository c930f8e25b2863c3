import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { stringifyJournal } from '../../src/journal/codec.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp } from '../../src/journal/timestamp.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { SERVERS, serverWithTraces } from '../bridge/server-with-traces.js'
import { runCompleted } from '../journal/example-journals.js'
import { rivetOtel, temporaryFolder } from './command-line.js'

const HOUR_MS = 3_600_000

/** A run that ended so many hours ago. */
function run(runId: string, hoursAgo: number): RunJournal {
  const recorded_at = formatTimestamp(BigInt(Date.now() - hoursAgo * HOUR_MS) * 1_000_000n)
  const exportName = runId.replace(/_\d+$/, '')
  return new RunJournal(runId, exportName, [{ recorded_at, event: runCompleted('success') }])
}

const RUNS = [run('orders_11', 5), run('events_21', 4), run('orders_12', 3), run('events_22', 2)]

async function place(name: (typeof SERVERS)[number]) {
  const { location, keep } = await serverWithTraces(name)
  for (const journal of RUNS) for (const { trace } of journalToTrace(journal)) keep(trace)
  const cwd = temporaryFolder()
  const from = join(cwd, 'journals.jsonl')
  writeFileSync(from, `${RUNS.map(stringifyJournal).join('\n')}\n`)
  return { location, from, command: (...args: string[]) => rivetOtel(args, { cwd }) }
}

describe.each(SERVERS)('a reference to a run in %s', (name) => {
  it('is imported as the run that it means', async () => {
    const { location, command } = await place(name)
    const imported = async (...references: string[]) => {
      const named = references.flatMap((one) => ['--run-id', one])
      const { stdout, stderr, code } = await command('import', '--from', location, ...named)
      const lines = stdout.split('\n').filter((line) => line !== '')
      return { code, stderr, runIds: lines.map((line) => JSON.parse(line).run_id) }
    }
    expect(await imported('@latest')).toMatchObject({ code: 0, runIds: ['events_22'] })
    expect(await imported('orders@latest~1')).toMatchObject({ code: 0, runIds: ['orders_11'] })
    expect(await imported('events_21', '@latest~1')).toMatchObject({
      code: 0,
      runIds: ['events_21', 'orders_12'],
    })
    const none = await imported('nobody@latest')
    expect(none).toMatchObject({ code: 2, runIds: [] })
    expect(none.stderr).toContain('no runs of an export nobody')
    expect(none.stderr).toContain('what was looked at')
    const ambiguous = await imported('orders_1')
    expect(ambiguous).toMatchObject({ code: 2, runIds: [] })
    expect(ambiguous.stderr).toContain('orders_11, orders_12')
  })

  it('is verified as the run of the source that it means', async () => {
    const { location, from, command } = await place(name)
    const verify = (reference: string) =>
      command('verify', '--from', from, '--in', location, '--run-id', reference)
    const { code, stdout } = await verify('orders@latest')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^exact +orders_12/)
    expect(stdout).not.toMatch(/orders_11|events/)
    const none = await verify('nobody@latest')
    expect(none.code).toBe(2)
    expect(none.stderr).toContain('no runs of an export nobody')
  })
})
