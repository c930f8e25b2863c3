import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/journal/events.js'
import type { JournalEntry } from '../../src/journal/run-journal.js'
import { chunkAttempts } from '../../src/mapping/chunk-attempts.js'
import { attemptToSpan, spanToEnd, spanToStart } from '../../src/mapping/chunk-span.js'
import { EntryTimes } from '../../src/mapping/times.js'
import { RivetOtelError } from '../../src/problem.js'
import { type Span, StatusCode } from '../../src/trace/trace.js'
import { at, completed, failed, started, T0 } from '../journal/example-journals.js'

/** The span of the attempt that the first entry opens. */
function spanOf(...entries: JournalEntry[]): Span {
  const times = new EntryTimes(entries)
  const attempt = chunkAttempts(entries, times).byOpener.get(0)
  if (attempt === undefined) throw new Error('the first entry opens no attempt')
  const ids = { traceId: '0'.repeat(32), spanId: '0'.repeat(16) }
  return {
    ...ids,
    name: 'chunk',
    kind: 1,
    events: [],
    links: [],
    ...attemptToSpan(attempt, entries, times, {}),
  }
}

const nanosOf = (span: Span) => [span.startTimeUnixNano - T0, span.endTimeUnixNano - T0]

describe('the span of an attempt', () => {
  it('lasts from its start to its end where both are measured', () => {
    const span = spanOf(at(100, started(3)), at(200, completed(3, 'orders_3.parquet')))
    expect(nanosOf(span)).toEqual([100n, 200n])
    expect(span.status).toBeUndefined()
    expect(span.attributes).toEqual({
      'rivet.chunk.timing': 'measured',
      'rivet.chunk.index': 3,
      'rivet.chunk.start_key': '1',
      'rivet.chunk.end_key': '25000',
      'rivet.chunk.rows': 10,
      'rivet.file.name': 'orders_3.parquet',
      'rivet.entry.start.index': 0,
      'rivet.entry.start.nanos': 957,
      'rivet.entry.end.index': 1,
      // 857 + 200 passes the microsecond, so a cut duration could lose it: the text is carried.
      'rivet.entry.end.time': '2026-11-21T08:53:39.134437057Z',
    })
  })

  it.each([
    ['measured, of no time', [at(100, started(0)), at(100, completed(0))], 100n],
    ['end_only', [at(100, completed(0))], 100n],
    ['start_only', [at(100, started(0))], 100n],
    ['clamped', [at(100, started(0)), at(40, completed(0))], 100n],
  ])('lasts 1 ns where it is %s', (timing, entries, start) => {
    const span = spanOf(...entries)
    expect(nanosOf(span)).toEqual([start, start + 1n])
    expect(span.attributes['rivet.chunk.timing']).toBe(timing.split(',')[0])
  })

  it('lasts 1 ns also where a moved time would make it longer', () => {
    const outside = { recorded_at: '2500-01-01T00:00:00Z', event: completed(0) }
    const span = spanOf(at(0, started(0)), at(5, 'a'), at(7, 'b'), outside, at(50, 'c'))
    expect(span.attributes['rivet.chunk.timing']).toBe('clamped')
    expect(nanosOf(span)).toEqual([0n, 1n])
    expect(spanToEnd(span)?.entry.recorded_at).toBe('2500-01-01T00:00:00Z')
  })

  it('that only has an end carries no more than the time of its start cannot say', () => {
    const [micros, last] = ['2026-11-21T08:53:39.134436Z', '2026-11-21T08:53:39.134436999Z']
    const endOnly = (recorded_at: string) => spanOf({ recorded_at, event: completed(0) })
    expect(endOnly(micros).attributes).not.toHaveProperty(['rivet.entry.end.nanos'])
    expect(endOnly(micros).attributes).not.toHaveProperty(['rivet.entry.end.time'])
    expect(endOnly(last).attributes['rivet.entry.end.nanos']).toBe(999)
    expect(endOnly(last).attributes).not.toHaveProperty(['rivet.entry.end.time'])
    for (const time of [micros, last]) {
      expect(spanToEnd(endOnly(time))?.entry.recorded_at).toBe(time)
    }
  })

  it('is an error with the message and its code, where the attempt failed', () => {
    const span = spanOf(at(0, started(0)), at(9, failed(0, 'RIVET_TIMEOUT: too slow', 3)))
    expect(span.status).toEqual({ code: StatusCode.ERROR, message: 'RIVET_TIMEOUT: too slow' })
    expect(span.attributes).toMatchObject({
      'error.type': 'RIVET_TIMEOUT',
      'rivet.chunk.error': 'RIVET_TIMEOUT: too slow',
      'rivet.chunk.attempt': 3,
    })
    expect(nanosOf(span)).toEqual([0n, 9n])
  })

  it('is an error of type _OTHER where the message has no code, and without a message where it is empty', () => {
    const span = spanOf(at(0, failed(0, '')))
    expect(span.status).toEqual({ code: StatusCode.ERROR })
    expect(span.attributes['error.type']).toBe('_OTHER')
  })

  it('is no error where the attempt failed and then completed', () => {
    const span = spanOf(at(0, started(0)), at(5, failed(0)), at(9, completed(0)))
    expect(span.status).toBeUndefined()
    expect(span.attributes['error.type']).toBeUndefined()
    expect(span.attributes['rivet.chunk.error']).toBeUndefined()
  })
})

