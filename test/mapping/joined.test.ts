/** Runs that are joined to another trace, and the signposts that stand in their own. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { pagesBeside } from '../../src/mapping/beside.js'
import { traceIdOf } from '../../src/mapping/ids.js'
import { journalToTrace, type MappingOptions } from '../../src/mapping/journal-to-trace.js'
import { readSignpost } from '../../src/mapping/signpost.js'
import type { ReceivedSpan, SpanContext } from '../../src/trace/trace.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'
import { at, journalOf, warning } from '../journal/example-journals.js'
import { expectExact, exported, imported, withSpans } from './both-ways.js'
import { OTHER, RECORD, receivedOf, SMALL } from './known-beside.js'

const hex = (digits: number) =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${digits - 1}}[1-9a-f]$`)) as fc.Arbitrary<string>
const arbitraryContext: fc.Arbitrary<SpanContext> = fc.record({ traceId: hex(32), spanId: hex(16) })

/** Everything that is sent of a joined run. */
function sent(journal: RunJournal, options: MappingOptions): ReceivedSpan[] {
  const known = { record: RECORD, wrapper: OTHER }
  return [...exported(journal, options), ...receivedOf(pagesBeside(journal, known, options))]
}

/** A journal of three pages. */
const large = journalOf(Array.from({ length: 20 }, (_, i) => at(i, warning('x'.repeat(250_000)))))

const signpostOf = (journal: RunJournal, options: MappingOptions): ReceivedSpan => {
  const [received] = receivedOf(pagesBeside(journal, {}, options))
  if (received === undefined) throw new Error('no signpost')
  return received
}

describe('a joined run', () => {
  it('has the spans of one that is not, but for the trace of page 0 and the parent of its root', () => {
    fc.assert(
      fc.property(arbitraryJournal({ maxLength: 20 }), arbitraryContext, (journal, joined) => {
        const alone = exported(journal)
        const own = alone[0]?.span.traceId
        const there = withSpans(alone, ({ traceId, parentSpanId }) => ({
          traceId: traceId === own ? joined.traceId : traceId,
          parentSpanId: parentSpanId ?? joined.spanId,
        }))
        expect(exported(journal, { joined })).toEqual(there)
      }),
      { numRuns: propertyCases(100) },
    )
  })

  it('keeps its later pages in traces of their own, with links to the root in the other trace', () => {
    const [first, ...later] = [...journalToTrace(large, { joined: OTHER })]
    const alone = [...journalToTrace(large)]
    expect(later.length).toBeGreaterThan(1)
    expect(later.length).toBe(alone.length - 1)
    for (const span of first?.trace.spans ?? []) expect(span.traceId).toBe(OTHER.traceId)
    later.forEach(({ trace: { spans } }, i) => {
      const [root, ...children] = spans
      const [rootAlone, ...childrenAlone] = alone[i + 1]?.trace.spans ?? []
      expect(root?.parentSpanId).toBeUndefined()
      expect(root?.traceId).toBe(rootAlone?.traceId)
      expect(children).toEqual(childrenAlone)
      expect(root?.links).toEqual([
        {
          traceId: OTHER.traceId,
          spanId: first?.trace.spans[0]?.spanId,
          attributes: { 'rivet.trace.page': 0 },
        },
      ])
    })
    expectExact(imported(exported(large, { joined: OTHER }))[0], large)
  })

  it('comes back exact, in any order, among extra and foreign spans, and sent both ways', () => {
    fc.assert(
      fc.property(
        arbitraryJournal({ maxLength: 20 }),
        arbitraryContext,
        fc.boolean(),
        fc.constantFrom('', 'eu'),
        fc.infiniteStream(fc.nat()),
        (journal, joined, isAlsoAlone, namespace, order) => {
          const spans = [
            ...sent(journal, { namespace, joined }),
            ...(isAlsoAlone ? sent(journal, { namespace }) : []),
          ]
          const foreign = withSpans(spans.slice(0, 1), () => ({
            traceId: joined.traceId,
            spanId: joined.spanId,
            attributes: { 'http.route': '/' },
          }))
          const shuffled = [...spans, ...foreign]
            .map((span) => ({ span, key: order.next().value }))
            .sort((a, b) => a.key - b.key)
            .map(({ span }) => span)
          const [run, ...others] = imported(shuffled)
          expect(others).toEqual([])
          expectExact(run, journal)
          expect(run?.traceIds).toContain(joined.traceId)
        },
      ),
      { numRuns: propertyCases(150) },
    )
  })

  it('with a span missing is never exact', () => {
    fc.assert(
      fc.property(arbitraryJournal({ maxLength: 20 }), fc.nat(), (journal, n) => {
        const spans = exported(journal, { joined: OTHER })
        spans.splice(n % spans.length, 1)
        for (const run of imported(spans)) expect(run.status).toBe('incomplete')
      }),
      { numRuns: propertyCases(50) },
    )
  })

  it('of a later revision links to the one before where that is found by the run_id', () => {
    const [root] = exported(SMALL, { joined: OTHER, revision: 1 })
    const own = traceIdOf({ namespace: '', runId: 'orders_1', page: 0 })
    expect(root?.span.links.map(({ traceId }) => traceId)).toEqual([own])
  })
})

