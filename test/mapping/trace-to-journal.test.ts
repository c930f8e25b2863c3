import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { journalDigest } from '../../src/journal/digest.js'
import type { RunEvent } from '../../src/journal/events.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { type ImportedRun, isWhole } from '../../src/mapping/imported-run.js'
import { JournalAssembler } from '../../src/mapping/trace-to-journal.js'
import type { AttributeValue, ReceivedSpan } from '../../src/trace/trace.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'
import {
  at,
  completed,
  journalOf,
  journalOfEvents,
  MS,
  shopJournal,
  shopJournals,
  started,
  warning,
} from '../journal/example-journals.js'
import { expectExact, exported, imported, withAttributes, withSpans } from './both-ways.js'

function reasonsOf(run: ImportedRun | undefined): string {
  if (run === undefined || run.status === 'exact') throw new Error('the run is exact, or none')
  return run.reasons.join('\n')
}
const only = (spans: readonly ReceivedSpan[]): ImportedRun => {
  const [run, ...others] = imported(spans)
  if (run === undefined || others.length > 0) throw new Error('there is not exactly one run')
  return run
}
/** The spans with one attribute of the root changed, or removed. */
const withRoot = (
  spans: readonly ReceivedSpan[],
  name: string,
  value: string | number | undefined,
) =>
  spans.map((received) =>
    received.span.parentSpanId === undefined
      ? (withAttributes([received], (n, v) => (n === name ? value : v))[0] ?? received)
      : received,
  )

describe('every real journal', () => {
  it.each(shopJournals().map((journal) => [journal.run_id, journal] as const))(
    'comes back exact: %s',
    (_, journal) => {
      const run = only(exported(journal))
      expectExact(run, journal)
      expect(run).toMatchObject({
        runId: journal.run_id,
        exportName: journal.export_name,
        namespace: '',
        revision: 0,
        otherRevisions: [],
      })
      expect(run.traceIds).toHaveLength(1)
    },
  )

  it('comes back exact out of one heap with the others', () => {
    const journals = shopJournals()
    const runs = imported(journals.flatMap((journal) => exported(journal)).toReversed())
    expect(runs).toHaveLength(12)
    for (const journal of journals) {
      expectExact(
        runs.find(({ runId }) => runId === journal.run_id),
        journal,
      )
    }
  })
})

