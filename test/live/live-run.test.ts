import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { describe, expect, it } from 'vitest'
import { fromReadableSpan } from '../../src/backends/sdk-spans.js'
import { stringifyJournal } from '../../src/journal/codec.js'
import { fieldsOf, kindOf } from '../../src/journal/events.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { LiveRun } from '../../src/live/live-run.js'
import { RivetOtelError } from '../../src/problem.js'
import {
  at,
  completed,
  failed,
  journalOf,
  plan,
  runCompleted,
  shopJournals,
  started,
  warning,
} from '../journal/example-journals.js'
import { expectExact, exported, imported } from '../mapping/both-ways.js'
import { Host, liveRunOf, playLive } from './live-spans.js'

const names = { runId: 'orders_1', exportName: 'orders' }

function codeOf(work: () => void): string | undefined {
  try {
    work()
  } catch (error) {
    if (error instanceof RivetOtelError) return error.code
    throw error
  }
  return undefined
}

describe('a live run', () => {
  it('has its spans under the active span of the host, and gives its own as a context', () => {
    const host = new Host()
    const parent = host.tracer.startSpan('nightly', {}, ROOT_CONTEXT)
    const run = new LiveRun(host.tracer, { ...names, context: trace.setSpan(ROOT_CONTEXT, parent) })
    host.tracer.startSpan('SELECT', {}, run.context).end()
    run.record(started(0))
    run.record(completed(0))
    run.end({ status: 'success', duration_ms: 5 })
    parent.end()
    const [select, chunk, root] = host.spans()
    expect([select?.name, chunk?.name, root?.name]).toEqual(['SELECT', 'chunk', 'export orders'])
    expect(root?.parentSpanContext?.spanId).toBe(parent.spanContext().spanId)
    const rootId = root?.spanContext().spanId
    expect(select?.parentSpanContext?.spanId).toBe(rootId)
    expect(chunk?.parentSpanContext?.spanId).toBe(rootId)
    expect(chunk?.attributes['rivet.trace.live']).toBe(rootId)
    expectExact(host.runs()[0], run.journal)
  })

  it('is asked while it goes on, and sends a chunk as soon as it has ended', () => {
    const host = new Host()
    const run = new LiveRun(host.tracer, names)
    run.record(plan())
    run.record(started(0), '2026-11-21T08:00:00Z')
    run.record(started(1), '2026-11-21T08:00:00.5Z')
    expect(host.spans()).toHaveLength(0)
    run.record(completed(1), '2026-11-21T08:00:02Z')
    expect(host.spans().map(({ attributes }) => attributes['rivet.chunk.index'])).toEqual([1])
    expect(run.journal.longestChunkMs()).toBe(1500)
    expect(run.journal.planSnapshot()?.export_name).toBe('orders')
    expect(run.journal.finalOutcome()).toBeUndefined()
    run.end()
    expectExact(host.runs()[0], run.journal)
  })

  it('records with the current time, to the millisecond', () => {
    const run = new LiveRun(new Host().tracer, names)
    const before = Date.now()
    run.record(warning('a'))
    const recorded = Date.parse(run.journal.entries[0]?.recorded_at ?? '')
    expect(recorded).toBeGreaterThanOrEqual(before)
    expect(recorded).toBeLessThanOrEqual(Date.now())
  })

  it('needs no active context, and changes none', () => {
    const run = new LiveRun(new Host().tracer, names)
    run.record(warning('a'))
    run.end()
    expect(trace.getSpan(context.active())).toBeUndefined()
  })

  it('without entries comes back as it is', () => {
    const host = new Host()
    new LiveRun(host.tracer, names).end()
    expectExact(host.runs()[0], new RunJournal('orders_1', 'orders'))
  })

  it('says when it started, where it is recorded later', () => {
    const host = new Host()
    const run = new LiveRun(host.tracer, { ...names, startedAt: '2026-11-21T08:00:00.000000001Z' })
    run.record(warning('a'), '2026-11-21T08:00:03Z')
    run.end()
    const [root] = host.spans()
    expect(root?.startTime).toEqual([1795248000, 1])
    expect(root?.endTime).toEqual([1795248003, 0])
  })

  it.each(shopJournals().map((journal) => [journal.run_id, journal] as const))(
    'comes back exactly, as rivet recorded it: %s',
    (_, journal) => {
      const host = new Host()
      playLive(journal, host.tracer)
      expectExact(host.runs()[0], journal)
      const [root] = exported(journal)
      const live = host.spans().find(({ name }) => name.startsWith('export '))
      const derived = Object.entries(root?.span.attributes ?? {}).filter(
        ([name]) => name.startsWith('rivet.run.') || name.startsWith('rivet.plan.'),
      )
      expect(live?.attributes).toMatchObject(Object.fromEntries(derived))
      expect(live?.status.code).toBe(root?.span.status?.code ?? 0)
    },
  )
})