describe('the entries of a chunk span', () => {
  const withUnknown = (event: RunEvent, more: object): RunEvent => {
    const [[kind, fields] = ['', {}]] = Object.entries(event)
    return { [kind]: { ...fields, ...more } }
  }
  const cases: [string, JournalEntry[]][] = [
    ['measured', [at(100, started(3)), at(200, completed(3, 'f'))]],
    ['of no time', [at(100, started(3)), at(100, completed(3, 'f'))]],
    ['failed', [at(100, started(3)), at(200, failed(3))]],
    ['end_only', [at(100, completed(-1))]],
    ['end_only and failed', [at(100, failed(2n ** 63n - 1n, '', 0))]],
    ['start_only', [at(100, started(3))]],
    ['clamped', [at(100, started(3)), at(0, completed(3))]],
    [
      'with unknown fields of the same name at both ends',
      [
        at(100, withUnknown(started(3), { cost: 1, worker: 'a' })),
        at(200, withUnknown(completed(3, 'f'), { cost: 2 })),
      ],
    ],
    [
      'with unknown members at both ends',
      [
        { ...at(100, started(3)), extra: { thread: 1 } },
        { ...at(200, completed(3, 'f')), extra: { thread: null } },
      ],
    ],
    [
      'outside 1970 to 2100 at one end',
      [at(100, started(3)), { recorded_at: '2500-01-01T00:00:00Z', event: completed(3, 'f') }],
    ],
  ]

  it.each(cases)('come back: %s', (_, entries) => {
    const span = spanOf(...entries)
    const read = [spanToStart(span), spanToEnd(span)].filter((entry) => entry !== undefined)
    expect(read.map(({ index }) => index)).toEqual(entries.map((_, i) => i))
    for (const { index, entry } of read) {
      const { event, ...rest } = entries[index] ?? at(0, '')
      expect(entry).toMatchObject(rest)
      expect(withoutNulls(entry.event)).toEqual(withoutNulls(event))
    }
  })

  it.each(cases)('come back from microseconds, where the duration is cut too: %s', (_, entries) => {
    const span = spanOf(...entries)
    const start = span.startTimeUnixNano - (span.startTimeUnixNano % 1000n)
    const nanos = span.endTimeUnixNano - span.startTimeUnixNano
    const received = {
      ...span,
      startTimeUnixNano: start,
      endTimeUnixNano: start + nanos - (nanos % 1000n),
    }
    const read = [spanToStart(received), spanToEnd(received)].filter((e) => e !== undefined)
    expect(read.map(({ entry }) => entry.recorded_at)).toEqual(
      entries.map(({ recorded_at }) => recorded_at),
    )
  })

  it('are refused one by one, so that a bad one does not cost the other', () => {
    const span = spanOf(at(100, started(3)), at(200, completed(3, 'f')))
    const without = (name: string): Span => {
      const { [name]: _, ...attributes } = span.attributes
      return { ...span, attributes }
    }
    expect(() => spanToStart(without('rivet.chunk.start_key'))).toThrow(RivetOtelError)
    expect(() => spanToStart(without('rivet.chunk.start_key'))).toThrow(
      /^rivet\.chunk\.start_key of a ChunkStarted is missing/,
    )
    expect(spanToEnd(without('rivet.chunk.start_key'))?.index).toBe(1)
    expect(() => spanToEnd(without('rivet.chunk.rows'))).toThrow(
      /^rivet\.chunk\.rows of a ChunkCompleted is missing/,
    )
    expect(spanToStart(without('rivet.chunk.rows'))?.index).toBe(0)
  })
})

function withoutNulls(event: RunEvent): unknown {
  return JSON.parse(
    JSON.stringify(event, (_, value) =>
      typeof value === 'bigint' ? `${value}n` : (value ?? undefined),
    ),
  )
}
