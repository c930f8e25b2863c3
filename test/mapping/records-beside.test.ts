import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pagesBeside } from '../../src/mapping/beside.js'
import type { MappingOptions } from '../../src/mapping/journal-to-trace.js'
import { RecordsBeside, type RevisionName } from '../../src/mapping/records-beside.js'
import type { RunRecord } from '../../src/state/run-record.js'
import type { ReceivedSpan } from '../../src/trace/trace.js'
import { propertyCases } from '../journal/arbitrary-journal.js'
import { arbitraryRecord } from './arbitrary-record.js'
import { METRICS, OTHER, RECORD, receivedOf, SMALL } from './known-beside.js'

const NAME: RevisionName = { namespace: '', runId: 'orders_1', revision: 0 }
const NOTHING: RunRecord = { runId: 'orders_1', exportName: 'orders', harm: [] }

function sent(record: RunRecord, options: MappingOptions = {}): ReceivedSpan[] {
  return receivedOf(pagesBeside(SMALL, { record }, options))
}

function read(spans: readonly ReceivedSpan[], name = NAME, wanted = name.runId) {
  const records = new RecordsBeside(new Set([wanted]))
  for (const span of spans) records.add(span)
  return records.of(name)
}

describe('what stands beside a journal', () => {
  it('comes back with everything that its spans say', () => {
    const { status: _, ...metrics } = METRICS
    expect(read(sent(RECORD))).toEqual({
      ...RECORD,
      status: { source: 'postgres://db.example:5432/shop', prefix: 'file:///srv/out/orders' },
      metrics,
      harm: RECORD.harm.toSorted((a, b) => (a.metric < b.metric ? -1 : 1)),
    })
  })

  it('says nothing where nothing was sent', () => {
    expect(read([])).toBeUndefined()
    expect(read(sent(NOTHING))).toBeUndefined()
    expect(read(sent({ ...NOTHING, resumed: { runId: 'a', hasJournal: false } }))).toEqual({
      ...NOTHING,
      resumed: { runId: 'a', hasJournal: false },
    })
  })

  it('comes back the same once more when it is sent again', () => {
    fc.assert(
      fc.property(arbitraryRecord, (record) => {
        const once = read(sent(record)) ?? NOTHING
        expect(read(sent(once)) ?? NOTHING).toEqual(once)
      }),
      { numRuns: propertyCases(200) },
    )
  })

  it('is of the run that is asked for, of its namespace and its revision, joined or not', () => {
    const other = { ...RECORD, metrics: { ...METRICS, rivetVersion: '0.33.0' } }
    const spans = [
      ...sent(RECORD, { revision: 1, joined: OTHER }),
      ...sent(other, { namespace: 'eu' }),
      ...sent(other),
    ]
    const version = (name: RevisionName) => read(spans, name)?.metrics?.rivetVersion
    expect(version(NAME)).toBe('0.33.0')
    expect(version({ ...NAME, revision: 1 })).toBe('0.32.2')
    expect(version({ ...NAME, namespace: 'eu' })).toBe('0.33.0')
    expect(read(spans, { ...NAME, revision: 2 })).toBeUndefined()
    expect(read(spans, NAME, 'orders_2')).toBeUndefined()
  })

  it('is what was known last, in whatever order the spans come', () => {
    const before = sent({ ...RECORD, metrics: { status: 'running', rivetVersion: '0.32.2' } })
    const after = sent(RECORD)
    const known = read(after)
    expect(read([...before, ...after])).toEqual(known)
    expect(read([...after, ...before])).toEqual(known)
    const alike = sent({ ...RECORD, metrics: { ...METRICS, peakRssMb: 72 } })
    expect(read([...alike, ...after])).toEqual(read([...after, ...alike]))
  })

  it('is not taken from a span that only looks like it', () => {
    const spans = sent(RECORD).map((received) => ({
      ...received,
      span: { ...received.span, parentSpanId: OTHER.spanId },
    }))
    expect(read(spans)).toBeUndefined()
    const named = sent(RECORD).map((received) => ({
      ...received,
      span: { ...received.span, name: 'toString' },
    }))
    expect(read(named)).toBeUndefined()
  })

  it('is read as far as it can be where a backend spoilt some of it', () => {
    const spoilt = sent(RECORD).map((received) => ({
      ...received,
      span: {
        ...received.span,
        attributes: { ...received.span.attributes, 'server.port': 'x', 'rivet.version': 7 },
      },
    }))
    const { status, metrics } = read(spoilt) ?? {}
    expect(status?.source).toBe('postgres://db.example/shop')
    expect(metrics).not.toHaveProperty('rivetVersion')
    expect(metrics?.peakRssMb).toBe(71)
  })
})
