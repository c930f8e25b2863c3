import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TraceBackend } from '../../src/backends/backend.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { startDeployedCollector } from '../deploy/run-deployed.js'
import { arbitraryJournal } from '../journal/arbitrary-journal.js'
import { journalOfEvents, shopJournals, warning } from '../journal/example-journals.js'
import { expectExact } from '../mapping/both-ways.js'
import type { Encoding } from './backend-trip.js'
import { backendsAvailable } from './build.mjs'
import { startOlderJaeger } from './older-jaeger.js'
import { exportJournals, fetched, notExact, openBackend, verified } from './product-trip.js'
import { startJaeger, startTempo } from './run-backends.js'
import { journalOfChunks, journalOfWarnings, SPECIAL_JOURNALS } from './special-journals.js'

/** The same random journals come again with the seed that was printed. */
const SEED = Number(process.env.RIVET_OTEL_SEED ?? Date.now() % 2 ** 31)
const RANDOM_JOURNALS = 500
/** Jaeger takes in batches, and answers before. */
const TAKEN_IN_MS = 500

const READERS = ['Jaeger', 'a Jaeger without /api/v3', 'Tempo'] as const
type Reader = (typeof READERS)[number]

interface Leg {
  readonly way: 'straight' | 'through the collector'
  /** How it is sent, once for each. */
  readonly as: readonly Encoding[]
}

const LEGS: readonly Leg[] = [
  { way: 'straight', as: ['protobuf'] },
  { way: 'straight', as: ['json', 'protobuf'] },
  { way: 'through the collector', as: ['json'] },
  { way: 'through the collector', as: ['protobuf', 'json'] },
]

describe.skipIf(!backendsAvailable())('a journal comes back to the letter', () => {
  const stops: (() => unknown)[] = []
  const readers = new Map<Reader, TraceBackend>()
  let addresses: Readonly<Record<Leg['way'], readonly string[]>>
  let older: Awaited<ReturnType<typeof startOlderJaeger>>

  beforeAll(async () => {
    console.log(`random journals: RIVET_OTEL_SEED=${SEED}`)
    // A shorter batch is only sooner, not otherwise.
    const config = { processors: { batch: { timeout: '10ms' } } }
    const [jaeger, tempo] = await Promise.all([startJaeger({ config }), startTempo()])
    stops.push(jaeger.stop, tempo.stop)
    const { otlpHttp: jaegerOtlp } = jaeger
    const { otlpHttp: tempoOtlp } = tempo
    const collector = await startDeployedCollector({ jaeger: jaegerOtlp, tempo: tempoOtlp })
    stops.push(collector.stop)
    older = await startOlderJaeger(jaeger.query)
    stops.push(older.stop)
    readers.set('Jaeger', await openBackend('jaeger', jaeger.query))
    readers.set('a Jaeger without /api/v3', await openBackend('jaeger', older.query))
    readers.set('Tempo', await openBackend('tempo', tempo.query))
    addresses = {
      straight: [jaegerOtlp, tempoOtlp],
      'through the collector': [collector.otlpHttp],
    }
  })
  afterAll(async () => {
    for (const backend of readers.values()) backend.close()
    await Promise.all(stops.map((stop) => stop()))
  })

  const reader = (name: Reader): TraceBackend => {
    const backend = readers.get(name)
    if (backend === undefined) throw new Error(`no ${name}`)
    return backend
  }
  const send = async (journals: readonly RunJournal[], { way, as }: Leg, namespace: string) => {
    for (const encoding of as) {
      for (const otlpHttp of addresses[way]) {
        await exportJournals(journals, otlpHttp, { encoding, namespace })
      }
    }
    await delay(TAKEN_IN_MS)
  }

  describe.each(LEGS.map((leg) => [nameOf(leg), leg] as const))('sent %s', (namespace, leg) => {
    const chosen = [...shopJournals(), ...specialJournals()]
    const journals = [...chosen, ...randomJournals()]
    beforeAll(() => send(journals, leg, namespace))

    it.each(READERS)(`from %s, each of ${journals.length}`, async (name) => {
      expect(await notExact(reader(name), namespace, journals)).toEqual([])
    })

    it.each(READERS)('from %s, as verify says', async (name) => {
      const words = await verified(reader(name), namespace, chosen)
      expect(words).toEqual(chosen.map(() => 'exact'))
    })
  })

  describe.each(['straight', 'through the collector'] as const)('sent %s', (way) => {
    const namespace = `large, ${way}`
    const journals = [journalOfChunks(20_000), journalOfWarnings(50_000)]
    beforeAll(() => send(journals, { way, as: ['protobuf'] }, namespace))

    it.each(READERS)('from %s, a run of 20,000 chunks and one of 50,000 warnings', async (name) => {
      expect(await notExact(reader(name), namespace, journals)).toEqual([])
    })
  })

  describe('of two revisions', () => {
    const namespace = 'revised'
    const older = journalOfEvents(warning('first'))
    const newer = new RunJournal(older.run_id, older.export_name, [
      ...older.entries,
      ...journalOfEvents(warning('second')).entries,
    ])
    beforeAll(() => send([older, newer], { way: 'straight', as: ['protobuf'] }, namespace))

    it.each(READERS)('the newest from %s, and the older one beside it', async (name) => {
      const run = await fetched(reader(name), namespace, newer)
      expectExact(run, newer)
      expect(run?.revision).toBe(1)
      expect(run?.otherRevisions).toMatchObject([{ revision: 0, status: 'exact' }])
    })
  })

  it('from a Jaeger without /api/v3 over its older API', () => {
    expect(older.asked.newer).toBeGreaterThan(0)
    expect(older.asked.older).toBeGreaterThan(LEGS.length * RANDOM_JOURNALS)
  })
})

function nameOf({ way, as }: Leg): string {
  return `${way}, ${as.length === 1 ? `once, as ${as[0]}` : `twice, as ${as.join(' and as ')}`}`
}

/** One export holds them all, so each has a run_id of its own. */
function specialJournals(): RunJournal[] {
  return Object.entries(SPECIAL_JOURNALS).map(([title, journal]) =>
    journal.run_id === journalOfEvents().run_id ? renamed(journal, title) : journal,
  )
}

function randomJournals(): RunJournal[] {
  return fc
    .sample(arbitraryJournal(), { numRuns: RANDOM_JOURNALS, seed: SEED })
    .map((journal, i) => renamed(journal, `random journal ${i} of seed ${SEED} ${journal.run_id}`))
}

function renamed({ export_name, entries, extra }: RunJournal, runId: string): RunJournal {
  return new RunJournal(runId, export_name, entries, extra)
}
