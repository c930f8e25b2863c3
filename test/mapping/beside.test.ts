import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RunJournal } from '../../src/journal/run-journal.js'
import { pagesBeside, type Surroundings } from '../../src/mapping/beside.js'
import { interruptedIdsOf, spanIdsOf, traceIdOf } from '../../src/mapping/ids.js'
import { journalToTrace, type MappingOptions } from '../../src/mapping/journal-to-trace.js'
import type { RunMetrics, RunRecord } from '../../src/state/run-record.js'
import { SpanKind } from '../../src/trace/trace.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'
import { at, journalOf, runCompleted, shopJournal } from '../journal/example-journals.js'
import { exported, imported } from './both-ways.js'
import { METRICS, OTHER, onlySpan, RECORD, receivedOf, SMALL } from './known-beside.js'

const NOTHING: RunRecord = { runId: 'orders_1', exportName: 'orders', harm: [] }

const subjects = (known: Surroundings, options: MappingOptions = {}) =>
  pagesBeside(SMALL, known, options).map(({ subject }) => subject)

const sourceOf = (record: Partial<RunRecord>, journal = SMALL) => {
  const page = pagesBeside(journal, { record: { ...NOTHING, ...record } })[0]
  return page === undefined ? undefined : onlySpan(page)
}

const metricsOf = (metrics: RunMetrics) => sourceOf({ metrics })?.attributes

describe('the pages beside a run', () => {
  it('are those for which something is known', () => {
    expect(subjects({})).toEqual([])
    expect(subjects({ record: NOTHING })).toEqual([])
    expect(subjects({ record: RECORD })).toEqual(['source', 'resumed_run'])
    expect(subjects({ wrapper: OTHER })).toEqual(['wrapper'])
    expect(subjects({ record: RECORD, wrapper: OTHER })).toEqual([
      'source',
      'resumed_run',
      'wrapper',
    ])
  })

  it('of a joined run have a signpost, and no wrapper', () => {
    expect(subjects({ record: RECORD, wrapper: OTHER }, { joined: OTHER })).toEqual([
      'source',
      'resumed_run',
      'signpost',
    ])
  })

  it('of a journal without entries are none', () => {
    expect(pagesBeside(new RunJournal('r', 'e', []), { record: RECORD, wrapper: OTHER })).toEqual(
      [],
    )
  })

  it.each([{}, { joined: OTHER }, { namespace: 'eu', revision: 3 }])(
    'stand below the root of their run, over its time: %j',
    (options) => {
      const [root] = exported(SMALL, options)
      for (const page of pagesBeside(SMALL, { record: RECORD, wrapper: OTHER }, options)) {
        const span = onlySpan(page)
        expect(span.startTimeUnixNano).toBe(root?.span.startTimeUnixNano)
        expect(span.endTimeUnixNano).toBe(root?.span.endTimeUnixNano)
        if (page.subject === 'signpost') continue
        expect(span.traceId).toBe(root?.span.traceId)
        expect(span.parentSpanId).toBe(root?.span.spanId)
      }
    },
  )

  it('say which run they are about, and never that they are of its journal', () => {
    const options = { namespace: 'eu', revision: 3, joined: OTHER }
    const about = { 'rivet.run.id': 'orders_1', 'rivet.export.name': 'orders' }
    const pages = pagesBeside(SMALL, { record: RECORD, wrapper: OTHER }, options)
    expect(imported(receivedOf(pages))).toEqual([])
    for (const page of pages) {
      expect(onlySpan(page).attributes).toMatchObject({ ...about, 'rivet.run.namespace': 'eu' })
      expect(onlySpan(page).attributes).not.toHaveProperty('rivet.run.revision')
      expect(page).toMatchObject({ runId: 'orders_1', exportName: 'orders', namespace: 'eu' })
      expect(page).toMatchObject({ revision: 0, page: 0, pages: 1 })
    }
  })

  it('have the resource of the run', () => {
    const resource = { 'service.name': 'night' }
    const pages = pagesBeside(SMALL, { record: RECORD }, { resource })
    expect(pages.map(({ trace }) => trace.resource)).toEqual([resource, resource])
    expect(pagesBeside(SMALL, { record: RECORD })[0]?.trace.resource).toEqual({
      'service.name': 'rivet',
    })
  })

  it('have other ids and digests where they say something else, and the same where not', () => {
    const harm = [{ metric: 'pg_blks_hit', delta: 1 }]
    const pages = [
      pagesBeside(SMALL, { record: { ...NOTHING, harm } }),
      pagesBeside(SMALL, { record: { ...NOTHING, harm: [{ metric: 'pg_blks_hit', delta: 2 }] } }),
      pagesBeside(SMALL, { record: { ...NOTHING, harm } }, { revision: 1 }),
      pagesBeside(SMALL, { record: { ...NOTHING, harm } }, { namespace: 'eu' }),
      pagesBeside(SMALL, { record: { ...NOTHING, harm } }, { joined: OTHER }),
      pagesBeside(SMALL, { record: { ...NOTHING, resumed: { runId: 'a', hasJournal: true } } }),
      pagesBeside(SMALL, { record: { ...NOTHING, resumed: { runId: 'b', hasJournal: true } } }),
      pagesBeside(SMALL, { wrapper: OTHER }),
    ].map(([page]) => page)
    expect(new Set(pages.map((page) => onlySpan(page).spanId)).size).toBe(pages.length)
    expect(new Set(pages.map((page) => page?.digest)).size).toBe(pages.length)
    const again = pagesBeside(SMALL, { record: { ...NOTHING, harm: [...harm] } })
    expect(again[0]).toEqual(pages[0])
  })

  it('never cost a journal its exactness', () => {
    fc.assert(
      fc.property(arbitraryJournal({ maxLength: 10 }), fc.boolean(), (journal, isJoined) => {
        const options = isJoined ? { joined: OTHER } : {}
        const extra = receivedOf(pagesBeside(journal, { record: RECORD, wrapper: OTHER }, options))
        const [run, ...others] = imported([...extra, ...exported(journal, options)])
        expect(run?.status).toBe('exact')
        expect(others).toEqual([])
      }),
      { numRuns: propertyCases(50) },
    )
  })
})

