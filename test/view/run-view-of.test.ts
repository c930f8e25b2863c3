import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJournal } from '../../src/journal/codec.js'
import { kindOf } from '../../src/journal/events.js'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { traceIdOf } from '../../src/mapping/ids.js'
import type { BrokenRun, RedactedRun } from '../../src/mapping/imported-run.js'
import { EntryTimes } from '../../src/mapping/times.js'
import type { RunView } from '../../src/view/run-view.js'
import { runViewOf } from '../../src/view/run-view-of.js'
import { chunkedRun, madeUp, PLAN, shopJournal, shopJournals } from '../cli/view/journals.js'
import { interruptedInChunks } from '../cli/view/unjournaled-runs.js'
import { found, JOURNALS, WORDS } from '../e2e/planted-secrets.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'
import { EVERY_KIND } from '../journal/example-journals.js'

const view = (journal: RunJournal, namespace = ''): RunView =>
  runViewOf({ item: { kind: 'journal', journal, namespace } })

const isOfChunk = (kind: string) => /^Chunk(?:Started|Completed|Failed)$/.test(kind)

function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : []
}

describe('the view of any journal', () => {
  const journals = arbitraryJournal({ minLength: 0, maxLength: 60 })

  it('is plain JSON with finite numbers, each exact or a time', () => {
    fc.assert(
      fc.property(journals, (journal) => {
        const made = view(journal)
        expect(JSON.parse(JSON.stringify(made))).toEqual(made)
        for (const number of numbersIn(made)) expect(Number.isFinite(number)).toBe(true)
      }),
      { numRuns: propertyCases(200) },
    )
  })

  it('accounts for every entry: as an event, or on an attempt with its rows, files and errors', () => {
    fc.assert(
      fc.property(journals, (journal) => {
        const { events, attempts, degraded } = view(journal)
        const kinds = journal.entries.map(({ event }) => kindOf(event))
        const others = kinds.flatMap((kind, i) => (isOfChunk(kind) ? [] : [i]))
        expect(events.map(({ entry }) => entry).sort((a, b) => a - b)).toEqual(others)
        expect(events.every(({ entry, kind }) => kind === kinds[entry])).toBe(true)
        const entriesOf = (kind: string) =>
          journal.entries.flatMap(({ event }) =>
            kindOf(event) === kind && typeof event === 'object'
              ? [Object.values(event)[0] as { rows: bigint; file_name?: string | null }]
              : [],
          )
        const sum = (rows: readonly (number | bigint | string | null)[]) =>
          rows.reduce<bigint>((total, each) => total + BigInt(each ?? 0), 0n)
        const completed = entriesOf('ChunkCompleted')
        expect(sum(attempts.map(({ rows }) => rows))).toBe(sum(completed.map(({ rows }) => rows)))
        expect(new Set(attempts.flatMap(({ files }) => files))).toEqual(
          new Set(completed.flatMap(({ file_name }) => file_name ?? [])),
        )
        const failures = degraded.filter(({ label }) => label.startsWith('chunk '))
        expect(failures).toHaveLength(entriesOf('ChunkFailed').length)
        for (const { failed, recovered, error } of attempts)
          expect(error !== null).toBe(failed || recovered)
      }),
      { numRuns: propertyCases(200) },
    )
  })

  it('keeps everything on the axis, attempts by their start and events by their time', () => {
    fc.assert(
      fc.property(journals, (journal) => {
        const { axis, attempts, events } = view(journal)
        if (axis === null) {
          expect(attempts.length + events.length).toBe(0)
          return
        }
        const starts = attempts.map(({ start_ms }) => start_ms)
        const times = events.map(({ at_ms }) => at_ms)
        expect(starts).toEqual(starts.toSorted((a, b) => a - b))
        expect(times).toEqual(times.toSorted((a, b) => a - b))
        const ends = attempts.map(({ start_ms, duration_ms }) => start_ms + (duration_ms ?? 0))
        for (const ms of [...starts, ...times]) expect(ms).toBeGreaterThanOrEqual(0)
        // Each is cut to a microsecond by itself.
        for (const ms of [...ends, ...times])
          expect(ms).toBeLessThanOrEqual(axis.duration_ms + 0.001)
      }),
      { numRuns: propertyCases(200) },
    )
  })

  it('says of one attempt that it is the longest, and rivet says the same', () => {
    let compared = 0
    fc.assert(
      fc.property(journals, (journal) => {
        const { attempts, summary } = view(journal)
        const longest = attempts.filter((attempt) => attempt.longest)
        expect(longest.length).toBeLessThanOrEqual(1)
        // The exceptions of the mapping: times that contradict each other, or are not of our time.
        const times = new EntryTimes(journal.entries)
        if (journal.entries.some((_, i) => times.isMoved(i))) return
        if (attempts.some(({ timing }) => timing === 'clamped')) return
        const ms = longest[0]?.duration_ms ?? null
        expect(ms === null ? null : Math.floor(ms)).toBe(summary.longest_chunk_ms)
        if (ms !== null) compared++
      }),
      { numRuns: propertyCases(300) },
    )
    expect(compared).toBeGreaterThan(0)
  })

  it('writes integers that are not exact as decimal text', () => {
    const rows = 9_223_372_036_854_775_807n
    const file = { file_name: 'a', rows, bytes: 2n ** 64n - 1n, part_index: 0 }
    const { summary, files } = view(madeUp([[0, { FileWritten: file }]]))
    expect(summary.rows).toBe('9223372036854775807')
    expect(files).toEqual([
      { name: 'a', rows: '9223372036854775807', bytes: '18446744073709551615' },
    ])
  })

  it('is made of 100,000 entries, whatever they are', { timeout: 120_000 }, () => {
    const of = (count: number, event: (i: number) => (typeof EVERY_KIND)[number]) =>
      view(madeUp(Array.from({ length: count }, (_, i) => [i, event(i)] as const)))
    const failing = of(100_000, (i) => ({
      ChunkFailed: { chunk_index: 7, error: `e${i}`, attempt: i },
    }))
    expect(failing.attempts).toHaveLength(100_000)
    expect(failing.degraded).toHaveLength(100_000)
    // One chunk that starts once and rotates its file every time.
    const rotating = of(100_000, (i) =>
      i === 0
        ? { ChunkStarted: { chunk_index: 7, start_key: '1', end_key: '2' } }
        : { ChunkCompleted: { chunk_index: 7, rows: 1, file_name: `f${i}` } },
    )
    expect(rotating.attempts[0]?.files).toHaveLength(99_999)
    const retrying = of(100_000, (i) => ({
      RetryAttempted: { attempt: i, reason: 'reset', backoff_ms: 1 },
    }))
    expect(retrying.events).toHaveLength(100_000)
    const unknown = of(100_000, (i) => `Kind${i}`)
    expect(unknown.events).toHaveLength(100_000)
    const chunks = view(chunkedRun(50_000, { slow: [77], failed: [99] }))
    expect(chunks.attempts.findIndex(({ longest }) => longest)).toBe(77)
    expect(chunks.attempts[99]).toMatchObject({ failed: true, error: 'chunk 99 broke', attempt: 1 })
  })
})

