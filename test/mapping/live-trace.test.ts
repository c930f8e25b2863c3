/** A live trace beside exported ones of the same run, in one backend. */
import { describe, expect, it } from 'vitest'
import { JournalSpanExporter } from '../../src/backends/journal-span-exporter.js'
import { fromReadableSpan } from '../../src/backends/sdk-spans.js'
import { journalDigest } from '../../src/journal/digest.js'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { type ImportedRun, revisionName } from '../../src/mapping/imported-run.js'
import { LIVE_ROOT } from '../../src/mapping/journal-span.js'
import type { ReceivedSpan } from '../../src/trace/trace.js'
import {
  at,
  completed,
  journalOf,
  runCompleted,
  started,
  warning,
} from '../journal/example-journals.js'
import { Host, liveRunOf } from '../live/live-spans.js'
import { expectExact, exported, imported, withSpans } from './both-ways.js'
import { codeIn, publishedTable } from './published-mapping.js'

const journal = journalOf([
  at(0, warning('a')),
  at(1, started(0)),
  at(2, completed(0)),
  at(3, runCompleted('success')),
])
const later = journalOf([...journal.entries, at(4, warning('later'))])

function live(of: RunJournal, until = of.entries.length, revision = 0): ReceivedSpan[] {
  const host = new Host()
  const run = liveRunOf(of, host.tracer, { revision })
  for (const entry of of.entries.slice(0, until)) run.append(entry)
  if (until === of.entries.length) run.end()
  return host.spans().map(fromReadableSpan)
}

/** The one run of some spans, in either order. */
function oneRun(a: readonly ReceivedSpan[], b: readonly ReceivedSpan[]): ImportedRun {
  const [run, ...others] = imported([...a, ...b])
  if (run === undefined || others.length > 0) throw new Error(`${others.length + 1} runs`)
  const [turned] = imported([...b, ...a])
  expect({ ...turned, journal: 0, fragment: 0 }).toEqual({ ...run, journal: 0, fragment: 0 })
  return run
}

describe('a live trace and an exported one', () => {
  it('of the same journal are one run, in two traces', () => {
    const run = oneRun(live(journal), exported(journal))
    expectExact(run, journal)
    expect(run).not.toHaveProperty('live')
    expect(run.traceIds).toHaveLength(2)
    expect(run.otherRevisions).toEqual([])
  })

  it('of the same journal are one run also where it was exported as a later revision', () => {
    const all = [...exported(journal), ...exported(later, { revision: 1 })]
    const run = oneRun(live(later), all)
    expectExact(run, later)
    expect(run.revision).toBe(1)
    expect(run.otherRevisions).toEqual([
      { revision: 0, status: 'exact', digest: journalDigest(journal) },
    ])
  })

  it('of different journals are both named, and the exported one is the answer', () => {
    const run = oneRun(live(later), exported(journal))
    expectExact(run, journal)
    expect(run.traceIds).toHaveLength(1)
    expect(run.otherRevisions).toEqual([
      { revision: 0, status: 'exact', digest: journalDigest(later), live: true },
    ])
    expect(run.otherRevisions.map(revisionName)).toEqual(['the live trace of revision 0'])
  })

  it('that broke off costs the exported one nothing', () => {
    const run = oneRun(live(journal, 3), exported(journal))
    expectExact(run, journal)
    expect(run.otherRevisions).toEqual([{ revision: 0, status: 'incomplete', live: true }])
  })

  it('that is whole is the answer where the exported one is not', () => {
    const run = oneRun(live(journal), exported(journal).slice(0, 1))
    expectExact(run, journal)
    expect(run.live).toBe(true)
    expect(run.otherRevisions).toEqual([{ revision: 0, status: 'incomplete' }])
  })

  it('are not put together from their parts', () => {
    const [root = [], chunk = []] = [exported(journal).slice(0, 1), live(journal, 3)]
    expect(oneRun(root, chunk).status).toBe('incomplete')
  })
})

