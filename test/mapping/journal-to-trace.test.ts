import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { journalDigest } from '../../src/journal/digest.js'
import type { RunEvent } from '../../src/journal/events.js'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { parseTimestamp } from '../../src/journal/timestamp.js'
import { spanIdsOf, traceIdOf } from '../../src/mapping/ids.js'
import { journalToTrace, type MappingOptions } from '../../src/mapping/journal-to-trace.js'
import {
  MAX_EVENT_BYTES_PER_SPAN,
  MAX_PAGE_BYTES,
  sizeOfEvent,
  sizeOfSpan,
} from '../../src/mapping/size.js'
import { RivetOtelError } from '../../src/problem.js'
import { type Span, SpanKind, StatusCode } from '../../src/trace/trace.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'
import {
  at,
  completed,
  EVERY_KIND,
  failed,
  journalOf,
  journalOfEvents,
  MS,
  plan,
  runCompleted,
  shopJournal,
  shopJournals,
  started,
  T0,
  warning,
} from '../journal/example-journals.js'
import { expectExact, exported, imported } from './both-ways.js'

const pagesOf = (journal: RunJournal, options?: MappingOptions) => [
  ...journalToTrace(journal, options),
]
const rootOf = (journal: RunJournal, options?: MappingOptions): Span => {
  const root = pagesOf(journal, options)[0]?.trace.spans[0]
  if (root === undefined) throw new Error('the journal has no root')
  return root
}
const bytesOf = (spans: readonly Span[]) => spans.reduce((sum, span) => sum + sizeOfSpan(span), 0)

describe('the root span', () => {
  it('has the digest that it is given, which is not computed again', () => {
    const journal = shopJournal('orders')
    const digest = journalDigest(journal)
    expect(pagesOf(journal, { digest })).toEqual(pagesOf(journal))
    const [page] = pagesOf(journal, { digest: 'given' })
    expect(page?.digest).toBe('given')
    expect(page?.trace.spans[0]?.attributes['rivet.journal.digest']).toBe('given')
  })

  it('of a real run says which run it is and what came of it', () => {
    const journal = shopJournal('orders')
    const root = rootOf(journal)
    expect(root).toMatchObject({
      traceId: 'c3bde0ddc359ac2423e3095a715b3412',
      spanId: 'b36d1caeb2e67c87',
      name: 'export orders',
      kind: SpanKind.INTERNAL,
      links: [],
    })
    expect(root.parentSpanId).toBeUndefined()
    expect(root.status).toBeUndefined()
    expect(root.attributes).toMatchObject({
      'rivet.run.id': 'orders_20261121T085339.134_11188',
      'rivet.export.name': 'orders',
      'rivet.run.revision': 0,
      'rivet.trace.page': 0,
      'rivet.trace.pages': 1,
      'rivet.trace.spans': 17,
      'rivet.journal.entries': journal.entries.length,
      'rivet.journal.digest': 'a0bf0c0f08ef8af0f1a9fddc5b8e47409ea6226b15c0e44159f7480e446986c2',
    })
    expect(root.attributes).not.toHaveProperty(['rivet.run.namespace'])
    expect(root.attributes).not.toHaveProperty(['rivet.journal.unknown_members'])
  })

  it('lasts from the earliest to the latest entry, in whatever order they stand', () => {
    const { startTimeUnixNano, endTimeUnixNano } = rootOf(
      journalOf([at(50, warning('a')), at(10, warning('b')), at(70, 'c'), at(60, 'd')]),
    )
    expect([startTimeUnixNano - T0, endTimeUnixNano - T0]).toEqual([10n, 70n])
  })

  it('lasts 1 ns where all entries have one time', () => {
    const { startTimeUnixNano, endTimeUnixNano } = rootOf(journalOf([at(5, 'a'), at(5, 'b')]))
    expect([startTimeUnixNano - T0, endTimeUnixNano - T0]).toEqual([5n, 6n])
  })

  it('of a run that recorded everything at its end starts where its duration reaches', () => {
    const cdc = (duration_ms: number | bigint, endsAt = 0n) =>
      rootOf(
        journalOf([
          at(endsAt, warning('a')),
          at(endsAt, runCompleted('failed', null, 7_000)),
          at(endsAt + 5n * MS, runCompleted('success', null, duration_ms)),
          at(endsAt + 6n * MS, warning('b')),
        ]),
      )
    expect(T0 - cdc(60_000).startTimeUnixNano).toBe(59_995n * MS)
    expect(cdc(60_000).endTimeUnixNano - T0).toBe(6n * MS)
    for (const shorter of [5, 1, 0, -60_000]) expect(cdc(shorter).startTimeUnixNano).toBe(T0)
    expect(T0 - cdc(6).startTimeUnixNano).toBe(1n * MS)
  })

  it('does not start before 1970, whatever a duration says', () => {
    for (const duration of [2n ** 63n - 1n, 60n * 365n * 86_400_000n]) {
      const journal = journalOf([
        at(0, warning('a')),
        at(MS, runCompleted('success', null, duration)),
      ])
      expect(rootOf(journal).startTimeUnixNano).toBe(T0)
      expectExact(imported(exported(journal))[0], journal)
    }
  })

  it('is an error where the run failed: a real one, with all of its lines', () => {
    const root = rootOf(shopJournal('customers_quality'))
    expect(root.status?.code).toBe(StatusCode.ERROR)
    expect(root.status?.message).toContain('\n')
    expect(root.attributes['error.type']).toBeTypeOf('string')
    expect(rootOf(shopJournal('empty')).status).toBeUndefined()
    expect(rootOf(shopJournal('orders')).attributes).not.toHaveProperty(['error.type'])
  })

  it('has a long error message cut in its status and whole in its event', () => {
    const message = `${'x'.repeat(2047)}🦀`.repeat(50)
    const journal = journalOf([at(0, runCompleted('failed', message))])
    const root = rootOf(journal)
    expect(root.status?.message).toBe('x'.repeat(2047))
    expect(root.events[0]?.attributes['rivet.run.error_message.parts']).toBe(50 + 1)
    expectExact(imported(exported(journal))[0], journal)
  })

  it('carries unknown members of the journal', () => {
    const { run_id, export_name, entries } = journalOf([at(0, 'a')])
    const journal = Object.assign(journalOf([]), {
      run_id,
      export_name,
      entries,
      extra: { host: null, n: 2n ** 64n },
    })
    expect(rootOf(journal).attributes['rivet.journal.unknown_members']).toBe(
      '{"host":null,"n":18446744073709551616}',
    )
    expectExact(imported(exported(journal))[0], journal)
  })
})