describe('chunks of a live run', () => {
  const cases: Record<string, ReturnType<typeof journalOf>> = {
    'end twice': journalOf([at(0, started(0)), at(10, completed(0)), at(20, completed(0, 'b'))]),
    'fail and complete later': journalOf([
      at(0, started(0)),
      at(5, failed(0)),
      at(9, completed(0)),
    ]),
    'end without a start': journalOf([at(0, completed(3)), at(1, completed(3)), at(1, failed(4))]),
    'start without an end': journalOf([at(0, started(0)), at(5, started(1))]),
    'start again': journalOf([at(0, started(0)), at(5, started(0)), at(9, completed(0))]),
    'end before their start': journalOf([at(50, started(0)), at(5, completed(0))]),
    'take no time': journalOf([at(0, started(0)), at(0, completed(0))]),
    'are outside of 1970 to 2100': journalOf([
      { recorded_at: '1912-06-23T00:00:00Z', event: started(0) },
      { recorded_at: '2912-06-23T00:00:00Z', event: completed(0) },
      { recorded_at: '2912-06-23T00:00:00Z', event: warning('late') },
    ]),
    'end after a kind that nobody knows': journalOf([
      at(0, started(0)),
      at(1, { Paused: { why: 'lunch' } }),
      at(2, 'Resumed'),
      at(3, completed(0)),
    ]),
  }
  it.each(Object.entries(cases))('%s', (_, journal) => {
    const host = new Host()
    playLive(journal, host.tracer, { startedAt: '2026-11-21T08:53:39Z' })
    expectExact(host.runs()[0], journal)
    for (const { name, duration, startTime } of host.spans()) {
      expect(duration[0] * 1e9 + duration[1], name).toBeGreaterThan(0)
      expect(startTime[0], name).toBeGreaterThan(1795251218)
      expect(startTime[0], name).toBeLessThan(1795251220)
    }
  })

  it('that failed have the status of an error, and the run that of its outcome', () => {
    const host = new Host()
    const entries = [at(0, started(0)), at(5, failed(0, 'RIVET_X: no'))]
    playLive(journalOf([...entries, at(6, runCompleted('failed', 'it broke'))]), host.tracer)
    const [chunk, root] = host.spans()
    expect(chunk?.status).toEqual({ code: 2, message: 'RIVET_X: no' })
    expect(chunk?.attributes).toMatchObject({
      'error.type': 'RIVET_X',
      'rivet.chunk.timing': 'measured',
    })
    expect(root?.status).toEqual({ code: 2, message: 'it broke' })
    expect(root?.attributes['error.type']).toBe('_OTHER')
  })
})

