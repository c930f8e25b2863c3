import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RunJournal } from '../../src/journal/run-journal.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'
import { journalOfEvents, shopJournals, warning } from '../journal/example-journals.js'
import { expectExact } from '../mapping/both-ways.js'
import {
  jaegerReader,
  jaegerV1Reader,
  readBack,
  sendTrace,
  type Trip,
  tempoReader,
  thereAndBack,
} from './backend-trip.js'
import { backendsAvailable } from './build.mjs'
import { type RunningBackend, startCollector, startJaeger, startTempo } from './run-backends.js'
import { journalOfChunks, journalOfWarnings, SPECIAL_JOURNALS } from './special-journals.js'

/** Only sooner, not otherwise: each of hundreds of journals waits for its batch. */
const startQuickJaeger = () =>
  startJaeger({ config: { processors: { batch: { timeout: '10ms' } } } })

const BACKENDS = [
  { name: 'Jaeger', start: startQuickJaeger, reader: jaegerReader },
  { name: 'Jaeger, read in its older JSON', start: startQuickJaeger, reader: jaegerV1Reader },
  { name: 'Tempo', start: startTempo, reader: tempoReader },
]
const ENCODINGS = ['protobuf', 'json'] as const

describe.skipIf(!backendsAvailable()).each(BACKENDS.map((each) => [each.name, each] as const))(
  'a journal comes back to the letter from %s',
  (_, { start, reader }) => {
    let backend: RunningBackend
    beforeAll(async () => {
      backend = await start()
    })
    afterAll(() => backend?.stop())

    const trip = (encoding: Trip['encoding']): Trip => ({
      otlpHttp: backend.otlpHttp,
      read: reader(backend.query),
      encoding,
    })

    describe.each(ENCODINGS)('sent as %s', (encoding) => {
      it.each(shopJournals().map((journal) => [journal.run_id, journal] as const))(
        'real run %s',
        async (_, journal) => {
          expectExact(await thereAndBack(journal, trip(encoding), { namespace: encoding }), journal)
        },
      )

      it.each(Object.entries(SPECIAL_JOURNALS))('%s', async (title, journal) => {
        const namespace = `${encoding} ${title}`
        expectExact(await thereAndBack(journal, trip(encoding), { namespace }), journal)
      })

      it('random journals', async () => {
        let sent = 0
        await fc.assert(
          fc.asyncProperty(arbitraryJournal(), async (journal) => {
            const namespace = `${encoding} random ${sent++}`
            expectExact(await thereAndBack(journal, trip(encoding), { namespace }), journal)
          }),
          { numRuns: propertyCases(200) },
        )
      })
    })

    it('a run of 20,000 chunks', async () => {
      const journal = journalOfChunks(20_000)
      expectExact(await thereAndBack(journal, trip('protobuf')), journal)
    })

    it('a run of 50,000 warnings', async () => {
      const journal = journalOfWarnings(50_000)
      expectExact(await thereAndBack(journal, trip('protobuf')), journal)
    })

    it('a run that is sent twice', async () => {
      const [journal] = shopJournals()
      if (journal === undefined) throw new Error('no journal')
      const options = { namespace: 'twice' }
      await thereAndBack(journal, trip('protobuf'), options)
      expectExact(await thereAndBack(journal, trip('json'), options), journal)
    })

    it('the newest of two revisions, and the older one beside it', async () => {
      const older = journalOfEvents(warning('first'))
      const newer = new RunJournal(older.run_id, older.export_name, [
        ...older.entries,
        ...journalOfEvents(warning('second')).entries,
      ])
      const pages = [...journalToTrace(older), ...journalToTrace(newer, { revision: 1 })]
      for (const { trace } of pages) await sendTrace(trace, backend.otlpHttp, 'protobuf')
      const spans = pages.reduce((sum, { trace }) => sum + trace.spans.length, 0)
      const run = await readBack(
        pages.slice(0, 1).map((page) => ({ ...page, spans })),
        reader(backend.query),
      )
      expectExact(run, newer)
      expect(run?.revision).toBe(1)
      expect(run?.otherRevisions).toEqual([{ revision: 0, status: 'exact' }])
    })

    it('what a collector forwards', async () => {
      const collector = await startCollector({ forwardTo: backend.otlpHttp })
      try {
        for (const journal of shopJournals()) {
          const through = { ...trip('protobuf'), otlpHttp: collector.otlpHttp }
          expectExact(await thereAndBack(journal, through, { namespace: 'forwarded' }), journal)
        }
      } finally {
        await collector.stop()
      }
    })
  },
)