describe('every journal span', () => {
  it('names its run, its export, its revision and its namespace', () => {
    const journal = journalOfEvents(...EVERY_KIND, ...Array.from({ length: 150 }, () => 'Paused'))
    const spans = exported(journal, { namespace: 'eu', revision: 3 }).map(({ span }) => span)
    expect(new Set(spans.map(({ name }) => name))).toEqual(
      new Set(['export orders', 'chunk', 'entries']),
    )
    for (const span of spans) {
      expect(span.attributes).toMatchObject({
        'rivet.run.id': 'orders_1',
        'rivet.export.name': 'orders',
        'rivet.run.revision': 3,
        'rivet.run.namespace': 'eu',
      })
    }
  })

  it('depends on journal, namespace and revision alone: not on the resource', () => {
    const journal = shopJournal('orders')
    const [page] = pagesOf(journal)
    const [other] = pagesOf(journal, { resource: { 'service.name': 'x', a: 1 } })
    expect(other?.trace.spans).toEqual(page?.trace.spans)
    expect(page?.trace.resource).toEqual({ 'service.name': 'rivet' })
    expect(other?.trace.resource).toEqual({ 'service.name': 'x', a: 1 })
    expect(page?.trace.scope).toEqual({ name: 'rivet-otel', version: '1' })
  })

  it('has the id of its page and of the entry that opens it, and lasts 1 ns or more', () => {
    fc.assert(
      fc.property(arbitraryJournal(), (journal) => {
        const key = { namespace: '', runId: journal.run_id, page: 0, revision: 0 }
        const ids = spanIdsOf(key)
        const [root, ...children] = exported(journal).map(({ span }) => span)
        expect(root?.spanId).toBe(ids.root)
        for (const span of children) {
          const index =
            span.attributes['rivet.entry.start.index'] ??
            span.attributes['rivet.entry.end.index'] ??
            span.events[0]?.attributes['rivet.entry.index']
          expect(span.spanId).toBe(ids.ofEntry(index as number))
          expect(span.parentSpanId).toBe(ids.root)
          expect(span.traceId).toBe(traceIdOf(key))
          expect(span.kind).toBe(SpanKind.INTERNAL)
          expect(span.links).toEqual([])
        }
        for (const span of [root, ...children]) {
          expect((span?.endTimeUnixNano ?? 0n) > (span?.startTimeUnixNano ?? 0n)).toBe(true)
          expect((span?.startTimeUnixNano ?? -1n) >= 0n).toBe(true)
          expect(span?.endTimeUnixNano ?? 0n).toBeLessThanOrEqual(
            parseTimestamp('2100-01-01T00:00:00Z').unixNano,
          )
        }
      }),
      { numRuns: propertyCases(100) },
    )
  })

  it('named entries lasts from its earliest to its latest event', () => {
    const events = Array.from({ length: 100 }, () => at(0, 'x'))
    const spansOf = (...offsets: number[]) =>
      exported(journalOf([...events, ...offsets.map((offset) => at(offset, 'y'))]))
        .filter(({ span }) => span.name === 'entries')
        .map(({ span }) => [span.startTimeUnixNano - T0, span.endTimeUnixNano - T0])
    expect(spansOf(30, 10, 90, 20)).toEqual([[10n, 90n]])
    expect(spansOf(30, 30)).toEqual([[30n, 31n]])
  })

  it('that is a chunk of a failed attempt is an error, the root of a run that went on is not', () => {
    const journal = journalOfEvents(
      started(0),
      failed(0, 'RIVET_A: x'),
      started(0),
      completed(0),
      runCompleted('success'),
    )
    const codes = exported(journal).map(({ span }) => [span.name, span.status?.code])
    expect(codes).toEqual([
      ['export orders', undefined],
      ['chunk', StatusCode.ERROR],
      ['chunk', undefined],
    ])
  })

  it('is never OK', () => {
    for (const journal of shopJournals()) {
      for (const { span } of exported(journal)) expect(span.status?.code).not.toBe(StatusCode.OK)
    }
  })
})

