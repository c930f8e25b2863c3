import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { traceIdOf } from '../../src/mapping/ids.js'
import { jaegerReader, readBack, type SentPage, sendJournal } from '../backends/backend-trip.js'
import { backendsAvailable } from '../backends/build.mjs'
import type { RunningBackend } from '../backends/run-backends.js'
import { journalOfChunks, SPECIAL_JOURNALS } from '../backends/special-journals.js'
import { shopJournals } from '../journal/example-journals.js'
import { expectExact } from '../mapping/both-ways.js'
import { startDeployedJaeger } from './run-deployed.js'

const OLD = SPECIAL_JOURNALS['a run of twenty days ago']
const JOURNALS = [...shopJournals(), journalOfChunks(5_000), ...(OLD === undefined ? [] : [OLD])]

describe.skipIf(!backendsAvailable())("docker-compose's jaeger.yaml", () => {
  let jaeger: RunningBackend
  beforeAll(async () => {
    jaeger = await startDeployedJaeger()
  })
  afterAll(() => jaeger?.stop())

  const sent = new Map<string, SentPage[]>()
  const expectAll = async () => {
    expect(sent.size).toBe(JOURNALS.length)
    for (const journal of JOURNALS) {
      const pages = sent.get(journal.run_id) ?? []
      expectExact(await readBack(pages, jaegerReader(jaeger.query)), journal)
    }
  }

  it('has stored a run when it answers', async () => {
    for (const journal of JOURNALS) {
      const pages = await sendJournal(journal, jaeger.otlpHttp, 'protobuf', { namespace: 'kept' })
      sent.set(journal.run_id, pages)
      for (const { runId, page } of pages.slice(-1)) {
        const read = jaegerReader(jaeger.query)
        const spans = await read(traceIdOf({ namespace: 'kept', runId, page }))
        expect(spans, runId).toHaveLength(pages.at(-1)?.spans ?? 0)
      }
    }
  })

  it('gives runs back exactly', async () => {
    await expectAll()
  })

  it('gives them back after a restart', async () => {
    await jaeger.restart()
    await expectAll()
  })
})