describe('the span `source`', () => {
  it('says all that is known', () => {
    const span = sourceOf(RECORD)
    expect(span).toMatchObject({ name: 'source', kind: SpanKind.CLIENT, events: [], links: [] })
    expect(span?.status).toBeUndefined()
    expect(span?.attributes).toEqual({
      'rivet.run.id': 'orders_1',
      'rivet.export.name': 'orders',
      'db.system.name': 'postgresql',
      'db.namespace': 'shop',
      'server.address': 'db.example',
      'server.port': 5432,
      'rivet.source.type': 'postgres',
      'rivet.destination.prefix': 'file:///srv/out/orders',
      'rivet.version': '0.32.2',
      'rivet.run.mode': 'chunked',
      'rivet.run.chunk_size': 25_000,
      'rivet.run.parallel': 4,
      'rivet.run.error_class': 'relation_not_found',
      'rivet.run.peak_rss_mb': 71,
      'rivet.source.bytes_read': 2n ** 60n,
      'rivet.source.temp_bytes': 0,
      'rivet.run.rows': 17,
      'rivet.run.files': 2,
      'rivet.run.bytes': 4096,
      'rivet.source.harm.pg_blks_hit': 63_939,
      'rivet.source.harm.pg_tup_returned': 409_524,
    })
  })

  it('of metrics that are not final says only what cannot change', () => {
    expect(metricsOf({ ...METRICS, status: 'running' })).toEqual({
      'rivet.run.id': 'orders_1',
      'rivet.export.name': 'orders',
      'db.system.name': 'postgresql',
      'rivet.source.type': 'postgres',
      'rivet.version': '0.32.2',
      'rivet.run.mode': 'chunked',
      'rivet.run.chunk_size': 25_000,
      'rivet.run.parallel': 4,
    })
    expect(metricsOf({ status: 'running', rows: 7 })).toBeUndefined()
  })

  it('leaves to the journal the totals that it says', () => {
    const full = sourceOf({ metrics: METRICS }, shopJournal('events_full'))?.attributes ?? {}
    for (const total of ['rows', 'files', 'bytes'])
      expect(full).not.toHaveProperty(`rivet.run.${total}`)
    const chunked = sourceOf({ metrics: METRICS }, shopJournal('orders'))?.attributes ?? {}
    expect(chunked['rivet.run.bytes']).toBe(4096)
    expect(chunked).not.toHaveProperty('rivet.run.rows')
  })

  it.each([
    ['postgres', 'postgresql'],
    ['mysql', 'mysql'],
    ['mssql', 'microsoft.sql_server'],
    ['oracle', undefined],
    ['mongo', undefined],
    ['duckdb', undefined],
  ])('of %s has only a stable name of the system: %s', (sourceType, system) => {
    expect(metricsOf({ sourceType })?.['rivet.source.type']).toBe(sourceType)
    expect(metricsOf({ sourceType })?.['db.system.name']).toBe(system)
    const bySource = sourceOf({ status: { status: 'success', source: `${sourceType}://h:1/d` } })
    expect(bySource?.attributes['db.system.name']).toBe(system)
  })

  it('says nothing of a source that cannot be read, nor of a prefix that is empty', () => {
    expect(sourceOf({ status: { status: 'success', source: 'shop', prefix: '' } })).toBeUndefined()
  })

  it('names harm counters in one order, and counts what are none or too many', () => {
    const harm = [
      { metric: 'a '.repeat(3000), delta: 1 },
      { metric: '', delta: 1 },
      ...Array.from({ length: 70 }, (_, i) => ({ metric: `pg_${i + 10}`, delta: 2n ** 64n })),
    ]
    const attributes = sourceOf({ harm })?.attributes ?? {}
    const names = Object.keys(attributes).filter((name) => name.startsWith('rivet.source.harm.'))
    expect(names).toEqual(Array.from({ length: 64 }, (_, i) => `rivet.source.harm.pg_${i + 10}`))
    expect(attributes['rivet.source.harm.pg_10']).toBe('18446744073709551616')
    expect(attributes['rivet.trace.left_out']).toBe(8)
    expect(sourceOf({ harm: [...harm].reverse() })?.spanId).toBe(sourceOf({ harm })?.spanId)
  })
})

