import { describe, expect, it } from 'vitest'
import { judgeDiscarded, judgeJaeger, judgeTempo } from '../../../src/bridge/doctor/judge-facts.js'

describe('what a Tempo says about itself', () => {
  const limitsOf = (limits: NonNullable<Parameters<typeof judgeTempo>[0]['limits']>) =>
    judgeTempo({ isTempo: true, limits })[1]

  it('is unknown where it does not show its configuration', () => {
    const [program, limits] = judgeTempo({ isTempo: false })
    expect([program?.mark, limits?.mark]).toEqual(['unknown', 'unknown'])
  })

  it('is well with the limits that it comes with', () => {
    const finding = limitsOf({ maxAttributeBytes: 2048, maxBytesPerTrace: 5_000_000 })
    expect(finding).toMatchObject({ mark: 'ok', fixes: [] })
    expect(finding?.sentence).toContain('texts 2048 bytes, a trace 5000000 bytes')
  })

  it('is limited where a page does not fit, or not twice', () => {
    expect(limitsOf({ maxBytesPerTrace: 1_999_999 })?.sentence).toContain('has up to 2000000')
    expect(limitsOf({ maxBytesPerTrace: 2_000_000 })?.sentence).toContain('sent twice')
    expect(limitsOf({ maxBytesPerTrace: 4_000_000 })?.mark).toBe('ok')
    expect(limitsOf({ maxBytesPerTrace: 0 })?.sentence).toContain('a trace without limit')
  })

  it('is limited where texts are cut that runs have', () => {
    const finding = limitsOf({ maxAttributeBytes: 2047 })
    expect(finding?.mark).toBe('limited')
    expect(finding?.fixes[0]).toContain('distributor.max_attribute_bytes')
  })
})

describe('what a Tempo discarded', () => {
  it('is what its counters have more than before', () => {
    const before = new Map([
      ['trace_too_large', 10],
      ['rate_limited', 3],
    ])
    expect(judgeDiscarded(before, new Map(before)).mark).toBe('ok')
    const { mark, sentence } = judgeDiscarded(before, new Map([['trace_too_large', 132]]))
    expect(mark).toBe('limited')
    expect(sentence).toContain('122 trace_too_large')
    expect(sentence).not.toContain('429')
    expect(judgeDiscarded(new Map(), before).sentence).toContain('429')
  })
})

describe('what a Jaeger says about itself', () => {
  it('is well with its newer API, and never says its limits', () => {
    const [program, limits] = judgeJaeger({ hasV3: true, hasV1: true, version: 'v2.11.0' })
    expect(program).toMatchObject({ mark: 'ok' })
    expect(program?.sentence).toContain('version v2.11.0')
    expect(limits?.mark).toBe('unknown')
    expect(limits?.sentence).toContain('max_span_age')
  })

  it('is limited with its older API alone, and unknown with none', () => {
    expect(judgeJaeger({ hasV3: false, hasV1: true })[0]?.sentence).toContain('microseconds')
    expect(judgeJaeger({ hasV3: true, hasV1: false })[0]?.mark).toBe('limited')
    expect(judgeJaeger({ hasV3: false, hasV1: false })[0]?.mark).toBe('unknown')
  })
})
