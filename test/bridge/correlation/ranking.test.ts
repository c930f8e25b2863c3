import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addressesOf,
  byRank,
  overlapOf,
  type RankedSpan,
  type Reason,
  reasonsOf,
} from '../../../src/bridge/correlation/ranking.js'
import { groupsOf } from '../../../src/bridge/correlation/span-groups.js'
import { serverFacts } from '../../../src/mapping/server-attributes.js'
import { sourceAddress } from '../../../src/state/source-address.js'
import type { Attributes } from '../../../src/trace/trace.js'
import { propertyCases } from '../../journal/arbitrary-journal.js'

const REASONS: Reason[] = ['surrounding trace', 'same database', 'same server', 'same system']

const spans = fc.uniqueArray(
  fc
    .record({
      traceId: fc.constantFrom('a', 'b'),
      spanId: fc.nat(50).map(String),
      service: fc.constantFrom('api', 'web'),
      operation: fc.constantFrom('GET', 'SELECT'),
      startUnixNano: fc.bigInt(0n, 5n),
      length: fc.bigInt(0n, 3n),
      overlapNanos: fc.bigInt(1n, 3n),
      isError: fc.boolean(),
      reasons: fc.subarray(REASONS),
    })
    .map(
      ({ length, ...span }): RankedSpan => ({
        ...span,
        endUnixNano: span.startUnixNano + length,
        server: { addresses: [] },
      }),
    ),
  { selector: ({ traceId, spanId }) => traceId + spanId, maxLength: 30 },
)

describe('the order of spans', () => {
  it('is the same however they came in, and no two spans are equal in it', () => {
    fc.assert(
      fc.property(
        spans,
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (all, rolls) => {
          const mixed = all
            .map((span) => ({ span, at: rolls.next().value }))
            .sort((a, b) => a.at - b.at)
            .map(({ span }) => span)
          expect(mixed.toSorted(byRank)).toEqual(all.toSorted(byRank))
          expect(groupsOf(mixed)).toEqual(groupsOf(all))
          for (const a of all)
            for (const b of all) {
              expect(Math.sign(byRank(a, b))).toBe(-Math.sign(byRank(b, a)) + 0)
              if (a !== b) expect(byRank(a, b)).not.toBe(0)
            }
        },
      ),
      { numRuns: propertyCases(100) },
    )
  })

  it('loses no span in a group', () => {
    fc.assert(
      fc.property(spans, (all) => {
        const groups = groupsOf(all)
        expect(groups.reduce((sum, group) => sum + group.spans, 0)).toBe(all.length)
        expect(groups.reduce((sum, { overlapNanos }) => sum + overlapNanos, 0n)).toBe(
          all.reduce((sum, { overlapNanos }) => sum + overlapNanos, 0n),
        )
      }),
      { numRuns: propertyCases(100) },
    )
  })

  const span = (members: Partial<RankedSpan>): RankedSpan => ({
    traceId: 'a',
    spanId: '1',
    service: 'api',
    operation: 'GET',
    startUnixNano: 10n,
    endUnixNano: 20n,
    overlapNanos: 10n,
    isError: false,
    reasons: [],
    server: { addresses: [] },
    ...members,
  })

  it.each<[string, Partial<RankedSpan>, Partial<RankedSpan>]>([
    [
      'the surrounding trace before the database',
      { reasons: ['surrounding trace'] },
      { reasons: ['same database'] },
    ],
    [
      'the database before the server',
      { reasons: ['same database'], overlapNanos: 1n },
      { reasons: ['same server'] },
    ],
    ['the server before the system', { reasons: ['same server'] }, { reasons: ['same system'] }],
    ['the system before nothing', { reasons: ['same system'], overlapNanos: 1n }, {}],
    [
      'what takes more of the window',
      { overlapNanos: 10n },
      { overlapNanos: 9n, endUnixNano: 99n },
    ],
    ['then the longer one', { endUnixNano: 21n }, {}],
    ['then the earlier one', { startUnixNano: 9n, endUnixNano: 19n }, {}],
    ['then the smaller id', {}, { spanId: '2' }],
  ])('has %s first', (_, first, second) => {
    expect([span(second), span(first)].sort(byRank)).toEqual([span(first), span(second)])
  })
})

