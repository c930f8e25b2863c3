import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringifyJournal } from '../../src/journal/codec.js'
import { journalDigest } from '../../src/journal/digest.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { JournalAssembler } from '../../src/mapping/trace-to-journal.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'
import { at, completed, journalOf, MS, started } from '../journal/example-journals.js'
import { expectExact, exported, imported } from './both-ways.js'

describe('import(export(journal)) = journal', () => {
  it('holds for random journals of up to 50 entries', () => {
    fc.assert(
      fc.property(arbitraryJournal(), (journal) => {
        expectExact(imported(exported(journal))[0], journal)
      }),
      { numRuns: propertyCases(300) },
    )
  })

  it('holds for random journals of thousands of entries', () => {
    fc.assert(
      fc.property(arbitraryJournal({ minLength: 1000, maxLength: 5000 }), (journal) => {
        expectExact(imported(exported(journal))[0], journal)
      }),
      { numRuns: Math.max(1, Math.ceil(propertyCases(300) / 500)), endOnFailure: true },
    )
  })

  it('holds for spans in any order, sent twice, and of several runs at once', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(arbitraryJournal({ maxLength: 20 }), {
          selector: (j) => j.run_id,
          minLength: 1,
          maxLength: 3,
        }),
        fc.array(fc.nat(), { minLength: 1 }),
        (journals, order) => {
          const spans = journals.flatMap((journal) => exported(journal))
          const doubled = [
            ...spans,
            ...spans.filter((_, i) => (order[i % order.length] ?? 0) % 2 === 0),
          ]
          const shuffled = doubled
            .map((span, i) => ({
              span,
              key: ((order[i % order.length] ?? 0) * (i + 7) * 7919) % 10007,
            }))
            .sort((a, b) => a.key - b.key)
            .map(({ span }) => span)
          const runs = imported(shuffled)
          expect(runs).toHaveLength(journals.length)
          for (const journal of journals) {
            expectExact(
              runs.find((run) => run.runId === journal.run_id),
              journal,
            )
          }
        },
      ),
      { numRuns: propertyCases(100) },
    )
  })

  it('gives the same spans every time', () => {
    fc.assert(
      fc.property(arbitraryJournal(), (journal) => {
        expect(exported(journal)).toEqual(exported(journal))
      }),
      { numRuns: propertyCases(50) },
    )
  })

  it('holds beside foreign spans, and beside extra spans about the same run', () => {
    fc.assert(
      fc.property(arbitraryJournal({ maxLength: 20 }), fc.nat(), (journal, at) => {
        const spans = exported(journal)
        const [first] = spans
        if (first === undefined) throw new Error('no spans')
        const foreign = { ...first, span: { ...first.span, attributes: { 'http.route': '/' } } }
        const extra = {
          ...first,
          span: { ...first.span, name: 'source', attributes: { 'rivet.run.id': journal.run_id } },
        }
        spans.splice(at % (spans.length + 1), 0, foreign, extra)
        const runs = imported(spans)
        expect(runs).toHaveLength(1)
        expectExact(runs[0], journal)
      }),
      { numRuns: propertyCases(100) },
    )
  })
})

describe('removing something', () => {
  it('is always reported: any one span', () => {
    fc.assert(
      fc.property(arbitraryJournal({ maxLength: 30 }), fc.nat(), (journal, n) => {
        const spans = exported(journal)
        spans.splice(n % spans.length, 1)
        for (const run of imported(spans)) {
          expect(run.status).toBe('incomplete')
        }
      }),
      { numRuns: propertyCases(200) },
    )
  })

  it('is always reported: any one event', () => {
    fc.assert(
      fc.property(arbitraryJournal({ maxLength: 30 }), fc.nat(), fc.nat(), (journal, n, m) => {
        const spans = exported(journal)
        const holders = spans.filter(({ span }) => span.events.length > 0)
        const holder = holders[n % Math.max(holders.length, 1)]
        fc.pre(holder !== undefined)
        const place = m % holder.span.events.length
        const without = { ...holder.span, events: holder.span.events.toSpliced(place, 1) }
        const [run] = imported(spans.map((s) => (s === holder ? { ...s, span: without } : s)))
        expect(run?.status).toBe('incomplete')
      }),
      { numRuns: propertyCases(200) },
    )
  })

  it('of any one attribute never gives another journal that is said to be exact', () => {
    fc.assert(
      fc.property(arbitraryJournal({ maxLength: 30 }), fc.nat(), fc.nat(), (journal, n, m) => {
        const spans = exported(journal)
        const holders = spans.flatMap((received) => [
          ...received.span.events.map((event) => ({
            received,
            event,
            attributes: event.attributes,
          })),
          ...(received.span.name === 'chunk'
            ? [{ received, event: undefined, attributes: received.span.attributes }]
            : []),
        ])
        const holder = holders[n % Math.max(holders.length, 1)]
        fc.pre(holder !== undefined)
        const names = Object.keys(holder.attributes).filter(
          (name) => !['rivet.chunk.timing', 'error.type', 'rivet.export.name'].includes(name),
        )
        const name = names[m % names.length]
        fc.pre(name !== undefined)
        const attributes = Object.fromEntries(
          Object.entries(holder.attributes).filter(([key]) => key !== name),
        )
        const { span } = holder.received
        const changed =
          holder.event === undefined
            ? { ...span, attributes }
            : {
                ...span,
                events: span.events.map((e) => (e === holder.event ? { ...e, attributes } : e)),
              }
        const runs = imported(
          spans.map((s) => (s === holder.received ? { ...s, span: changed } : s)),
        )
        expect(runs).not.toHaveLength(0)
        for (const run of runs) {
          if (run.status === 'exact')
            expect(journalDigest(run.journal)).toBe(journalDigest(journal))
        }
      }),
      { numRuns: propertyCases(200) },
    )
  })
})

describe('a journal of 100,000 entries', () => {
  it('goes both ways, page by page', () => {
    const journal = journalOf(
      Array.from({ length: 50_000 }, (_, i) => [
        at(BigInt(i) * MS, started(i)),
        at(BigInt(i) * MS + 900_000n, completed(i, `orders_${i}.parquet`)),
      ]).flat(),
    )
    const before = process.memoryUsage().heapUsed
    let highest = 0
    let pages = 0
    const assembler = new JournalAssembler()
    for (const { trace } of journalToTrace(journal)) {
      for (const span of trace.spans) {
        assembler.add({ resource: trace.resource, scope: trace.scope, span })
      }
      pages++
      highest = Math.max(highest, process.memoryUsage().heapUsed)
    }
    const [run] = assembler.finish()
    highest = Math.max(highest, process.memoryUsage().heapUsed)
    expect(pages).toBeGreaterThan(10)
    if (run?.status !== 'exact') throw new Error(JSON.stringify(run?.reasons))
    expect(stringifyJournal(run.journal) === stringifyJournal(journal)).toBe(true)
    const megabytes = (bytes: number) => Math.round(bytes / 1e6)
    console.info(
      `100,000 entries in ${pages} pages: ${megabytes(before)} MB of heap with the journal, ` +
        `at most ${megabytes(highest)} MB both ways (with what was not yet collected)`,
    )
  }, 60_000)
})
