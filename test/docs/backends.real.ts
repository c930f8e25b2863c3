import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kindOf, type RunEvent } from '../../src/journal/events.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp, parseTimestamp } from '../../src/journal/timestamp.js'
import { traceIdOf } from '../../src/mapping/ids.js'
import { backendsAvailable } from '../backends/build.mjs'
import { exportJournals } from '../backends/product-trip.js'
import { type RunningBackend, startJaeger } from '../backends/run-backends.js'
import { startDeployedTempo } from '../deploy/run-deployed.js'
import {
  journalOfEvents,
  MS,
  plan,
  retry,
  runCompleted,
  shopJournals,
  T0,
  warning,
} from '../journal/example-journals.js'
import { exported } from '../mapping/both-ways.js'
import { fenced, questions } from './backends-document.js'

const FOUND_WITHIN_MS = 60_000
const HOUR_MS = 3_600_000
const WEEK_MS = 168 * HOUR_MS

/** Beside the shop's runs, none of which retried or was found not to match. */
const RUNS = [
  ...shopJournals(),
  run('retried_once', retry(1)),
  run('retried_twice', retry(1), warning('slow'), retry(2), warning('slower')),
  run('short', {
    ReconciliationResult: { source_count: 5, exported_rows: 4, matched: false },
  }),
].map(hourAgo)

type Wanted = (journal: RunJournal) => boolean
const has =
  (kind: string): Wanted =>
  ({ entries }) =>
    entries.some(({ event }) => kindOf(event) === kind)
const longest = (journal: RunJournal) => journal.longestChunkMs() ?? 0
const isMeasured: Wanted = (journal) =>
  exported(journal).some(({ span }) => span.attributes['rivet.chunk.timing'] === 'measured')
const isUnmatched: Wanted = ({ entries }) =>
  JSON.stringify(entries.map(({ event }) => event)).includes('"matched":false')
const isFailed: Wanted = (journal) =>
  journal.export_name === 'broken' &&
  JSON.stringify(journal.finalOutcome()?.event).includes('"status":"failed"')

/** Which runs each search of the document is to find, in the document's order. */
const ANSWERS: Readonly<
  Record<string, { readonly traceql: readonly Wanted[]; readonly jaeger: readonly Wanted[] }>
> = {
  'The longest chunk of the week': {
    traceql: [(journal) => longest(journal) > 100, (journal) => longest(journal) >= 197],
    jaeger: [isMeasured],
  },
  'Every run that retried': { traceql: [has('RetryAttempted')], jaeger: [has('RetryAttempted')] },
  'Runs whose counts did not match': { traceql: [isUnmatched], jaeger: [isUnmatched] },
  'The failed runs of an export': { traceql: [isFailed], jaeger: [isFailed] },
  'Runs with warnings': {
    traceql: [(journal) => journal.warnings().length > 0],
    jaeger: [has('Warning'), has('PlanWarning'), (journal) => journal.warnings().length === 1],
  },
}

interface Search {
  readonly title: string
  readonly text: string
  readonly expected: readonly string[]
}

describe.skipIf(!backendsAvailable())('the searches of docs/backends.md', () => {
  let tempo: RunningBackend
  const jaegers = new Map<string, RunningBackend>()
  beforeAll(async () => {
    const [memory, badger] = await Promise.all([
      startJaeger(),
      startJaeger({ storage: 'badger' }),
      startDeployedTempo().then((started) => {
        tempo = started
      }),
    ])
    jaegers.set('memory', memory)
    jaegers.set('badger', badger)
    for (const { otlpHttp } of [tempo, memory, badger]) {
      await exportJournals(RUNS, otlpHttp, { encoding: 'protobuf', namespace: '' })
    }
    const searches = [
      () => tempoFinds(tempo, '{ span.rivet.trace.page = 0 }'),
      ...[memory, badger].map((jaeger) => () => jaegerFinds(jaeger, 'service=rivet')),
    ]
    for (const search of searches) {
      const deadline = Date.now() + FOUND_WITHIN_MS
      while (idsOf(await search()).length < RUNS.length && Date.now() < deadline) await delay(250)
    }
  })
  afterAll(() => Promise.all([tempo, ...jaegers.values()].map((backend) => backend?.stop())))

  it('are all of them', () => {
    expect(questions()).toEqual(Object.keys(ANSWERS))
  })

  it.each(searchesIn('traceql').map((search) => [search.title, search] as const))(
    'find in Tempo: %s',
    async (_, { text, expected }) => {
      expect(idsOf(await tempoFinds(tempo, text))).toEqual(expected)
    },
  )

  it('find in Tempo: the longest chunk of them all, and in which run', async () => {
    const [runs = '', chunks = ''] = fenced('traceql', 'The longest chunk of the week')
    const most = Math.max(...RUNS.map(longest))
    const found = (await tempoFinds(tempo, runs)).flatMap(({ spans }) => spans)
    expect(Math.max(...found.map((span) => span['rivet.run.longest_chunk_ms'] as number))).toBe(
      most,
    )
    const longestChunks = (await tempoFinds(tempo, chunks)).flatMap(({ spans }) => spans)
    const inRun = RUNS.find((journal) => longest(journal) === most)?.run_id
    expect(longestChunks.map((span) => span['rivet.run.id'])).toEqual([inRun])
  })

  describe.each(['memory', 'badger'])('find in Jaeger with %s', (storage) => {
    const jaeger = () => {
      const found = jaegers.get(storage)
      if (found === undefined) throw new Error(`no Jaeger with ${storage}`)
      return found
    }

    it.each(searchesIn('jaeger').map((search) => [search.title, search] as const))(
      '%s',
      async (_, { text, expected }) => {
        const isOfEventName = storage === 'memory' && text.includes('{"event":')
        const found = idsOf(await jaegerFinds(jaeger(), text))
        expect(found).toEqual(isOfEventName ? [] : expected)
      },
    )

    it('the longest chunk of them all, on the root of its run', async () => {
      const [text = ''] = fenced('jaeger', 'The longest chunk of the week')
      const found = (await jaegerFinds(jaeger(), text)).flatMap(({ spans }) => spans)
      const lengths = found.map((span) => Number(span['rivet.run.longest_chunk_ms'] ?? 0))
      expect(Math.max(...lengths)).toBe(Math.max(...RUNS.map(longest)))
    })
  })
})