describe('what backends do to spans', () => {
  const cut = (nanos: bigint) => nanos - (nanos % 1000n)
  const eventsCut = (spans: readonly ReceivedSpan[]) =>
    withSpans(spans, ({ events }) => ({
      events: events.map((event) => ({ ...event, timeUnixNano: cut(event.timeUnixNano) })),
    }))
  const changes: [string, (spans: readonly ReceivedSpan[]) => ReceivedSpan[]][] = [
    [
      'every time is cut to microseconds',
      (spans) =>
        withSpans(eventsCut(spans), (span) => ({
          startTimeUnixNano: cut(span.startTimeUnixNano),
          endTimeUnixNano: cut(span.endTimeUnixNano),
        })),
    ],
    [
      'start and duration are cut to microseconds, as Jaeger’s Elasticsearch storage does',
      (spans) =>
        withSpans(eventsCut(spans), ({ startTimeUnixNano: start, endTimeUnixNano: end }) => ({
          startTimeUnixNano: cut(start),
          endTimeUnixNano: cut(start) + cut(end - start),
        })),
    ],
    [
      'integers become decimal text',
      (spans) =>
        withAttributes(spans, (_, value) =>
          typeof value === 'number' || typeof value === 'bigint' ? String(value) : value,
        ),
    ],
    [
      'only integers beyond 2^53 become decimal text',
      (spans) =>
        withAttributes(spans, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
    ],
    [
      'lists become JSON text',
      (spans) =>
        withAttributes(spans, (_, value) => (Array.isArray(value) ? JSON.stringify(value) : value)),
    ],
    [
      'bools become text',
      (spans) =>
        withAttributes(spans, (_, value) => (typeof value === 'boolean' ? String(value) : value)),
    ],
    [
      'attributes are sorted by name',
      (spans) =>
        spans.map(({ span, ...rest }) => ({
          ...rest,
          span: {
            ...span,
            attributes: Object.fromEntries(Object.entries(span.attributes).toSorted()),
          },
        })),
    ],
    [
      'status, links, kinds and resource are lost',
      (spans) =>
        spans.map(({ span: { status: _, ...span } }) => ({
          resource: {},
          scope: { name: '', version: '' },
          span: { ...span, links: [], kind: 0 },
        })),
    ],
    [
      'foreign attributes are added',
      (spans) =>
        withSpans(spans, ({ attributes }) => ({
          attributes: { ...attributes, 'internal.span.format': 'proto', 'span.kind': 'internal' },
        })),
    ],
  ]

  it.each(changes)('costs nothing: %s', (_, change) => {
    fc.assert(
      fc.property(arbitraryJournal(), (journal) => {
        expectExact(only(change(exported(journal))), journal)
      }),
      { numRuns: propertyCases(60) },
    )
    for (const journal of shopJournals()) expectExact(only(change(exported(journal))), journal)
  })

  it('is reported where it rounds times up', () => {
    const journal = journalOf([at(0, started(0)), at(7, warning('a')), at(5n * MS, completed(0))])
    const spans = withSpans(exported(journal), ({ events }) => ({
      events: events.map((e) => ({ ...e, timeUnixNano: e.timeUnixNano + 500n })),
    }))
    expect(only(spans).status).toBe('differs')
  })

  it('is reported where it cuts texts', () => {
    const journal = journalOf([at(0, warning('x'.repeat(2000)))])
    const spans = withAttributes(exported(journal), (_, value) =>
      typeof value === 'string' ? value.slice(0, 1000) : value,
    )
    const run = only(spans)
    expect(run.status).toBe('differs')
    expect(reasonsOf(run)).toMatch(/the digest differs/)
  })
})

describe('a run that lacks something', () => {
  const journal = journalOf(
    Array.from({ length: 260 }, (_, i) => at(i, i % 50 === 7 ? started(i) : warning(`${i}`))),
  )
  const spans = exported(journal)

  it('is incomplete by the entries that are missing, the spans, and never has a journal', () => {
    const without = spans.filter(({ span }) => span.name !== 'entries')
    const run = only(without)
    expect(run.status).toBe('incomplete')
    expect(run).not.toHaveProperty('journal')
    expect(reasonsOf(run)).toBe(
      'page 0 has 7 of 9 spans\n' +
        'entries 102-106, 108-156, 158-206, 208-256, 258-259 of 260 are missing (the first is 0)',
    )
    if (isWhole(run)) throw new Error('not to be reached')
    expect(run.fragment.entries).toHaveLength(260 - 154)
    expect(run.fragment.run_id).toBe('orders_1')
  })

  it('names one entry alone, and no more than 20 ranges', () => {
    const withEvents = (keep: (i: number) => boolean) =>
      withSpans(
        exported(journalOf(Array.from({ length: 90 }, (_, i) => at(i, warning('x'))))),
        ({ events }) => ({
          events: events.filter((_, i) => keep(i)),
        }),
      )
    expect(reasonsOf(only(withEvents((i) => i !== 3)))).toBe(
      'entries 3 of 90 are missing (the first is 0)',
    )
    const many = reasonsOf(only(withEvents((i) => i % 2 === 1)))
    expect(many).toMatch(/^entries 0, 2, 4, .*, 38 and 25 more ranges of 90 are missing/)
    const twenty = reasonsOf(only(withEvents((i) => i % 2 === 1 || i >= 40)))
    expect(twenty).toMatch(/ 36, 38 of 90 are missing/)
  })

  it('is incomplete without its root, whose numbers nothing else says', () => {
    const [, ...children] = spans
    const run = only(children)
    expect(run.status).toBe('incomplete')
    expect(reasonsOf(run)).toMatch(
      /^the root span of page 0 is missing or cannot be read, so the number of entries/,
    )
  })

  it('is incomplete where a span is missing that has no entry of its own to miss', () => {
    const rotated = journalOfEvents(started(0), completed(0))
    const more = withRoot(exported(rotated), 'rivet.trace.spans', 3)
    expect(only(more).status).toBe('incomplete')
    expect(reasonsOf(only(more))).toBe('page 0 has 2 of 3 spans')
  })

  it('is incomplete where a later page is missing, entries or not', () => {
    const announced = withRoot(exported(journalOfEvents('a')), 'rivet.trace.pages', 3)
    expect(only(announced).status).toBe('incomplete')
    expect(reasonsOf(only(announced))).toBe('the root of page 1-2 of 3 is missing')
  })
})

describe('a run that is all there but differs', () => {
  const journal = shopJournal('orders')

  it('in its digest is said to', () => {
    const run = only(withRoot(exported(journal), 'rivet.journal.digest', '0'.repeat(64)))
    expect(run.status).toBe('differs')
    expect(reasonsOf(run)).toMatch(/every entry is there, but the digest differs/)
    if (isWhole(run)) throw new Error('not to be reached')
    expect(journalDigest(run.fragment)).toBe(journalDigest(journal))
  })

  it('in one value is said to', () => {
    const spans = withAttributes(exported(journal), (name, value) =>
      name === 'rivet.chunk.rows' && value === 25_000 ? 25_001 : value,
    )
    expect(only(spans).status).toBe('differs')
  })

  it('because two different entries claim one index is said to', () => {
    const spans = exported(journal)
    const chunk = spans.filter(({ span }) => span.name === 'chunk').slice(3, 4)
    const changed = withAttributes(chunk, (name, value) =>
      name === 'rivet.chunk.rows' ? 1 : value,
    )
    for (const heap of [
      [...spans, ...changed],
      [...changed, ...spans],
    ]) {
      const run = only(heap)
      expect(run.status).toBe('differs')
      expect(reasonsOf(run)).toMatch(/^two different entries claim index \d+$/)
    }
  })

  it('because an event and a chunk claim one index is said to', () => {
    const [root, ...children] = exported(journalOfEvents(warning('a'), started(0)))
    if (root === undefined) throw new Error('no root')
    const claim = withAttributes([root], (name, value) =>
      name === 'rivet.entry.index' ? 1 : value,
    )
    expect(only([root, ...children, ...claim]).status).toBe('differs')
  })

  it('because its root came twice with different contents is said to', () => {
    const spans = exported(journal)
    const more = withRoot(spans.slice(0, 1), 'rivet.journal.entries', 99)
    const run = only([...spans, ...more])
    expect(run.status).toBe('differs')
    expect(reasonsOf(run)).toMatch(/the root span [0-9a-f]{16} of page 0 came twice/)
  })

  it('because there are more spans or entries than the root says is said to', () => {
    const fewerSpans = withRoot(exported(journal), 'rivet.trace.spans', 3)
    expect(reasonsOf(only(fewerSpans))).toMatch(/^page 0 has 17 spans, its root says 3$/m)
    expect(only(fewerSpans).status).toBe('differs')
    const fewerEntries = withRoot(exported(journal), 'rivet.journal.entries', 3)
    expect(reasonsOf(only(fewerEntries))).toMatch(
      new RegExp(`^${journal.entries.length} entries came back, the root says 3$`, 'm'),
    )
    expect(only(fewerEntries).status).toBe('differs')
  })

  it('because one time is unreadable is said to, and the other entries are not lost', () => {
    const [root, ...rest] = exported(journalOf([at(0, 'a'), at(1, 'b'), at(2, 'c')]))
    if (root === undefined) throw new Error('no root')
    const events = root.span.events.map((event, i) =>
      i === 1 ? { ...event, timeUnixNano: 10n ** 30n } : event,
    )
    const run = only([{ ...root, span: { ...root.span, events } }, ...rest])
    expect(reasonsOf(run)).toMatch(/ns is no time that OTLP can hold/)
    if (isWhole(run)) throw new Error('not to be reached')
    expect(run.fragment.entries.map(({ event }) => event)).toEqual(['a', 'c'])
  })

  it('because it was written by another version of the mapping is said to', () => {
    const spans = exported(journal).map((received) => ({
      ...received,
      scope: { name: 'rivet-otel', version: '2' },
    }))
    const run = only(spans)
    expect(run.status).toBe('differs')
    expect(reasonsOf(run)).toMatch(/version 2 of the mapping; this reads version 1/)
  })

  it('in very many places names 20 of them and says how many more there are', () => {
    const reasonsOfChunks = (count: number) => {
      const many = journalOf(Array.from({ length: count }, (_, i) => at(i, started(i))))
      const scope = { name: 'rivet-otel', version: '2' }
      return reasonsOf(only(exported(many).map((received) => ({ ...received, scope })))).split('\n')
    }
    expect(reasonsOfChunks(60)).toHaveLength(21)
    expect(reasonsOfChunks(60).at(-1)).toBe('and 41 more')
    expect(reasonsOfChunks(19)).toHaveLength(20)
    expect(reasonsOfChunks(19).at(-1)).toMatch(/version 2/)
  })
})

describe('a span that comes twice', () => {
  it('unchanged costs nothing, also with the same values in another spelling', () => {
    const journal = shopJournal('orders')
    const spans = exported(journal)
    const asText = withAttributes(spans, (_, v) => (typeof v === 'number' ? String(v) : v))
    expectExact(only([...spans, ...asText, ...spans]), journal)
  })
})

describe('of several revisions', () => {
  const first = shopJournal('orders')
  const longer = journalOf([...first.entries, at(10n ** 10n, warning('again'))], {
    runId: first.run_id,
    exportName: first.export_name,
  })
  const sent = exported(first)
  const sentAgain = exported(longer, { revision: 1 })

  it('the newest exact one is the answer and the others are named', () => {
    for (const heap of [
      [...sent, ...sentAgain],
      [...sentAgain, ...sent],
    ]) {
      const run = only(heap)
      expectExact(run, longer)
      expect(run.revision).toBe(1)
      expect(run.otherRevisions).toEqual([
        { revision: 0, status: 'exact', digest: journalDigest(first) },
      ])
    }
  })

  it('an older exact one is the answer where the newest is broken', () => {
    const run = only([...sent, ...sentAgain.slice(0, -1)])
    expectExact(run, first)
    expect(run.revision).toBe(0)
    expect(run.otherRevisions).toEqual([{ revision: 1, status: 'incomplete' }])
  })

  it('the newest is the answer where none is exact, and the others are named newest first', () => {
    const second = exported(longer, { revision: 2 })
    const run = only([...sent.slice(1), ...second.slice(1), ...sentAgain.slice(1)])
    expect(run.revision).toBe(2)
    expect(run.status).toBe('incomplete')
    expect(run.otherRevisions).toEqual([
      { revision: 1, status: 'incomplete' },
      { revision: 0, status: 'incomplete' },
    ])
  })

  it('numbers count as numbers, not as texts', () => {
    const run = only([9, 10].flatMap((revision) => exported(first, { revision })))
    expect(run.revision).toBe(10)
  })
})

describe('runs of one run_id', () => {
  it('in two namespaces are two runs', () => {
    const [eu, us] = [shopJournal('orders'), shopJournal('orders')]
    us.record(warning('in the us'))
    const runs = imported([
      ...exported(eu, { namespace: 'eu' }),
      ...exported(us, { namespace: 'us' }),
      ...exported(eu),
    ])
    expect(runs.map(({ namespace, status }) => [namespace, status])).toEqual([
      ['eu', 'exact'],
      ['us', 'exact'],
      ['', 'exact'],
    ])
    expectExact(runs[1], us)
  })

  it('and namespaces whose texts run together stay apart', () => {
    const one = journalOf([at(0, 'a')], { runId: 'b","c' })
    const other = journalOf([at(0, 'b')], { runId: 'c' })
    const runs = imported([
      ...exported(one, { namespace: 'a' }),
      ...exported(other, { namespace: 'a","b' }),
    ])
    expect(runs).toHaveLength(2)
    expectExact(runs[0], one)
    expectExact(runs[1], other)
  })
})

describe('the assembler', () => {
  const journal = shopJournal('orders')
  const spans = exported(journal)
  const keyed: [string, string] = ['', journal.run_id]

  const fed = (assembler: JournalAssembler, received: readonly ReceivedSpan[]) =>
    received.map((span) => assembler.add(span))

  it('says of each span which run it belongs to, and of a foreign one that it does not', () => {
    const assembler = new JournalAssembler()
    const [first, ...rest] = spans
    if (first === undefined) throw new Error('no spans')
    expect(assembler.add(first)).toEqual({ namespace: '', runId: journal.run_id, revision: 0 })
    const foreign = { ...first, span: { ...first.span, attributes: {} } }
    expect(assembler.add(foreign)).toBeUndefined()
    fed(assembler, rest)
    expectExact(assembler.finish()[0], journal)
    expect(assembler.finish()).toEqual([])
  })

  it('gives a run as soon as its last part is there, and not before', () => {
    const assembler = new JournalAssembler()
    const [root, ...children] = spans
    for (const span of children) {
      assembler.add(span)
      expect(assembler.takeComplete(...keyed)).toBeUndefined()
    }
    if (root === undefined) throw new Error('no root')
    assembler.add(root)
    expect(assembler.takeComplete('elsewhere', journal.run_id)).toBeUndefined()
    expectExact(assembler.takeComplete(...keyed), journal)
    expect(assembler.takeComplete(...keyed)).toBeUndefined()
    expect(assembler.finish()).toEqual([])
  })

  it('does not take a run for complete while an event or a page is missing', () => {
    const long: RunJournal = journalOf(
      Array.from({ length: 9000 }, (_, i) => at(i, warning('x'.repeat(200)))),
    )
    const received = exported(long)
    expect(received.filter(({ span }) => span.parentSpanId === undefined).length).toBeGreaterThan(1)
    for (const missing of [0, 5, received.length - 1]) {
      const assembler = new JournalAssembler()
      fed(assembler, received.toSpliced(missing, 1))
      expect(assembler.takeComplete('', long.run_id)).toBeUndefined()
      fed(assembler, received.slice(missing, missing + 1))
      expectExact(assembler.takeComplete('', long.run_id), long)
    }
    const assembler = new JournalAssembler()
    const [root, ...rest] = received
    if (root === undefined) throw new Error('no root')
    fed(assembler, [
      { ...root, span: { ...root.span, events: root.span.events.slice(1) } },
      ...rest,
    ])
    expect(assembler.takeComplete('', long.run_id)).toBeUndefined()
    expect(assembler.finish()[0]?.status).toBe('incomplete')
  })

  it('waits for every page and span that a root announces, entries or not', () => {
    for (const [name, count] of [
      ['rivet.trace.pages', 2],
      ['rivet.trace.spans', 18],
    ] as const) {
      const assembler = new JournalAssembler()
      fed(assembler, withRoot(spans, name, count))
      expect(assembler.takeComplete(...keyed)).toBeUndefined()
    }
  })

  it('waits for the root of every page that a span names as its parent', () => {
    const assembler = new JournalAssembler()
    const stray = withSpans(spans.slice(-1), () => ({ parentSpanId: 'f'.repeat(16) }))
    fed(assembler, [...spans, ...stray])
    expect(assembler.takeComplete(...keyed)).toBeUndefined()
    expectExact(assembler.finish()[0], journal)
  })

  it('waits for every revision that has begun', () => {
    const assembler = new JournalAssembler()
    const again = exported(journal, { revision: 1 })
    fed(assembler, [...spans, ...again.slice(1)])
    expect(assembler.takeComplete(...keyed)).toBeUndefined()
    fed(assembler, again.slice(0, 1))
    expect(assembler.takeComplete(...keyed)).toMatchObject({
      revision: 1,
      otherRevisions: [{ revision: 0, status: 'exact' }],
    })
  })

  it('makes no second run of spans that come again after their run was taken', () => {
    const assembler = new JournalAssembler()
    fed(assembler, spans)
    expectExact(assembler.takeComplete(...keyed), journal)
    expect(fed(assembler, spans.slice(0, 3))).toEqual([undefined, undefined, undefined])
    expect(assembler.takeComplete(...keyed)).toBeUndefined()
    expect(assembler.finish()).toEqual([])
  })
})

describe('a trace that somebody made to deceive', () => {
  const journal = new RunJournal('deceit', 'orders', [
    { recorded_at: '2026-11-21T08:53:39Z', event: 'Paused' },
  ])
  /** The spans with one more attribute on the root, or on the event of an entry. */
  const forged = (name: string, value: AttributeValue, on: 'root' | 'entry') =>
    exported(journal).map(({ span, ...rest }) => ({
      ...rest,
      span: {
        ...span,
        attributes: on === 'root' ? { ...span.attributes, [name]: value } : span.attributes,
        events: span.events.map((event) =>
          on === 'entry' ? { ...event, attributes: { ...event.attributes, [name]: value } } : event,
        ),
      },
    }))

  it.each([
    ['rivet.journal.unknown_members', '{"run_id":"other","entries":[]}', 'root'],
    ['rivet.entry.unknown_members', '{"event":"Resumed"}', 'entry'],
    ['rivet.entry.unknown_members', '{"recorded_at":"2020-01-01T00:00:00Z"}', 'entry'],
  ] as const)('cannot put known members over those the digest is of: %s %s', (name, json, on) => {
    const [run] = imported(forged(name, json, on))
    expect(run?.status).toBe('incomplete')
    expect(run?.status === 'exact' ? [] : run?.reasons.join()).toContain('is no unknown member')
  })

  it('cannot pass off as unknown what is known and broken', () => {
    const broken = { RunCompleted: { status: 7 } } as unknown as RunEvent
    const spans = exported(journal).map(({ span, ...rest }) => ({
      ...rest,
      span: {
        ...span,
        attributes: {
          ...span.attributes,
          'rivet.journal.digest': journalDigest(
            new RunJournal('deceit', 'orders', [
              { recorded_at: '2026-11-21T08:53:39Z', event: broken },
            ]),
          ),
        },
        events: span.events.map((event) => ({
          ...event,
          attributes: {
            ...event.attributes,
            'rivet.entry.kind': 'RunCompleted',
            'rivet.entry.json': '{"status":7}',
          },
        })),
      },
    }))
    const [run] = imported(spans)
    expect(run?.status).toBe('incomplete')
    expect(run?.status === 'exact' ? [] : run?.reasons.join()).toContain('RunCompleted.status')
  })

  it('may still say as unknown what has become known since', () => {
    const spans = exported(journal).map(({ span, ...rest }) => ({
      ...rest,
      span: {
        ...span,
        events: span.events.map((event) => ({
          ...event,
          attributes: {
            ...event.attributes,
            'rivet.entry.kind': 'ValidationResult',
            'rivet.entry.json': '{"passed":true}',
          },
        })),
      },
    }))
    const [run] = imported(spans)
    expect(run?.status).toBe('differs')
    expect(run?.status === 'differs' && run.fragment.entries[0]?.event).toEqual({
      ValidationResult: { passed: true },
    })
  })

  it('cannot have two roots for one page', () => {
    const [root] = exported(journal)
    if (root === undefined) throw new Error('no span')
    const second = { ...root, span: { ...root.span, spanId: 'ab'.repeat(8), events: [] } }
    const [run] = imported([root, second])
    expect(run?.status).toBe('differs')
    expect(run?.status === 'differs' && run.reasons.join()).toContain('claim page 0')
  })

  it('may have a page a span, and each is looked at once', () => {
    const assembler = new JournalAssembler()
    const [root] = exported(journal)
    if (root === undefined) throw new Error('no span')
    for (let page = 0; page < 100_000; page++) {
      const attributes = {
        ...root.span.attributes,
        'rivet.trace.page': page,
        'rivet.trace.pages': 1e15,
      }
      const spanId = (page + 1).toString(16).padStart(16, '0')
      assembler.add({ ...root, span: { ...root.span, spanId, events: [], attributes } })
      expect(assembler.takeComplete('', 'deceit')).toBeUndefined()
    }
    const [run] = assembler.finish()
    expect(run?.status === 'incomplete' && run.reasons[0]).toContain('the root of page 100000-')
  })

  it('may have spans of very many revisions', () => {
    const assembler = new JournalAssembler()
    const [root] = exported(journal)
    if (root === undefined) throw new Error('no span')
    for (let revision = 0; revision < 200_000; revision++) {
      const attributes = { ...root.span.attributes, 'rivet.run.revision': revision }
      assembler.add({ ...root, span: { ...root.span, events: [], attributes } })
    }
    expect(assembler.announcedPages('', 'deceit')).toBe(1)
  })

  it('brings no sign of zero into an integer', () => {
    const zero = new RunJournal('zero', 'orders', [
      {
        recorded_at: '2026-11-21T08:53:39Z',
        event: { FileWritten: { file_name: 'a', rows: 0, bytes: 0, part_index: 0 } },
      },
    ])
    const spans = withAttributes(exported(zero), (_, value) => (value === 0 ? -0 : value))
    expectExact(imported(spans)[0], zero)
  })
})