describe('the view of a real run', () => {
  it('says of a chunked run what show says', () => {
    const orders = view(shopJournal('orders_20261121T085339'), 'eu')
    const { summary, attempts, files, events } = orders
    expect(summary).toMatchObject({ namespace: 'eu', rows: 400_000, files: 16, chunks: 16 })
    expect(orders.trace_id).toBe(traceIdOf({ namespace: 'eu', runId: summary.run_id, page: 0 }))
    expect(orders.banner).toBeNull()
    expect(orders.incomplete).toBeNull()
    expect(orders.planned[0]).toEqual({ label: 'strategy', text: 'chunked, by id' })
    expect(orders.query).toBe('SELECT * FROM orders')
    expect(orders.outcome).toContainEqual({ label: 'reconciled', text: 'yes, 400,000 rows' })
    expect(attempts).toHaveLength(16)
    expect(attempts.find(({ longest }) => longest)).toMatchObject({
      chunk: 2,
      keys: ['50001', '75000'],
      rows: 25_000,
      files: [expect.stringMatching(/^orders_20261121_085339_chunk2_/)],
    })
    expect(files).toHaveLength(16)
    expect(events.map(({ label, text }) => `${label}: ${text}`)).toEqual([
      'plan: chunked, parquet, compression zstd',
      'validation: passed',
      'reconciled: yes, 400,000 rows',
      'end: success, after 2.91 s',
    ])
  })

  it('says why it failed', () => {
    const journal = shopJournals.find(({ entries }) =>
      entries.some(({ event }) => kindOf(event) === 'ChunkFailed'),
    )
    const failed = shopJournals.map((each) => view(each)).filter(({ error }) => error !== null)
    expect(failed.length).toBeGreaterThan(0)
    for (const { summary, outcome, events } of failed) {
      expect(summary.status).toBe('failed')
      expect(outcome[0]).toMatchObject({ label: 'status', level: 'bad' })
      expect(events.at(-1)).toMatchObject({ kind: 'RunCompleted', level: 'bad' })
    }
    if (journal !== undefined) expect(view(journal).degraded[0]?.level).toBe('bad')
  })

  it('has words for every kind of event', () => {
    const { events } = view(
      madeUp([...EVERY_KIND, { Paused: { by: 'x'.repeat(500) } }].map((event, i) => [i, event])),
    )
    expect(events.map(({ kind }) => kind)).toEqual([
      ...EVERY_KIND.map(kindOf).filter((kind) => !isOfChunk(kind)),
      'Paused',
    ])
    for (const { label, text } of events) {
      expect(label).not.toBe('')
      expect(text).not.toBe('')
      expect(text.length).toBeLessThan(250)
    }
  })
})