describe('two live traces of one run', () => {
  it('are not mixed, and what broke off is named', () => {
    const run = oneRun(live(journal, 3), live(journal))
    expectExact(run, journal)
    expect(run.otherRevisions).toEqual([{ revision: 0, status: 'incomplete', live: true }])
  })

  it('of the same journal are one run', () => {
    const run = oneRun(live(journal), live(journal))
    expectExact(run, journal)
    expect(run.traceIds).toHaveLength(2)
    expect(run.otherRevisions).toEqual([])
  })

  it('go by their revisions', () => {
    const run = oneRun(live(later, 5, 1), live(journal))
    expectExact(run, later)
    expect(run.otherRevisions).toEqual([
      { revision: 0, status: 'exact', digest: journalDigest(journal), live: true },
    ])
  })
})

describe('what is checked of a live trace', () => {
  const spans = live(journal)

  it.each(spans.map(({ span }, i) => [span.name, i] as const))(
    'a lost span makes it incomplete: %s',
    (_, lost) => {
      const [run] = imported(spans.filter((_, i) => i !== lost))
      expect(run?.status).toBe('incomplete')
    },
  )

  it('a span that comes twice counts once', () => {
    expectExact(imported([...spans, ...spans])[0], journal)
  })

  it('a changed entry makes it differ', () => {
    const changed = withSpans(spans, (span) =>
      span.name === 'chunk' ? { attributes: { ...span.attributes, 'rivet.chunk.rows': 11 } } : {},
    )
    expect(imported(changed)[0]).toMatchObject({ status: 'differs', live: true })
  })

  it('one span more than the root says makes it differ', () => {
    const more = spans.flatMap((received) =>
      received.span.name === 'chunk'
        ? [received, { ...received, span: { ...received.span, spanId: '00000000000000aa' } }]
        : [received],
    )
    expect(imported(more)[0]?.status).toBe('differs')
  })

  it('a live span that lost its parent makes it incomplete', () => {
    const orphaned = withSpans(spans, (span) =>
      span.name === 'chunk' ? { parentSpanId: '00000000000000aa' } : {},
    )
    expect(imported(orphaned)[0]?.status).toBe('incomplete')
  })
})

it('a live span has the published attribute, and no other that is not published', () => {
  const names = (header: string) =>
    publishedTable(header, 'type', 'stands on').map((row) => codeIn(row[header]))
  const published = new Set([...names('attribute'), ...names('live attribute')])
  expect(names('live attribute')).toEqual([LIVE_ROOT])
  for (const { span } of live(later)) {
    expect(Object.keys(span.attributes)).toContain(LIVE_ROOT)
    for (const name of Object.keys(span.attributes)) expect(published).toContain(name)
  }
})

it('a run is handed over inside of the process when its live root ends', () => {
  const runs: ImportedRun[] = []
  const exporter = new JournalSpanExporter((run) => runs.push(run))
  const host = new Host()
  const run = liveRunOf(journal, host.tracer)
  const given = new Set<unknown>()
  const giveNew = () => {
    const fresh = host.spans().filter((span) => !given.has(span))
    for (const span of fresh) given.add(span)
    exporter.export(fresh, ({ code }) => expect(code).toBe(0))
  }
  for (const entry of journal.entries) {
    run.append(entry)
    giveNew()
    expect(runs).toEqual([])
  }
  run.end()
  giveNew()
  expectExact(runs[0], journal)
})

it('a host that records two runs at once keeps them apart', () => {
  const host = new Host()
  const other = journalOf(journal.entries, { runId: 'orders_2' })
  const runs = [journal, other].map((one) => [one, liveRunOf(one, host.tracer)] as const)
  for (const i of journal.entries.keys()) {
    for (const [one, run] of runs) run.append(one.entries[i] ?? at(0, 'Paused'))
  }
  for (const [, run] of runs) run.end()
  const found = host.runs()
  expect(found).toHaveLength(2)
  expectExact(
    found.find(({ runId }) => runId === 'orders_2'),
    other,
  )
  expectExact(
    found.find(({ runId }) => runId === 'orders_1'),
    journal,
  )
})
