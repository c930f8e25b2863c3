import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openOtlpJsonStream } from '../../src/backends/otlp-file.js'
import { importRuns } from '../../src/bridge/import-runs.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { stringifyJson } from '../../src/json/lossless.js'
import { traceIdOf } from '../../src/mapping/ids.js'
import { interruptedRunToTrace } from '../../src/mapping/interrupted-run.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { encodeResourceSpansJson } from '../../src/trace/otlp-json.js'
import type { Trace } from '../../src/trace/trace.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'
import { shopJournals, T0 } from '../journal/example-journals.js'
import { expectExact } from '../mapping/both-ways.js'
import { asJaegerV1 } from '../trace/as-jaeger-v1.js'
import { received } from '../trace/sample-traces.js'
import { foreignTrace, joinedPages, WRAPPER, wrapperTrace } from './joined-traces.js'

const KILLED = interruptedRunToTrace({
  kind: 'unjournaled',
  runId: 'killed',
  exportName: 'orders',
  state: 'interrupted',
  status: 'running',
  startedUnixNano: T0,
  endedUnixNano: T0 + 1n,
  record: { runId: 'killed', exportName: 'orders', harm: [] },
  chunkTasks: [],
  files: [],
}).trace

/** Parts of one trace as a document, the way each of these writes them. */
const DOCUMENTS: Readonly<Record<string, (parts: readonly Trace[]) => string>> = {
  OTLP: (parts) => `{"resourceSpans":[${otlp(parts)}]}`,
  'Jaeger, /api/v3': (parts) => `{"result":{"resourceSpans":[${otlp(parts)}]}}`,
  'Jaeger, /api': (parts) => stringifyJson(asJaegerV1(parts.flatMap(received))),
  'Tempo, /api/v2': (parts) => `{"trace":{"resourceSpans":[${withBase64Ids(otlp(parts))}]}}`,
  'Tempo, /api': (parts) => `{"batches":[${withBase64Ids(otlp(parts))}]}`,
}

