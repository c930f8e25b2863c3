import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/journal/events.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { diffRuns } from '../../src/view/diff-runs.js'
import type { RunDiff } from '../../src/view/run-diff.js'
import type { RunView } from '../../src/view/run-view.js'
import { runViewOf } from '../../src/view/run-view-of.js'
import { madeUp, PLAN, shopJournal } from '../cli/view/journals.js'
import { KILLED } from '../mapping/known-beside.js'

const viewOf = (journal: RunJournal): RunView => runViewOf({ item: { kind: 'journal', journal } })

const DONE: RunEvent = { RunCompleted: { status: 'success', duration_ms: 100 } }

const run = (...events: readonly RunEvent[]) =>
  viewOf(madeUp([...events, DONE].map((event, i) => [i * 10, event])))

const later = (view: RunView): RunView => ({
  ...view,
  summary: { ...view.summary, run_id: 'made_up_2', started_at: '2026-12-01T00:00:00Z' },
})

const planned = (more: object) => run({ PlanResolved: { ...PLAN.PlanResolved, ...more } })

const labels = ({ differences }: RunDiff) => differences.map(({ label }) => label)
const unknown = ({ not_compared }: RunDiff) => not_compared.map(({ label, why }) => [label, why])

const chunk = (index: number, keys: readonly [string, string], ms: number) =>
  [
    { ChunkStarted: { chunk_index: index, start_key: keys[0], end_key: keys[1] } },
    { ChunkCompleted: { chunk_index: index, rows: 1 } },
    ms,
  ] as const

/** Chunks one after the other, each with its time. */
function chunked(...chunks: readonly (readonly [RunEvent, RunEvent, number])[]): RunView {
  let ms = 0
  const events: (readonly [number, RunEvent])[] = chunks.flatMap(([start, end, took]) => {
    const from = ms
    ms += took
    return [
      [from, start],
      [ms, end],
    ] as const
  })
  return viewOf(madeUp([...events, [ms, DONE]]))
}

describe('two runs of a real export', () => {
  const [a, b] = ['events_full_20261121T085346', 'events_full_20261121T085429'].map((start) =>
    viewOf(shopJournal(start)),
  )
  if (a === undefined || b === undefined) throw new Error('there are two')

  it('differ in the plan, the schema, and bytes, and not in rows', () => {
    const diff = diffRuns(a, b)
    expect(labels(diff)).toEqual([
      ...['validate', 'reconcile', 'query', 'schema', 'schema', 'schema', 'duration', 'bytes'],
    ])
    expect(diff.differences.find(({ label }) => label === 'bytes')?.change).toBeCloseTo(0.122, 2)
    expect(diff.not_compared).toEqual([])
    expect(diff.failures).toEqual({ only_in_a: [], only_in_b: [] })
    expect(diff.remarks).toEqual([])
  })

  it('do not differ from themselves', () => {
    for (const view of [a, b, viewOf(shopJournal('orders_2026'))]) {
      const { differences, failures, chunks } = diffRuns(view, view)
      expect(differences).toEqual([])
      expect(failures).toEqual({ only_in_a: [], only_in_b: [] })
      expect(chunks.moved).toEqual([])
    }
  })

  it('have the schema that the later one recorded, whichever is named first', () => {
    const backwards = diffRuns(b, a)
    expect(backwards.remarks).toEqual(['B ran before A'])
    expect(backwards.differences.find(({ subject }) => subject === 'schema')).toMatchObject({
      a: 'added region (Utf8)',
      b: '',
    })
  })
})