/** The same run at another time, so that it is one of the last seven days on any day. */
function hourAgo({ run_id, export_name, entries }: RunJournal): RunJournal {
  const later = BigInt(Date.now() - HOUR_MS) * MS - T0
  const moved = entries.map(({ recorded_at, event }) => ({
    recorded_at: formatTimestamp(parseTimestamp(recorded_at).unixNano + later),
    event,
  }))
  return new RunJournal(run_id, export_name, moved)
}

function run(runId: string, ...events: readonly RunEvent[]): RunJournal {
  const { entries } = journalOfEvents(plan(), ...events, runCompleted('success'))
  return new RunJournal(runId, 'orders', entries)
}

function searchesIn(language: 'traceql' | 'jaeger'): Search[] {
  return Object.entries(ANSWERS).flatMap(([question, answers]) => {
    const texts = fenced(language, question)
    if (texts.length !== answers[language].length) throw new Error(`${question}: ${texts.length}`)
    return texts.map((text, i) => {
      const wanted = answers[language][i] ?? (() => false)
      const expected = RUNS.filter(wanted).map(({ run_id }) => run_id)
      if (expected.length === 0) throw new Error(`${question}: there is nothing to find`)
      return { title: `${question} (${i + 1})`, text, expected: expected.sort() }
    })
  })
}

/** A trace that was found, and the attributes of the spans that came with it. */
interface Found {
  readonly traceId: string
  readonly spans: readonly Readonly<Record<string, unknown>>[]
}

function idsOf(found: readonly Found[]): string[] {
  const names = new Map(
    RUNS.map(({ run_id: runId }) => [traceIdOf({ namespace: '', runId, page: 0 }), runId]),
  )
  return found.map(({ traceId }) => names.get(traceId) ?? traceId).sort()
}

interface TempoAnswer {
  readonly traces?: readonly {
    readonly traceID: string
    readonly spanSets?: readonly { readonly spans: readonly TempoSpan[] }[]
  }[]
}

interface TempoSpan {
  readonly attributes?: readonly {
    readonly key: string
    readonly value: Readonly<Record<string, unknown>>
  }[]
}

/** As Grafana asks for the last seven days. */
async function tempoFinds({ query }: RunningBackend, q: string): Promise<Found[]> {
  const seconds = Math.ceil(Date.now() / 1000)
  const window = { start: String(seconds - WEEK_MS / 1000), end: String(seconds) }
  const parameters = { q, limit: '1000', spss: '100', ...window }
  const { traces = [] } = await answer<TempoAnswer>(`${query}/api/search`, parameters)
  return traces.map(({ traceID, spanSets = [] }) => ({
    traceId: traceID.padStart(32, '0'),
    spans: spanSets.flatMap(({ spans }) => spans.map(tempoAttributes)),
  }))
}

function tempoAttributes({ attributes = [] }: TempoSpan) {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const [[type, content] = []] = Object.entries(value)
      return [key, type === 'intValue' ? Number(content) : content]
    }),
  )
}

interface JaegerAnswer {
  readonly data: readonly {
    readonly traceID: string
    readonly spans: readonly {
      readonly tags: readonly { readonly key: string; readonly value: unknown }[]
    }[]
  }[]
}

/** The lines are parameters; beside them only how many, and since when. */
async function jaegerFinds({ query }: RunningBackend, lines: string): Promise<Found[]> {
  const now = Date.now()
  const window = { start: String((now - WEEK_MS) * 1000), end: String(now * 1000) }
  const asked = lines.split('\n').map((line) => {
    const equals = line.indexOf('=')
    return [line.slice(0, equals), line.slice(equals + 1)]
  })
  const parameters = { ...Object.fromEntries(asked), limit: '1000', ...window }
  const { data } = await answer<JaegerAnswer>(`${query}/api/traces`, parameters)
  return data.map(({ traceID, spans }) => ({
    traceId: traceID,
    spans: spans.map(({ tags }) => Object.fromEntries(tags.map(({ key, value }) => [key, value]))),
  }))
}

async function answer<T>(url: string, parameters: Record<string, string>): Promise<T> {
  const response = await fetch(`${url}?${new URLSearchParams(parameters)}`)
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status}: ${text}`)
  return JSON.parse(text) as T
}