describe('a signpost', () => {
  it('stands alone at the computed trace id, with a link to the root in the other trace', () => {
    const { span } = signpostOf(SMALL, { namespace: 'eu', revision: 2, joined: OTHER })
    const [root] = exported(SMALL, { namespace: 'eu', revision: 2, joined: OTHER })
    expect(span.name).toBe('signpost')
    expect(span.traceId).toBe(traceIdOf({ namespace: 'eu', runId: 'orders_1', page: 0 }))
    expect(span.parentSpanId).toBeUndefined()
    expect(span.attributes['rivet.trace.joined']).toBe(OTHER.traceId)
    const { traceId, spanId } = root?.span ?? {}
    expect(span.links).toEqual([{ traceId, spanId, attributes: {} }])
  })

  it('is read back, whatever the run', () => {
    fc.assert(
      fc.property(
        arbitraryJournal({ maxLength: 3 }),
        fc.string({ unit: 'binary' }),
        arbitraryContext,
        (journal, namespace, joined) => {
          expect(readSignpost(signpostOf(journal, { namespace, joined }))).toEqual({
            namespace,
            runId: journal.run_id,
            exportName: journal.export_name,
            traceId: joined.traceId,
          })
        },
      ),
      { numRuns: propertyCases(100) },
    )
  })

  it('is not set up where the run joins the trace that is its own', () => {
    const traceId = traceIdOf({ namespace: '', runId: 'orders_1', page: 0 })
    expect(pagesBeside(SMALL, {}, { joined: { traceId, spanId: OTHER.spanId } })).toEqual([])
  })

  it.each<[string, (received: ReceivedSpan) => ReceivedSpan['span']]>([
    ['has another name', ({ span }) => ({ ...span, name: 'source' })],
    ['stands in another trace', ({ span }) => ({ ...span, traceId: OTHER.traceId })],
    ['leads to no hexadecimal id', (r) => withJoined(r, 'z'.repeat(32))],
    ['leads to capital letters', (r) => withJoined(r, OTHER.traceId.toUpperCase())],
    ['leads to a short id', (r) => withJoined(r, OTHER.traceId.slice(2))],
    ['leads to nothing but zeros', (r) => withJoined(r, '0'.repeat(32))],
    ['leads to itself', (r) => withJoined(r, r.span.traceId)],
    ['leads to a number', (r) => withJoined(r, 7)],
    [
      'leads nowhere',
      ({ span: { attributes, ...span } }) => {
        const { 'rivet.trace.joined': _, ...others } = attributes
        return { ...span, attributes: others }
      },
    ],
    [
      'is of another run',
      ({ span }) => ({
        ...span,
        attributes: { ...span.attributes, 'rivet.run.id': 'orders_2' },
      }),
    ],
    [
      'has a run_id that cannot be read',
      ({ span }) => ({
        ...span,
        attributes: { ...span.attributes, 'rivet.run.id': 7 },
      }),
    ],
  ])('that %s is none', (_, change) => {
    const received = signpostOf(SMALL, { joined: OTHER })
    expect(readSignpost(received)).toBeDefined()
    expect(readSignpost({ ...received, span: change(received) })).toBeUndefined()
  })
})

function withJoined({ span }: ReceivedSpan, joined: string | number): ReceivedSpan['span'] {
  return { ...span, attributes: { ...span.attributes, 'rivet.trace.joined': joined } }
}
