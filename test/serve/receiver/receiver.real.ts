import { mkdirSync, rmdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openOtlpJsonFile } from '../../../src/backends/otlp-file.js'
import { importRuns } from '../../../src/bridge/import-runs.js'
import { journalToTrace } from '../../../src/mapping/journal-to-trace.js'
import { sendJournal } from '../../backends/backend-trip.js'
import { backendsAvailable } from '../../backends/build.mjs'
import { sendTraceOverGrpc } from '../../deploy/otlp-grpc.js'
import { type DeployedCollector, startDeployedCollector } from '../../deploy/run-deployed.js'
import { shopJournals } from '../../journal/example-journals.js'
import { type RunningReceiver, startReceiver } from './running-receiver.js'

describe.skipIf(!backendsAvailable())('a real collector in front of two receivers', () => {
  let one: RunningReceiver
  let other: RunningReceiver
  let collector: DeployedCollector
  beforeAll(async () => {
    ;[one, other] = await Promise.all([startReceiver(), startReceiver()])
    collector = await startDeployedCollector({ jaeger: one.url, tempo: other.url })
  })
  afterAll(async () => {
    await collector?.stop()
    await Promise.all([one?.stop(), other?.stop()])
  })

  /** The ids of the runs that a file has exactly. */
  async function exactRuns({ file }: RunningReceiver): Promise<string[]> {
    const { runs } = await importRuns(openOtlpJsonFile(file)).catch(() => ({ runs: [] }))
    return runs.filter(({ status }) => status === 'exact').map(({ runId }) => runId)
  }

  async function expectRuns(ids: readonly string[]): Promise<void> {
    for (const receiver of [one, other]) {
      await expect
        .poll(() => exactRuns(receiver), { timeout: 60_000, interval: 200 })
        .toEqual(expect.arrayContaining([...ids]))
    }
  }

  it('hands every run on to both, exactly', async () => {
    const journals = shopJournals()
    for (const [i, journal] of journals.entries()) {
      await sendJournal(journal, collector.otlpHttp, i % 2 === 0 ? 'protobuf' : 'json')
    }
    await expectRuns(journals.map(({ run_id }) => run_id))
  })

  it('sends again what could not be written', async () => {
    const [journal] = shopJournals()
    if (journal === undefined) throw new Error('no journal')
    const blocked = await startReceiver()
    mkdirSync(blocked.file)
    const second = await startDeployedCollector({ jaeger: blocked.url, tempo: other.url })
    try {
      const pages = [...journalToTrace(journal, { namespace: 'late' })]
      // The collector answers when both receivers did.
      const sent = Promise.all(pages.map(({ trace }) => sendTraceOverGrpc(trace, second.otlpGrpc)))
      await expect.poll(() => blocked.said.length, { timeout: 60_000 }).toBe(1)
      rmdirSync(blocked.file)
      expect(await sent).toEqual(pages.map(() => '0'))
      expect(await exactRuns(blocked)).toEqual([journal.run_id])
    } finally {
      await second.stop()
      await blocked.stop()
    }
  })
})