describe('a journal without entries', () => {
  it('is refused: it has no place in time', () => {
    expect(() => journalToTrace(journalOf([], { runId: 'r' }))).toThrow(RivetOtelError)
    expect(() => journalToTrace(journalOf([], { runId: 'r' }))).toThrow(/run r .*without entries/)
  })
})

describe('a run of 20,000 chunks', () => {
  const events = Array.from({ length: 20_000 }, (_, i) => [
    at(BigInt(i) * 3n * MS, started(i)),
    at(BigInt(i) * 3n * MS + 2n * MS, completed(i, `orders_${i}.parquet`)),
  ]).flat()
  const journal = journalOf([
    at(0, warning('first')),
    ...events,
    at(60_000n * MS, runCompleted('failed', 'RIVET_X')),
  ])
  const pages = pagesOf(journal, { namespace: 'eu', revision: 1 })

  it('is several pages of at most 2,000,000 bytes each, filled as far as spans go', () => {
    expect(pages.length).toBeGreaterThan(3)
    pages.forEach(({ trace }, i) => {
      const bytes = bytesOf(trace.spans)
      expect(bytes).toBeLessThanOrEqual(MAX_PAGE_BYTES)
      const next = pages[i + 1]?.trace.spans[1]
      if (next !== undefined) expect(bytes + sizeOfSpan(next)).toBeGreaterThan(MAX_PAGE_BYTES)
    })
  })

  it('has every span once, in the order of the entries that open them', () => {
    const openers = pages.flatMap(({ trace }) =>
      trace.spans.slice(1).map((span) => span.attributes['rivet.entry.start.index']),
    )
    expect(openers).toEqual(Array.from({ length: 20_000 }, (_, i) => 1 + 2 * i))
  })

  it('says on each page how many spans it has, and on page 0 how many pages there are', () => {
    const expectedDigest = journalDigest(journal)
    pages.forEach(({ page, pages: count, runId, revision, namespace, digest, trace }, i) => {
      expect([page, count, runId, revision, namespace]).toEqual([
        i,
        pages.length,
        'orders_1',
        1,
        'eu',
      ])
      expect(digest).toBe(expectedDigest)
      const [root] = trace.spans
      expect(root?.attributes['rivet.trace.page']).toBe(i)
      expect(root?.attributes['rivet.trace.spans']).toBe(trace.spans.length)
      expect(root?.attributes['rivet.trace.pages']).toBe(i === 0 ? pages.length : undefined)
    })
  })

  it('has later roots without events, status and derived attributes, linked to page 0', () => {
    const [first, ...later] = pages.map(({ trace }) => trace.spans[0])
    if (first === undefined) throw new Error('no page 0')
    later.forEach((root, i) => {
      const key = { namespace: 'eu', runId: 'orders_1', page: i + 1, revision: 1 }
      expect(root).toEqual({
        traceId: traceIdOf(key),
        spanId: spanIdsOf(key).root,
        name: 'export orders',
        kind: SpanKind.INTERNAL,
        startTimeUnixNano: first.startTimeUnixNano,
        endTimeUnixNano: first.endTimeUnixNano,
        attributes: {
          'rivet.run.id': 'orders_1',
          'rivet.export.name': 'orders',
          'rivet.run.revision': 1,
          'rivet.run.namespace': 'eu',
          'rivet.trace.page': i + 1,
          'rivet.trace.spans': pages[i + 1]?.trace.spans.length,
        },
        events: [],
        links: [
          {
            traceId: first.traceId,
            spanId: first.spanId,
            attributes: { 'rivet.trace.page': 0 },
          },
        ],
      })
    })
    expect(first.status?.code).toBe(StatusCode.ERROR)
  })

  it('has ids of their own on every page', () => {
    const ids = pages.flatMap(({ trace }) => trace.spans.map(({ spanId }) => spanId))
    expect(new Set(ids).size).toBe(ids.length)
    expect(new Set(pages.map(({ trace }) => trace.spans[0]?.traceId)).size).toBe(pages.length)
    for (const { trace } of pages) {
      expect(new Set(trace.spans.map(({ traceId }) => traceId)).size).toBe(1)
    }
  })

  it('comes back, and the loss of any page is reported', () => {
    const received = pages.map(({ trace }) =>
      trace.spans.map((span) => ({ resource: trace.resource, scope: trace.scope, span })),
    )
    const [run] = imported(received.toReversed().flat())
    expectExact(run, journal)
    expect(run?.traceIds).toHaveLength(pages.length)
    for (const lost of [0, pages.length - 1]) {
      const [broken] = imported(received.toSpliced(lost, 1).flat())
      if (broken?.status !== 'incomplete') throw new Error(`page ${lost} was not missed`)
      expect(broken.reasons.join('\n')).toMatch(
        lost === 0
          ? /the root span of page 0 is missing/
          : new RegExp(`the root of page ${lost} of ${pages.length} is missing`),
      )
    }
  })
})

