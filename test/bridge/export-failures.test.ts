import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exportRuns } from '../../src/bridge/export-runs.js'
import type { RunFailure, RunOutcome, SkippedRun } from '../../src/bridge/summary.js'
import type { OtlpFlags } from '../../src/delivery/otlp-flags.js'
import { openOtlpHttp } from '../../src/delivery/otlp-http.js'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { openJournalFile } from '../../src/sources/json-file.js'
import { target } from '../delivery/target.js'
import { newFolder } from '../delivery/temporary-folder.js'
import { smallRuns } from '../e2e/small-runs.js'
import { closing } from '../http/answering-server.js'
import { type Answer, OtlpReceiver } from '../receiver/otlp-receiver.js'

let receiver: OtlpReceiver
beforeEach(async () => {
  receiver = await OtlpReceiver.start()
})
afterEach(() => receiver.close())

function source(runs: number) {
  const path = join(newFolder(), 'journals.jsonl')
  writeFileSync(path, smallRuns(runs))
  return openJournalFile(path).then(closing)
}

async function exported(
  answer: Answer,
  flags: OtlpFlags = {},
): Promise<readonly (RunOutcome | SkippedRun)[]> {
  receiver.answer = () => answer
  const delivery = openOtlpHttp(target(receiver.url, flags))
  const runs: (RunOutcome | SkippedRun)[] = []
  const onRun = (run: RunOutcome | SkippedRun) => runs.push(run)
  await exportRuns({ source: await source(2), selection: {}, delivery, onRun })
  await delivery.close()
  return runs
}

describe('an export says why a run failed', () => {
  const failures: readonly (readonly [RunFailure, Answer, OtlpFlags])[] = [
    ['unreachable', { connection: 'close' }, {}],
    ['place', { status: 401 }, {}],
    ['place', { status: 503 }, {}],
    ['refused', { status: 400 }, {}],
    ['refused', { rejectedSpans: 1 }, {}],
    ['too_large', {}, { maxRequestBytes: 500 }],
  ]
  it.each(failures)('%s', async (failure, answer, flags) => {
    const runs = await exported(answer, flags)
    expect(runs).toMatchObject([
      { result: 'failed', failure },
      { result: 'failed', failure },
    ])
  })

  it('and nothing of it where it did not', async () => {
    for (const run of await exported({})) {
      expect(run.result).toBe('sent')
      expect('failure' in run).toBe(false)
    }
  })
})

describe('an export', () => {
  it('tells each journal as it leaves, before its run', async () => {
    const told: string[] = []
    const delivery = openOtlpHttp(target(receiver.url))
    await exportRuns({
      source: await source(2),
      selection: {},
      delivery,
      redaction: { fields: ['keys'] },
      onJournal: (journal: RunJournal) => {
        expect(JSON.stringify(journal.entries[0])).toContain('[redacted]')
        told.push(`journal ${journal.run_id}`)
      },
      onRun: ({ runId }) => told.push(`run ${runId}`),
    })
    await delivery.close()
    expect([...told].sort()).toEqual(
      ['orders_0', 'orders_1'].flatMap((id) => [`journal ${id}`, `run ${id}`]).sort(),
    )
    expect(told.indexOf('journal orders_0')).toBeLessThan(told.indexOf('run orders_0'))
  })

  it('takes no further journal once it is told to stop, and finishes what it took', async () => {
    const stopping = new AbortController()
    const delivery = openOtlpHttp(target(receiver.url))
    const { runs } = await exportRuns({
      source: await source(50),
      selection: {},
      delivery,
      signal: stopping.signal,
      onJournal: ({ run_id }) => {
        if (run_id === 'orders_9') stopping.abort()
      },
    })
    await delivery.close()
    expect(runs).toMatchObject({ sent: 10, failed: 0 })
  })
})
