import { describe, expect, it } from 'vitest'
import { Backoff } from '../../../src/bridge/watch/backoff.js'
import { policyFingerprint } from '../../../src/bridge/watch/policy-fingerprint.js'
import { MOST_TO_RETRY, oldestOf, RunsToRetry } from '../../../src/bridge/watch/runs-to-retry.js'
import type { RedactionPolicy } from '../../../src/journal/redaction.js'
import type { ArrivedRun } from '../../../src/sources/run-feed.js'

function run(runId: string, endedUnixNano?: bigint): ArrivedRun {
  return { kind: 'run', runId, exportName: 'orders', endedUnixNano, stamp: 's' }
}

describe('a backoff', () => {
  it('waits 5, 10, 20, 40 and then always 60 s, and begins anew', () => {
    const backoff = new Backoff()
    const waits = [1, 2, 3, 4, 5, 6, 7].map(() => {
      backoff.failed(1000)
      return backoff.inMs(1000)
    })
    expect(waits).toEqual([5, 10, 20, 40, 60, 60, 60].map((seconds) => seconds * 1000))
    expect(backoff.inMs(61_001)).toBe(0)
    backoff.reset()
    expect([backoff.inMs(0), backoff.nextMs]).toEqual([0, 5000])
  })
})

describe('runs to try again', () => {
  it('are due in their time: refused ones alone, those that others send together', () => {
    const retries = new RunsToRetry()
    expect(retries.inMs(0)).toBe(Number.POSITIVE_INFINITY)
    retries.refused(run('a'), 0)
    retries.elsewhere(run('b'), 0)
    retries.elsewhere(run('c'), 1000)
    expect(retries.inMs(0)).toBe(30_000)
    expect(retries.due(29_999, 10)).toEqual({ alone: [], together: [] })
    expect(retries.due(30_000, 10)).toEqual({ alone: [], together: [run('b')] })
    expect(retries.due(60_000, 1)).toEqual({ alone: [run('a')], together: [run('b')] })
    retries.drop('a')
    expect(retries.due(60_000, 10)).toEqual({ alone: [], together: [run('b'), run('c')] })
  })

  it('are put off for longer each time, which is no attempt', () => {
    const retries = new RunsToRetry()
    const waits = [1, 2, 3, 4, 5].map(() => {
      retries.putOff(run('a'), 0)
      return retries.inMs(0) / 60_000
    })
    expect(waits).toEqual([1, 2, 4, 8, 8])
    expect(retries.refusedOnes).toBe(0)
    expect(retries.refused(run('a'), 0)).toBe(60_000)
    expect(retries.refusedOnes).toBe(1)
  })

  it('are full at a bound, and know the oldest', () => {
    const retries = new RunsToRetry()
    for (let i = 0; i < MOST_TO_RETRY; i++) {
      expect(retries.isFull).toBe(false)
      retries.elsewhere(run(`orders_${i}`, BigInt(1000 - (i % 7))), 0)
    }
    expect([retries.isFull, oldestOf(retries.runs)]).toEqual([true, 994n])
    expect(oldestOf([run('a')])).toBeUndefined()
  })
})

describe('the fingerprint of a policy', () => {
  const key = 'a key of sixteen letters'
  const policies: readonly RedactionPolicy[] = [
    {},
    { fields: ['files'] },
    { fields: ['files', 'query'] },
    { patterns: [/a/u] },
    { patterns: [/a/iu] },
    { fields: ['files'], key },
    { fields: ['files'], key: `${key}!` },
  ]

  it('is another one for another policy, and the same for one that says the same', () => {
    const prints = policies.map(policyFingerprint)
    expect(new Set(prints).size).toBe(policies.length)
    expect(policyFingerprint({ fields: ['query', 'files', 'query'] })).toBe(prints[2])
    expect(policyFingerprint({ fields: [], patterns: [] })).toBe(prints[0])
    for (const print of prints) expect(print).toMatch(/^[0-9a-f]{16}$/)
  })
})