describe('a file of traces', () => {
  it('gives random journals back that are joined to one foreign trace, whatever else is there', async () => {
    const cases = fc.record({
      journals: fc.array(
        fc.record({
          journal: arbitraryJournal({ maxLength: 15 }),
          hasOwnTrace: fc.boolean(),
          isJoined: fc.boolean(),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      namespace: fc.constantFrom('', 'eu'),
      formats: fc.array(fc.constantFrom(...Object.keys(DOCUMENTS)), {
        minLength: 8,
        maxLength: 8,
      }),
      order: fc.infiniteStream(fc.nat()),
    })
    await fc.assert(
      fc.asyncProperty(cases, async ({ journals, namespace, formats, order }) => {
        const runs = journals.map(({ journal, ...how }, i) => ({
          ...how,
          journal: named(journal, i),
        }))
        const traces = runs.flatMap(({ journal, hasOwnTrace, isJoined }) => [
          ...(isJoined ? joinedPages(journal, { namespace }) : []),
          ...(hasOwnTrace || !isJoined ? [...journalToTrace(journal, { namespace })] : []),
        ])
        const all = runs.map(({ journal }) => journal)
        const parts = [
          foreignTrace(),
          wrapperTrace(all),
          KILLED,
          ...traces.map(({ trace }) => trace),
        ]
        const lines = [...byTrace(shuffled(parts, order)).values()].map((ofOne, i) =>
          DOCUMENTS[formats[i % formats.length] ?? '']?.(ofOne),
        )
        const result = await importRuns(stream(shuffled(lines, order)))
        expect(result.problems).toEqual([])
        expect(result.runs).toHaveLength(runs.length)
        for (const { journal, isJoined, hasOwnTrace } of runs) {
          const run = result.runs.find(({ runId }) => runId === journal.run_id)
          expectExact(run, journal)
          const own = traceIdOf({ namespace, runId: journal.run_id, page: 0 })
          expect(run?.traceIds.includes(own)).toBe(hasOwnTrace || !isJoined)
          expect(run?.traceIds.includes(WRAPPER.traceId)).toBe(isJoined)
        }
      }),
      { numRuns: propertyCases(60) },
    )
  })

  const [first, second] = shopJournals()
  if (first === undefined || second === undefined) throw new Error('no journals')
  const ownId = traceIdOf({ namespace: '', runId: first.run_id, page: 0 })
  const whole = [first, second].flatMap((journal) => joinedPages(journal))
  const fileOf = (traces: readonly Trace[]) =>
    stream(traces.map((trace) => DOCUMENTS.OTLP?.([trace])))

  it.each([
    ['run_id', { runIds: [first.run_id] }],
    ['the trace that its run_id leads to', { traceIds: [ownId] }],
  ])('gives a joined run by its %s', async (_, selection) => {
    const { runs } = await importRuns(fileOf(whole.map(({ trace }) => trace)), { selection })
    expect(runs).toHaveLength(1)
    expectExact(runs[0], first)
  })

  it('gives every run that is joined to a trace by that', async () => {
    const selection = { traceIds: [WRAPPER.traceId] }
    const { runs } = await importRuns(fileOf(whole.map(({ trace }) => trace)), { selection })
    expect(runs.map(({ status }) => status)).toEqual(['exact', 'exact'])
  })

  it('that has only the signpost of a run says where its spans should be', async () => {
    const signposts = whole.filter(({ subject }) => subject === 'signpost')
    const { runs, spans } = await importRuns(fileOf(signposts.map(({ trace }) => trace)))
    expect(spans).toEqual({ journal: 0, other: 2 })
    const reasons = [`its spans are in trace ${WRAPPER.traceId}, and none of them came`]
    for (const journal of [first, second]) {
      const about = { runId: journal.run_id, exportName: journal.export_name }
      expect(runs).toContainEqual(
        expect.objectContaining({
          ...about,
          status: 'incomplete',
          reasons,
          traceIds: [expect.any(String)],
        }),
      )
    }
  })

  it('says that a run was interrupted that is wanted', async () => {
    const file = () => fileOf([KILLED, ...whole.map(({ trace }) => trace)])
    const traceId = KILLED.spans[0]?.traceId
    const asked = await importRuns(file(), { selection: { runIds: ['killed', first.run_id] } })
    expect(asked.interrupted).toMatchObject([
      { namespace: '', runId: 'killed', exportName: 'orders', traceId },
    ])
    expect(asked.runs).toHaveLength(1)
    const others = { selection: { runIds: [first.run_id] } }
    expect((await importRuns(file(), others)).interrupted).toEqual([])
    const elsewhere = { selection: { runIds: ['killed'] }, namespace: 'eu' }
    expect((await importRuns(file(), elsewhere)).interrupted).toEqual([])
  })
})

function named({ run_id, export_name, entries, extra }: RunJournal, i: number): RunJournal {
  return new RunJournal(`${i} ${run_id}`, export_name, entries, extra)
}

function otlp(parts: readonly Trace[]): string {
  return parts.map((part) => Buffer.from(encodeResourceSpansJson(part)).toString()).join()
}

function withBase64Ids(json: string): string {
  return json.replaceAll(
    /"(traceId|spanId|parentSpanId)":"([0-9a-f]+)"/g,
    (_, name, id) => `"${name}":"${Buffer.from(id, 'hex').toString('base64')}"`,
  )
}

function byTrace(parts: readonly Trace[]): Map<string, Trace[]> {
  const traces = new Map<string, Trace[]>()
  for (const part of parts) {
    const id = part.spans[0]?.traceId ?? ''
    traces.set(id, [...(traces.get(id) ?? []), part])
  }
  return traces
}

function shuffled<T>(items: readonly T[], order: Iterator<number>): T[] {
  return items
    .map((item) => ({ item, place: Number(order.next().value) }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}

function stream(lines: readonly (string | undefined)[]) {
  async function* bytes() {
    for (const line of lines) yield Buffer.from(`${line}\n`)
  }
  return openOtlpJsonStream(bytes(), 'the test')
}