describe('plans', () => {
  it('are compared field by field, with those of a newer rivet', () => {
    const diff = diffRuns(planned({ batch_size: 1 }), planned({ batch_size: 2, hints: { x: 1 } }))
    expect(labels(diff)).toEqual(['batch_size', 'hints'])
    // An older rivet may not have known the field.
    expect(unknown(diff)).toContainEqual(['hints', 'A does not say it'])
  })

  it('have their SQL compared line by line', () => {
    const diff = diffRuns(
      planned({ base_query: 'SELECT a,\n  b\nFROM t\n' }),
      planned({ base_query: 'SELECT a,\r\n  b,\r\n  c\r\nFROM t' }),
    )
    expect(diff.differences[0]?.lines).toEqual([
      { in: 'both', text: 'SELECT a,' },
      { in: 'a', text: '  b' },
      { in: 'b', text: '  b,' },
      { in: 'b', text: '  c' },
      { in: 'both', text: 'FROM t' },
    ])
  })

  it('of very different SQL take no long time', () => {
    const text = (word: string) =>
      Array.from({ length: 50_000 }, (_, i) => `${word}${i}`).join('\n')
    const [difference] = diffRuns(
      planned({ base_query: text('a') }),
      planned({ base_query: text('b') }),
    ).differences
    expect(difference?.lines).toHaveLength(100_000)
  })

  it('cannot be compared in what a sender took out', () => {
    const hidden = planned({ base_query: '[redacted]' })
    const diff = diffRuns(hidden, hidden)
    expect(labels(diff)).toEqual([])
    expect(unknown(diff)).toContainEqual(['query', 'it was taken out'])
    const keyed = planned({ base_query: '[redacted:00112233445566778899aabbccddeeff]' })
    expect(unknown(diffRuns(keyed, keyed))).not.toContainEqual(['query', 'it was taken out'])
    expect(unknown(diffRuns(keyed, planned({})))).toContainEqual(['query', 'it was taken out'])
  })
})

describe('chunks', () => {
  it('are the same by their keys, whatever their index is', () => {
    const a = chunked(chunk(0, ['1', '10'], 50), chunk(1, ['11', '20'], 50))
    const b = chunked(chunk(0, ['11', '20'], 80), chunk(1, ['1', '10'], 60))
    const { chunks } = diffRuns(a, b)
    expect(chunks).toMatchObject({ matched_by: 'keys', matched: 2 })
    expect(chunks.moved).toEqual([
      { name: '11 – 20', a_chunk: 1, b_chunk: 0, a_ms: 50, b_ms: 80 },
      { name: '1 – 10', a_chunk: 0, b_chunk: 1, a_ms: 50, b_ms: 60 },
    ])
  })

  it('are the same by their index where one has no keys', () => {
    const a = chunked(chunk(0, ['1', '10'], 50))
    const b = { ...a, attempts: a.attempts.map((one) => ({ ...one, keys: null, duration_ms: 60 })) }
    expect(diffRuns(a, b).chunks).toMatchObject({ matched_by: 'index', matched: 1 })
  })

  it('count with the last attempt that completed, and not at all without one', () => {
    const a = chunked(chunk(0, ['1', '10'], 50), chunk(1, ['11', '20'], 5))
    const b = chunked(
      [
        chunk(0, ['1', '10'], 0)[0],
        { ChunkFailed: { chunk_index: 0, error: 'x', attempt: 1 } },
        90,
      ],
      chunk(0, ['1', '10'], 70),
      [
        chunk(1, ['11', '20'], 0)[0],
        { ChunkFailed: { chunk_index: 1, error: 'x', attempt: 1 } },
        9,
      ],
    )
    expect(diffRuns(a, b).chunks.moved).toEqual([
      { name: '1 – 10', a_chunk: 0, b_chunk: 0, a_ms: 50, b_ms: 70 },
    ])
  })

  it('of other keys are not taken for the same', () => {
    const diff = diffRuns(chunked(chunk(0, ['1', '10'], 50)), chunked(chunk(0, ['2', '9'], 50)))
    expect(diff.chunks).toEqual({ matched_by: null, matched: 0, moved: [] })
  })
})

