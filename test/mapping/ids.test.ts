import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { spanIdsOf, traceIdOf } from '../../src/mapping/ids.js'
import { propertyCases } from '../journal/arbitrary-journal.js'
import { codeIn, publishedTable } from './published-mapping.js'

const vectors = publishedTable('namespace', 'run_id', 'page', 'revision', 'entry').map((row) => ({
  namespace: JSON.parse(codeIn(row.namespace)) as string,
  runId: JSON.parse(codeIn(row.run_id)) as string,
  page: Number(row.page),
  revision: Number(row.revision),
  entry: Number(row.entry),
  traceId: codeIn(row['trace id']),
  root: codeIn(row['root span']),
  spanOfEntry: codeIn(row['span of the entry']),
}))

describe('the ids', () => {
  it.each(vectors)('are the published ones: $namespace $runId $page $revision $entry', (vector) => {
    const { entry, traceId, root, spanOfEntry, ...key } = vector
    expect(traceIdOf(key)).toBe(traceId)
    expect(spanIdsOf(key).root).toBe(root)
    expect(spanIdsOf(key).ofEntry(entry)).toBe(spanOfEntry)
  })

  it('are published for pages, revisions, namespaces, odd texts and where they wrap', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(8)
    expect(vectors.map(({ spanOfEntry }) => spanOfEntry)).toContain('0000000000000001')
  })

  it('have their full length, also where they begin with zeros', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat({ max: 9 }), fc.nat(), (runId, page, entry) => {
        const key = { namespace: '', runId, page, revision: 0 }
        expect(traceIdOf(key)).toMatch(/^[0-9a-f]{32}$/)
        expect(spanIdsOf(key).root).toMatch(/^[0-9a-f]{16}$/)
        expect(spanIdsOf(key).ofEntry(entry)).toMatch(/^[0-9a-f]{16}$/)
      }),
      { numRuns: propertyCases(100) },
    )
  })

  it('of the spans of entries count on from the root, mod 2^64', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat({ max: 2 ** 31 }), (runId, entry) => {
        const ids = spanIdsOf({ namespace: '', runId, page: 0, revision: 0 })
        const id = BigInt.asUintN(64, BigInt(`0x${ids.root}`) + 1n + BigInt(entry))
        expect(ids.ofEntry(entry)).toBe(id.toString(16).padStart(16, '0'))
      }),
      { numRuns: propertyCases(300) },
    )
  })

  it('differ with everything that they depend on, and the trace does not with the revision', () => {
    const key = { namespace: 'eu', runId: 'orders_1', page: 1, revision: 1 }
    const others = [
      { ...key, namespace: 'us' },
      { ...key, runId: 'orders_2' },
      { ...key, page: 2 },
      { ...key, revision: 2 },
      { ...key, namespace: '', runId: 'euorders_1' },
    ]
    const roots = [key, ...others].map((k) => spanIdsOf(k).root)
    expect(new Set(roots).size).toBe(roots.length)
    const traces = [key, ...others].map((k) => traceIdOf(k))
    expect(traces[4]).toBe(traces[0])
    expect(new Set(traces).size).toBe(traces.length - 1)
  })
})