describe('a page', () => {
  /** A run of 8 large events; the first is on the root. */
  const pagesWith = (first: number, last: number) =>
    pagesOf(
      journalOfEvents(
        ...[first, ...Array.from({ length: 6 }, () => 245_000), last].map((length) =>
          warning('x'.repeat(length)),
        ),
      ),
    )
  /** The bytes of all its spans, as if they were on one page. */
  const bytesWith = (first: number, last: number) =>
    bytesOf(
      pagesWith(first, last).flatMap(({ page, trace }) => trace.spans.slice(page === 0 ? 0 : 1)),
    )
  /** Lengths of the first and the last event with which the spans are exactly so many bytes. */
  const lengthsOf = (bytes: number): [first: number, last: number] => {
    // Where a long text gets a part more, sizes jump: another first event gets round that.
    for (let first = 245_000; first > 240_000; first -= 100) {
      let last = 200_000
      for (let tries = 0; tries < 6; tries++) {
        const lacking = bytes - bytesWith(first, last)
        if (lacking === 0) return [first, last]
        last += lacking
      }
    }
    throw new Error(`no run of 8 events is ${bytes} bytes`)
  }

  it('takes a span that fills it to 2,000,000 bytes, and is closed before one byte more', () => {
    const [full, ...none] = pagesWith(...lengthsOf(MAX_PAGE_BYTES))
    expect(none).toEqual([])
    expect(bytesOf(full?.trace.spans ?? [])).toBe(MAX_PAGE_BYTES)
    const [first, second, ...more] = pagesWith(...lengthsOf(MAX_PAGE_BYTES + 1))
    expect(more).toEqual([])
    expect([first?.trace.spans.length, second?.trace.spans.length]).toEqual([7, 2])
  })

  it('holds a single span that is larger, beside its root alone', () => {
    const giant: RunEvent = warning('🦀'.repeat(800_000))
    const journal = journalOfEvents(warning('a'), giant, warning('b'), giant)
    const pages = pagesOf(journal)
    expect(pages.map(({ trace }) => trace.spans.length)).toEqual([1, 2, 2, 2])
    expectExact(imported(exported(journal))[0], journal)
  })
})