describe('what went wrong', () => {
  const failing = (index: number, error: string, attempt = 1) =>
    run({ ChunkFailed: { chunk_index: index, error, attempt } })

  it('is the same whichever chunk and attempt it was', () => {
    const diff = diffRuns(failing(3, 'chunk 3: timeout'), failing(7, 'chunk 7: timeout', 2))
    expect(diff.failures).toEqual({ only_in_a: [], only_in_b: [] })
  })

  it('is counted where it happened several times, the worst first', () => {
    const b = run(
      { Warning: { context: 'disk', message: 'nearly full' } },
      { ChunkFailed: { chunk_index: 1, error: 'timeout', attempt: 1 } },
      { ChunkFailed: { chunk_index: 2, error: 'timeout', attempt: 1 } },
    )
    const { only_in_a, only_in_b } = diffRuns(failing(0, 'reset'), b).failures
    expect(only_in_a.map(({ text }) => text)).toEqual(['attempt 1: reset'])
    expect(only_in_b).toMatchObject([
      { label: 'chunk 1', level: 'bad', count: 2 },
      { label: 'warning', level: 'warning', count: 1 },
    ])
  })

  it('has a plan that raised a warning once', () => {
    const b = run(PLAN, { PlanWarning: { rule: 'no-key', message: 'no key' } })
    expect(diffRuns(run(PLAN), b).failures.only_in_b.map(({ text }) => text)).toHaveLength(1)
  })
})

const ADDED = { SchemaChanged: { added: ['x'], removed: [], type_changed: [] } }
const UNSURE = { runs: [], unknown: 'it is not known which runs lie between them' }

describe('what is not known', () => {
  it('is no 0', () => {
    const diff = diffRuns(run(PLAN), run(PLAN, { ChunkCompleted: { chunk_index: 0, rows: 0 } }))
    const rows = diff.differences.find(({ subject }) => subject === 'rows')
    expect(rows).toMatchObject({ a: null, b: '0', change: null })
    expect(unknown(diff)).toContainEqual(['rows', 'A does not say it'])
  })

  it('is said of a run that left no journal', () => {
    const killed = runViewOf({ item: { kind: 'unjournaled', run: KILLED } })
    const diff = diffRuns(killed, later(run(PLAN)))
    expect(diff.remarks[1]).toBe('A left no journal (interrupted), so that little is known')
    expect(unknown(diff).map(([label]) => label)).toEqual(
      expect.arrayContaining(['plan', 'schema', 'failures', 'duration']),
    )
    expect(diff.differences.map(({ subject }) => subject)).not.toContain('plan')
  })

  it('is everything of a run that did not come back whole', () => {
    const { run_id, export_name, entries } = shopJournal('orders_2026')
    const broken = runViewOf({
      item: {
        kind: 'broken',
        run: {
          ...{ runId: run_id, exportName: export_name, namespace: '', revision: 0 },
          ...{
            traceIds: [],
            otherRevisions: [],
            status: 'incomplete',
            reasons: ['a page is lost'],
          },
          fragment: new RunJournal(run_id, export_name, entries.slice(5)),
        },
      },
    })
    const diff = diffRuns(viewOf(shopJournal('orders_2026')), broken)
    expect(diff.remarks).toEqual(['B did not come back whole, so that nothing follows from it'])
    expect(unknown(diff)).toContainEqual(['rows', 'B does not say it'])
    expect(unknown(diff)).toContainEqual(['plan', 'B does not say it'])
    expect(diff.differences.every(({ b }) => b === null)).toBe(true)
    expect(diff.failures.only_in_b).toEqual([])
  })

  it('is not the number of chunks of whole runs that have none', () => {
    expect(unknown(diffRuns(run(PLAN), run(PLAN))).map(([label]) => label)).not.toContain('chunks')
  })

  it('is the schema between runs of which nobody knows what lay between them', () => {
    const [a, b] = [run(PLAN), later(run(PLAN))]
    expect(unknown(diffRuns(a, b, UNSURE))).toContainEqual(['schema', UNSURE.unknown])
    expect(unknown(diffRuns(a, b)).map(([label]) => label)).not.toContain('schema')
    const between = run(PLAN, ADDED)
    const found = diffRuns(a, b, { runs: [between], unknown: null }).differences
    expect(found.filter(({ subject }) => subject === 'schema')).toMatchObject([{ b: 'added x' }])
  })

  it('takes nothing from the changes of the schema that the later run recorded itself', () => {
    const diff = diffRuns(run(PLAN), later(run(PLAN, ADDED)), UNSURE)
    expect(diff.differences).toMatchObject([{ subject: 'schema', b: 'added x' }])
    expect(unknown(diff)).toContainEqual(['schema', UNSURE.unknown])
  })
})