describe('what a span has in common with a run', () => {
  it.each<[string, Attributes, Reason[]]>([
    [
      'today’s names',
      { 'server.address': 'db1', 'server.port': 5432, 'db.namespace': 'shop' },
      ['same database'],
    ],
    [
      'old names',
      { 'net.peer.name': 'DB1.', 'net.peer.port': '5432', 'db.name': 'Shop' },
      ['same database'],
    ],
    ['a schema', { 'server.address': 'db1', 'db.namespace': 'shop|public' }, ['same database']],
    ['another database', { 'server.address': 'db1', 'db.namespace': 'shop2' }, ['same server']],
    ['no database', { 'peer.service': 'db1' }, ['same server']],
    [
      'another port',
      { 'server.address': 'db1', 'server.port': 5433, 'db.system': 'postgresql' },
      ['same system'],
    ],
    ['another server', { 'server.address': 'db2', 'db.namespace': 'shop' }, []],
    [
      'the same product',
      { 'db.system.name': 'postgresql', 'server.address': 'db2' },
      ['same system'],
    ],
    ['rivet’s own name of it', { 'db.system': 'POSTGRES' }, ['same system']],
    ['nothing', {}, []],
    [
      'values that are no texts',
      { 'server.address': ['db1'], 'server.port': true, 'db.name': null },
      [],
    ],
  ])('by %s', (_, attributes, reasons) => {
    const source = sourceAddress('postgres://db1:5432/shop')
    if (source === undefined) throw new Error('no source')
    const context = { source, surrounding: new Set(['t']) }
    const server = serverFacts(attributes)
    expect(reasonsOf({ traceId: 'x', server }, context)).toEqual(reasons)
    expect(reasonsOf({ traceId: 't', server }, context)).toEqual(['surrounding trace', ...reasons])
  })

  it('is nothing but the trace where the source is not known', () => {
    const server = serverFacts({ 'server.address': 'db1' })
    expect(reasonsOf({ traceId: 'x', server }, { surrounding: new Set() })).toEqual([])
    const keywords = { source: { engine: 'postgres' }, surrounding: new Set<string>() }
    expect(reasonsOf({ traceId: 'x', server }, keywords)).toEqual([])
    expect(addressesOf({ engine: 'postgres' })).toEqual([])
  })

  it('takes the names of a machine’s own loopback for one', () => {
    const source = { engine: 'mysql', host: '127.0.0.1' }
    const server = serverFacts({ 'server.address': '[::1]' })
    expect(reasonsOf({ traceId: 'x', server }, { source, surrounding: new Set() })).toEqual([
      'same server',
    ])
    expect(addressesOf(source)).toEqual(['127.0.0.1', 'localhost', '::1'])
    expect(addressesOf({ engine: 'mysql', host: 'db1' })).toEqual(['db1'])
  })
})

describe('how much of a window a span takes', () => {
  it.each([
    ['before', 0n, 10n, undefined],
    ['into it', 5n, 15n, 5n],
    ['inside', 12n, 14n, 2n],
    ['all over it', 0n, 99n, 10n],
    ['out of it', 18n, 25n, 2n],
    ['after', 20n, 25n, undefined],
    ['a moment inside', 12n, 12n, 1n],
    ['a moment at its start', 10n, 10n, 1n],
    ['a moment at its end', 20n, 20n, undefined],
    ['an end before its start', 15n, 12n, undefined],
  ])('%s', (_, startUnixNano, endUnixNano, overlap) => {
    const window = { startUnixNano: 10n, endUnixNano: 20n }
    expect(overlapOf({ startUnixNano, endUnixNano }, window)).toBe(overlap)
  })
})