describe('the view of what is no whole journal', () => {
  const about = {
    runId: 'made_up_1',
    exportName: 'made_up',
    namespace: '',
    revision: 0,
    traceIds: [],
    otherRevisions: [],
  }

  it('says so of a part of a run', () => {
    const run: BrokenRun = {
      ...about,
      status: 'incomplete',
      reasons: ['2 of 4 entries are missing'],
      fragment: madeUp([[0, PLAN]]),
    }
    const made = runViewOf({ item: { kind: 'broken', run } })
    expect(made.banner).toMatch(/^NOT THE WHOLE JOURNAL: this run came back incomplete\./)
    expect(made.incomplete).toEqual(['2 of 4 entries are missing'])
    expect(made.summary.concerns).toEqual(['incomplete'])
    expect(made.outcome).toEqual([{ label: '', text: 'no outcome came back', level: 'warning' }])
  })

  it('says so of a run that its sender took something out of', () => {
    const journal = chunkedRun(2)
    const run: RedactedRun = {
      ...about,
      status: 'redacted',
      journal,
      digest: '',
      redaction: 'files,query',
      reasons: [],
    }
    const made = runViewOf({ item: { kind: 'redacted', run } })
    expect(made.banner).toMatch(/^REDACTED: .*: files, query\.$/)
    expect(made.incomplete).toBeNull()
    expect(made.summary.redaction).toBe('files,query')
    expect(made.attempts).toHaveLength(2)
  })

  it('shows of a run that was killed what is known, and nothing on a time line', () => {
    const run = interruptedInChunks({ resumedBy: 'slow_2' })
    const next = { runId: 'slow_2', wentOn: true, status: 'success' }
    const made = runViewOf({ item: { kind: 'unjournaled', run }, next })
    expect(JSON.parse(JSON.stringify(made))).toEqual(made)
    expect(made.banner).toMatch(/^NO JOURNAL: this run was killed/)
    expect(made.axis).toBeNull()
    expect(made.attempts).toEqual([])
    expect(made.degraded[0]).toEqual({
      label: 'chunk 2',
      text: 'failed, attempt 3: db error: ERROR: division by zero',
      level: 'bad',
    })
    expect(made.outcome).toContainEqual({ label: 'resumed by', text: 'slow_2: success' })
    expect(made.files).toHaveLength(2)
  })

  it('shows of the trace of a run that was killed what it says', () => {
    const trace = {
      namespace: 'eu',
      runId: 'slow_1',
      exportName: 'slow',
      traceId: 'c3bde0ddc359ac2423e3095a715b3412',
      startUnixNano: 1_795_248_000_000_000_000n,
      rows: 2n ** 60n,
    }
    const made = runViewOf({ item: { kind: 'interrupted', trace } })
    expect(JSON.parse(JSON.stringify(made))).toEqual(made)
    expect(made.trace_id).toBe(trace.traceId)
    expect(made.summary).toMatchObject({ status: 'interrupted', rows: '1152921504606846976' })
    expect(made.happened[0]?.text).toBe('1,152,921,504,606,846,976')
  })
})

describe('passwords', () => {
  it('stand in no view, wherever they stood in a journal', () => {
    // The others cannot be read.
    for (const text of JOURNALS.slice(0, 3)) {
      const journal = parseJournal(text)
      expect(found(JSON.stringify(journal.entries))).not.toEqual([])
      const reasons = [WORDS]
      const about = { runId: journal.run_id, exportName: journal.export_name, namespace: '' }
      const more = { ...about, revision: 0, traceIds: [], otherRevisions: [], reasons }
      const views = [
        view(journal),
        runViewOf({
          item: { kind: 'broken', run: { ...more, status: 'differs', fragment: journal } },
        }),
        runViewOf({
          item: {
            kind: 'redacted',
            run: { ...more, status: 'redacted', journal, digest: '', redaction: 'files' },
          },
        }),
      ]
      for (const made of views) expect(found(JSON.stringify(made))).toEqual([])
    }
  })
})