describe('many entries of a live run', () => {
  it('go to spans of their own, which are sent while the run goes on', () => {
    const host = new Host()
    const run = liveRunOf(journalOf([]), host.tracer)
    for (let i = 0; i < 299; i++) run.record(warning(`${i}`))
    expect(host.spans()).toHaveLength(1)
    run.record(warning('299'))
    expect(host.spans().map(({ name, events }) => [name, events.length])).toEqual([
      ['entries', 100],
      ['entries', 100],
    ])
    const [found] = host.runs()
    if (found?.status !== 'incomplete') throw new Error(found?.status)
    expect(found.reasons).toEqual([
      'the root span of page 0 is missing or cannot be read, so the number of entries and the digest are unknown',
      'it was recorded live, and such a root is sent when the run ends: the run goes on, or its program ended in the middle of it',
      'entries 0-99 of 300 or more are missing (the first is 0)',
    ])
    expect(fieldsOf(found.fragment.entries[0]?.event ?? '', 'Warning')?.message).toBe('100')
    run.end()
    expectExact(host.runs()[0], run.journal)
  })

  it('that are large come back from a host with the default limits', () => {
    const host = new Host()
    const long = 'é🦀x'.repeat(100_000)
    const run = new LiveRun(host.tracer, {
      runId: `orders_${'1'.repeat(300_000)}`,
      exportName: long,
      namespace: long,
    })
    run.record({ ChunkStarted: { chunk_index: 0, start_key: long, end_key: long } })
    run.record(failed(0, long))
    run.record({ Paused: { why: [long, long] } })
    run.record(plan({ base_query: long }))
    run.end({ status: long, error_message: long, duration_ms: 1 })
    const [found] = host.runs()
    expectExact(found, run.journal)
    expect(found?.namespace).toBe(long)
  })
})

describe('the limits of a host', () => {
  const journal = journalOf([
    at(0, plan()),
    ...Array.from({ length: 50 }, (_, i) => at(i, warning(`a warning that is long: ${i}`))),
    at(90, started(0)),
    at(91, completed(0, 'orders_0.parquet')),
    at(99, runCompleted('success')),
  ])
  it.each([
    [{ attributeValueLengthLimit: 20 }, 'differs'],
    [{ attributeValueLengthLimit: 3 }, undefined],
    [{ attributeCountLimit: 8 }, undefined],
    [{ attributeCountLimit: 2 }, undefined],
    [{ eventCountLimit: 10 }, 'incomplete'],
    [{ attributePerEventCountLimit: 2 }, 'incomplete'],
  ] as const)('never make it exact: %o', (spanLimits, status) => {
    const host = new Host({ spanLimits })
    playLive(journal, host.tracer)
    for (const run of host.runs()) {
      expect(['incomplete', 'differs']).toContain(run.status)
      if (status !== undefined) expect(run.status).toBe(status)
    }
    const both = imported([...host.spans().map(fromReadableSpan), ...exported(journal)])
    const whole = both.find(({ runId }) => runId === journal.run_id)
    expectExact(whole, journal)
  })
})

describe('what a live run refuses', () => {
  const wrong: [string, unknown, unknown, string][] = [
    ['an event that is none', { ChunkStarted: 1, Warning: 2 }, undefined, 'INVALID_JOURNAL'],
    ['nothing', undefined, undefined, 'INVALID_JOURNAL'],
    [
      'a field of another type',
      { ValidationResult: { passed: 'yes' } },
      undefined,
      'INVALID_JOURNAL',
    ],
    ['a time that is none', 'Paused', 'yesterday', 'INVALID_JOURNAL'],
    ['a time of another type', 'Paused', new Date(0), 'INVALID_JOURNAL'],
    ['half of a character', { Paused: '\ud83e' }, undefined, 'INVALID_JSON'],
    ['what JSON cannot say', { Paused: [undefined] }, undefined, 'INVALID_JOURNAL'],
  ]
  it.each(wrong)('%s, and records nothing then', (_, event, time, code) => {
    const host = new Host()
    const run = new LiveRun(host.tracer, names)
    run.record(warning('before'))
    expect(codeOf(() => run.record(event as never, time as never))).toBe(code)
    run.record(warning('after'))
    run.end()
    expect(run.journal.entries).toHaveLength(2)
    expectExact(host.runs()[0], run.journal)
  })

  it('what comes after its end; a second end is none', () => {
    const host = new Host()
    const run = new LiveRun(host.tracer, names)
    run.end({ status: 'success', duration_ms: 1 })
    run.end()
    expect(codeOf(() => run.record(warning('late')))).toBe('USAGE')
    expect(codeOf(() => run.end({ status: 'failed', duration_ms: 1 }))).toBe('USAGE')
    expect(host.spans()).toHaveLength(1)
    expectExact(host.runs()[0], run.journal)
  })

  it('a run_id with a secret in it', () => {
    const host = new Host()
    const runId = 'orders_postgres://ana:hunter2@db/shop'
    expect(codeOf(() => new LiveRun(host.tracer, { ...names, runId }))).toBe(
      'INVALID_CONFIGURATION',
    )
    expect(host.spans()).toEqual([])
  })
})

