import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { arbitraryJournal } from '../journal/arbitrary-journal.js'
import { shopJournals } from '../journal/example-journals.js'
import { expectExact } from '../mapping/both-ways.js'
import {
  jaegerReader,
  jaegerV1Reader,
  readBack,
  type SentPage,
  sendJournal,
  tempoReader,
} from './backend-trip.js'
import { backendsAvailable } from './build.mjs'
import { type RunningBackend, startJaeger, startTempo } from './run-backends.js'
import { journalOfChunks, journalOfWarnings, SPECIAL_JOURNALS } from './special-journals.js'

const SEED = 20261121

/** What comes back at first comes from memory; here it has been on disk, in the backend's own format. */
describe.skipIf(!backendsAvailable())('a journal comes back to the letter', () => {
  it("from Tempo's Parquet blocks", async () => {
    const tempo = await startTempo()
    try {
      const sent = await sendAll(tempo)
      await fetch(`${tempo.query}/flush`, { method: 'POST' })
      await untilThere(() => parquetBlocks(tempo.folder).length > 0)
      await tempo.restart()
      await expectAll(sent, tempoReader(tempo.query))
    } finally {
      await tempo.stop()
    }
  })

  it("from Jaeger's Badger, in both of its languages", async () => {
    const jaeger = await startJaeger({ storage: 'badger' })
    try {
      const sent = await sendAll(jaeger)
      for (const { pages } of sent) await readBack(pages, jaegerReader(jaeger.query))
      await jaeger.restart()
      await expectAll(sent, jaegerReader(jaeger.query))
      await expectAll(sent, jaegerV1Reader(jaeger.query))
    } finally {
      await jaeger.stop()
    }
  })
})

interface Sent {
  readonly title: string
  readonly journal: RunJournal
  readonly pages: readonly SentPage[]
}

async function sendAll({ otlpHttp }: RunningBackend): Promise<Sent[]> {
  const random = fc.sample(arbitraryJournal(), { numRuns: 200, seed: SEED })
  const journals: readonly (readonly [string, RunJournal])[] = [
    ...shopJournals().map((journal) => [journal.run_id, journal] as const),
    ...Object.entries(SPECIAL_JOURNALS),
    ...random.map((journal, i) => [`random journal ${i} of seed ${SEED}`, journal] as const),
    ['3,000 chunks', journalOfChunks(3000)],
    ['5,000 warnings', journalOfWarnings(5000)],
  ]
  const sent: Sent[] = []
  for (const [title, journal] of journals) {
    const pages = await sendJournal(journal, otlpHttp, 'protobuf', { namespace: title })
    sent.push({ title, journal, pages })
  }
  return sent
}

async function expectAll(
  sent: readonly Sent[],
  read: Parameters<typeof readBack>[1],
): Promise<void> {
  const wrong: string[] = []
  for (const { title, journal, pages } of sent) {
    try {
      expectExact(await readBack(pages, read), journal)
    } catch (error) {
      wrong.push(`${title}: ${error}`)
    }
  }
  expect(wrong).toEqual([])
}

function parquetBlocks(folder: string): string[] {
  const blocks = join(folder, 'blocks')
  if (!existsSync(blocks)) return []
  const files = readdirSync(blocks, { recursive: true, encoding: 'utf8' })
  return files.filter((file) => file.endsWith('data.parquet'))
}

async function untilThere(isThere: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!isThere()) {
    if (Date.now() > deadline) throw new Error('it is not there after a minute')
    await delay(100)
  }
}