describe('a run of 50,000 plain events', () => {
  it('has at most 100 events and 256,000 bytes of them on each span, and comes back', () => {
    const journal = journalOf(
      Array.from({ length: 50_000 }, (_, i) => at(BigInt(i) * MS, warning(`row ${i} was odd`))),
    )
    const spans = exported(journal)
    for (const { span } of spans) {
      expect(span.events.length).toBeLessThanOrEqual(100)
      const bytes = span.events.reduce((sum, event) => sum + sizeOfEvent(event), 0)
      expect(bytes).toBeLessThanOrEqual(MAX_EVENT_BYTES_PER_SPAN)
    }
    const pages = spans.filter(({ span }) => span.parentSpanId === undefined).length
    expect(pages).toBeGreaterThan(1)
    expect(spans).toHaveLength(500 + pages - 1)
    expectExact(imported(spans)[0], journal)
  })
})

describe('long texts', () => {
  it.each([
    ['100 kB of SQL', 'orders_1', 'orders', `SELECT 'é🦀' AS x${', 1'.repeat(33_000)}`],
    ['a run_id of 5,000 bytes', 'r'.repeat(5000), 'orders', 'SELECT 1'],
    ['an export name of 5,000 bytes', 'orders_1', '名'.repeat(1700), 'SELECT 1'],
  ])('come back: %s', (_, runId, exportName, base_query) => {
    const journal = journalOf(
      [at(0, plan({ base_query })), at(1, started(0)), at(2, completed(0))],
      { runId, exportName },
    )
    const spans = exported(journal, { namespace: 'n'.repeat(2049) })
    for (const { span } of spans) {
      for (const { attributes } of [span, ...span.events]) {
        for (const [name, value] of Object.entries(attributes)) {
          expect(Buffer.byteLength(name)).toBeLessThan(100)
          if (typeof value === 'string') expect(Buffer.byteLength(value)).toBeLessThanOrEqual(2048)
        }
      }
    }
    const [run] = imported(spans)
    expectExact(run, journal)
    expect(run?.namespace).toBe('n'.repeat(2049))
  })
})

describe('times outside 1970 to 2100', () => {
  it('keep the trace inside, and come back', () => {
    const journal = journalOf([
      { recorded_at: '2500-01-01T00:00:00Z', event: warning('a') },
      at(10, started(0)),
      { recorded_at: '1066-10-14T09:00:00Z', event: completed(0) },
      { recorded_at: '+12026-01-01T00:00:00Z', event: runCompleted('success') },
    ])
    for (const { span } of exported(journal)) {
      expect(span.startTimeUnixNano).toBe(T0 + 10n - (span.parentSpanId === undefined ? MS : 0n))
    }
    expectExact(imported(exported(journal))[0], journal)
  })

  it('come back where no entry is inside', () => {
    const journal = journalOf([
      { recorded_at: '2500-01-01T00:00:00Z', event: started(0) },
      { recorded_at: '2500-01-01T00:00:01Z', event: completed(0) },
      { recorded_at: '1066-10-14T09:00:00Z', event: 'Hastings' },
    ])
    expectExact(imported(exported(journal))[0], journal)
    const [, chunk] = exported(journal)
    expect(chunk?.span.attributes['rivet.chunk.timing']).toBe('clamped')
  })
})

describe('a revision', () => {
  const journal = shopJournal('orders')

  it('goes into the same trace, with its own root that links to the root before', () => {
    const roots = [0, 1, 2].map((revision) => rootOf(journal, { revision }))
    expect(new Set(roots.map(({ traceId }) => traceId)).size).toBe(1)
    expect(roots[0]?.links).toEqual([])
    for (const revision of [1, 2]) {
      expect(roots[revision]?.links).toEqual([
        {
          traceId: roots[revision - 1]?.traceId,
          spanId: roots[revision - 1]?.spanId,
          attributes: { 'rivet.run.revision': revision - 1 },
        },
      ])
    }
  })

  it('never has a span id of another', () => {
    const ids = [0, 1, 2].flatMap((revision) =>
      exported(journal, { revision }).map(({ span }) => span.spanId),
    )
    expect(new Set(ids).size).toBe(ids.length)
  })
})