it('what the caller does to its objects afterwards changes nothing', () => {
  const host = new Host()
  const run = new LiveRun(host.tracer, names)
  const file = { file_name: 'a', rows: 1, bytes: 1, part_index: 0 }
  run.record({ FileWritten: file })
  file.file_name = 'b'
  run.record({ FileWritten: file })
  run.end()
  expect(run.journal.files().map(({ event }) => fieldsOf(event, 'FileWritten')?.file_name)).toEqual(
    ['a', 'b'],
  )
  expectExact(host.runs()[0], run.journal)
})

it('keeps integers that JavaScript cannot hold, and unknown members', () => {
  const host = new Host()
  const journal = new RunJournal(
    'orders_1',
    'orders',
    [
      {
        ...at(0, {
          FileWritten: {
            file_name: 'a',
            rows: 2n ** 63n - 1n,
            bytes: 2n ** 64n - 1n,
            part_index: 2n ** 53n,
          },
        }),
        extra: { thread: 2n ** 60n },
      },
      at(1, { ChunkStarted: { chunk_index: 2n ** 62n, start_key: '', end_key: '', cost: 1 } }),
      at(2, completed(2n ** 62n)),
    ],
    { host: 'db', cost: 1.5 },
  )
  const run = playLive(journal, host.tracer)
  expectExact(host.runs()[0], journal)
  expect(stringifyJournal(run.journal)).toBe(stringifyJournal(journal))
})

describe('redaction', () => {
  it('takes passwords out of everything that the tracer gets, and out of nothing that is kept', () => {
    const host = new Host()
    const url = 'postgres://ana:hunter2@db/shop'
    const run = new LiveRun(host.tracer, {
      runId: 'orders_1',
      exportName: url,
      extra: { dsn: url },
    })
    run.record(plan({ base_query: `SELECT dblink('${url}')` }))
    run.record({ ChunkStarted: { chunk_index: 0, start_key: url, end_key: url, [url]: url } })
    run.record(failed(0, `cannot reach ${url}`))
    run.record({ [`Paused ${url}`]: { password: 'hunter2' } })
    run.append({ ...at(0, url), extra: { why: url } })
    run.end({ status: 'failed', error_message: url, duration_ms: 1 })
    const [found] = host.runs()
    expect(found).toMatchObject({ status: 'redacted', redaction: 'passwords' })
    const sent = host
      .spans()
      .map(({ name, attributes, events, status }) => ({ name, attributes, events, status }))
    expect(JSON.stringify(sent)).not.toContain('hunter2')
    expect(stringifyJournal(run.journal).split('hunter2')).toHaveLength(14)
  })

  it('never sends an entry on which patterns take too long, and says so at import', () => {
    const host = new Host()
    const patterns = [/(a+)+$/u]
    const run = new LiveRun(host.tracer, { ...names, redaction: { patterns } })
    run.record(warning('fine'))
    run.record(warning(`${'a'.repeat(60)}!`))
    run.record(started(0))
    run.record(completed(0))
    run.end()
    expect(run.journal.entries.map(({ event }) => kindOf(event))).toHaveLength(4)
    expect(host.runs()[0]).toMatchObject({
      status: 'incomplete',
      reasons: ['entries 1 of 4 are missing (the first is 0)'],
    })
  })
})
