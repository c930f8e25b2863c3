import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  burstProbes,
  eventsProbe,
  pageProbe,
  textProbe,
  valuesProbe,
} from '../../../src/bridge/doctor/probes.js'
import { oldRun, syntheticRun } from '../../../src/bridge/doctor/synthetic-run.js'
import { portionsOf, treatment } from '../../../src/bridge/doctor/treatment.js'
import { MAX_PAGE_BYTES, sizeOfSpan } from '../../../src/mapping/size.js'
import { expectExact, exported, imported } from '../../mapping/both-ways.js'

const seed = {
  nowUnixNano: BigInt(Date.now()) * 1_000_000n,
  randomHex: (bytes: number) => randomBytes(bytes).toString('hex'),
}

describe('probe traces', () => {
  const probes = [textProbe, valuesProbe, eventsProbe, pageProbe].map((build) => build(seed))

  it('are recognisable, and no run', () => {
    for (const { trace } of [...probes, ...burstProbes(seed, 3)]) {
      expect(trace.resource['service.name']).toBe('rivet-otel-doctor')
      for (const { name } of trace.spans) expect(name).toMatch(/^probe: /)
      const spans = trace.spans.map((span) => ({ ...trace, span }))
      expect(imported(spans)).toEqual([])
    }
  })

  it('have one root each, and ids of their own', () => {
    const spans = [...probes, ...burstProbes(seed, 50)].flatMap(({ trace }) => trace.spans)
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length)
    for (const { trace, traceId } of probes) {
      expect(trace.spans.filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(1)
      expect(new Set(trace.spans.map((span) => span.traceId))).toEqual(new Set([traceId]))
    }
  })

  it('have one as large as a page may be, and not larger', () => {
    const bytes = pageProbe(seed).trace.spans.reduce((sum, span) => sum + sizeOfSpan(span), 0)
    expect(bytes).toBeGreaterThan(MAX_PAGE_BYTES - 20_000)
    expect(bytes).toBeLessThanOrEqual(MAX_PAGE_BYTES)
  })
})

describe('synthetic runs', () => {
  it('have several pages, and come back from their own spans', () => {
    const { journal, pages } = syntheticRun(seed)
    expect(pages.length).toBeGreaterThanOrEqual(3)
    expectExact(imported(exported(journal, { namespace: 'rivet-otel-doctor' }))[0], journal)
  })

  it('ended long ago where that is asked', () => {
    const [page] = oldRun(seed).pages
    const ended = page?.trace.spans[0]?.endTimeUnixNano ?? 0n
    expect((seed.nowUnixNano - ended) / 86_400_000_000_000n).toBe(19n)
  })

  it('are told before they are sent', () => {
    const portions = portionsOf(treatment(seed, 0))
    expect(portions.map(({ traces }) => traces)).toEqual([1, 1, 1, 1, 3, 1])
    expect(portions.every(({ bytes }) => bytes > 0)).toBe(true)
  })
})