describe('the span `resumed run`', () => {
  const spanFor = (hasJournal: boolean, namespace = '') => {
    const record = { ...NOTHING, resumed: { runId: 'orders_0', hasJournal } }
    return onlySpan(pagesBeside(SMALL, { record }, { namespace })[0])
  }

  it('links to the root of the run, where that left a journal', () => {
    const key = { namespace: 'eu', runId: 'orders_0', page: 0, revision: 0 }
    const { name, kind, attributes, links } = spanFor(true, 'eu')
    expect([name, kind]).toEqual(['resumed run', SpanKind.INTERNAL])
    expect(attributes['rivet.resumed.run_id']).toBe('orders_0')
    expect(attributes['rivet.resumed.has_journal']).toBe(true)
    expect(links).toEqual([
      {
        traceId: traceIdOf(key),
        spanId: spanIdsOf(key).root,
        attributes: { 'rivet.run.id': 'orders_0' },
      },
    ])
    const [root] = journalToTrace(
      journalOf([at(0, runCompleted('failed'))], { runId: 'orders_0' }),
      {
        namespace: 'eu',
      },
    )
    expect(links[0]?.spanId).toBe(root?.trace.spans[0]?.spanId)
  })

  it('links to the trace of a run that was killed, where that left none', () => {
    const { traceId, root } = interruptedIdsOf({ namespace: '', runId: 'orders_0' })
    const { attributes, links } = spanFor(false)
    expect(attributes['rivet.resumed.has_journal']).toBe(false)
    expect(links).toMatchObject([{ traceId, spanId: root }])
  })
})

describe('the span `wrapper`', () => {
  it('links to the span of the wrapper', () => {
    const { name, kind, links } = onlySpan(pagesBeside(SMALL, { wrapper: OTHER })[0])
    expect([name, kind]).toEqual(['wrapper', SpanKind.INTERNAL])
    expect(links).toEqual([{ ...OTHER, attributes: {} }])
  })
})
