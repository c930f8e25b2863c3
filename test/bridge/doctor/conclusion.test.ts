import { describe, expect, it } from 'vitest'
import { concluded } from '../../../src/bridge/doctor/conclusion.js'
import { finding } from '../../../src/bridge/doctor/findings.js'
import { judgeRefusal, judgeWaiting } from '../../../src/bridge/doctor/judge-sending.js'

const BOTH = { to: 'http://a/v1/traces', in: 'tempo+http://b', isUnreachable: false, refused: [] }
const exact = finding('run', 'ok', 'Exact.')

describe('the conclusion', () => {
  it('is exact only where the synthetic run is and nothing else is bad', () => {
    expect(concluded([exact], BOTH).verdict).toBe('exact')
    expect(concluded([exact, finding('burst', 'bad', '')], BOTH).verdict).toBe('loses')
    expect(concluded([finding('page', 'ok', '')], BOTH).verdict).toBe('loses')
    expect(concluded([finding('run', 'unknown', '')], BOTH).verdict).toBe('loses')
  })

  it('names what is bad and what is limited', () => {
    const findings = [finding('page', 'bad', ''), finding('search', 'limited', ''), exact]
    expect(concluded(findings, BOTH).conclusion).toEqual([
      'Runs would be lost or changed: page.',
      'The synthetic run itself came back exact; others may not.',
      'Limited: search.',
    ])
  })

  it('says plainly that nothing is accepted', () => {
    const { conclusion } = concluded([finding('sending', 'bad', 'answered 401.')], BOTH)
    expect(conclusion).toEqual(['Runs would be lost: what is sent is not accepted.'])
  })

  it('says of one place alone what that does not prove', () => {
    expect(concluded([], { ...BOTH, in: undefined }).verdict).toBe('accepted')
    expect(concluded([], { ...BOTH, to: undefined })).toMatchObject({
      verdict: 'readable',
      in: BOTH.in,
    })
    expect(concluded([exact], { ...BOTH, isUnreachable: true }).verdict).toBe('unreachable')
  })

  it('does not say that everything was accepted where a probe was not', () => {
    const findings = [finding('long text', 'unknown', '')]
    const { verdict, conclusion } = concluded(findings, {
      ...BOTH,
      in: undefined,
      refused: ['long text'],
    })
    expect(verdict).toBe('refused')
    expect(conclusion[0]).toMatch(/^Not everything that was sent was accepted: long text\./)
  })

  it('names what was not accepted also where runs come back exact', () => {
    const { verdict, conclusion } = concluded([exact], { ...BOTH, refused: ['events'] })
    expect(verdict).toBe('exact')
    expect(conclusion).toEqual([
      'Runs come back exact from here.',
      'Not accepted, without harm to runs: events.',
    ])
  })
})

describe('what was not accepted', () => {
  const refused = (problem: string) => ({
    spans: 1,
    delivered: 0,
    isUnreachable: false,
    problems: [problem],
  })

  it('is bad where runs are like that, and unknown where none is', () => {
    expect(judgeRefusal('page', refused('answered 413'))?.mark).toBe('bad')
    expect(judgeRefusal('long text', refused('answered 413'))?.mark).toBe('unknown')
    expect(judgeRefusal('page', { ...refused(''), problems: [] })).toBeUndefined()
  })

  it('is mended by smaller requests, and by the setting for size or for rate', () => {
    const fixes = (problem: string) => judgeRefusal('page', refused(problem), 200_000)?.fixes ?? []
    expect(fixes('answered 413')[0]).toContain('--max-request-bytes 200000')
    expect(fixes('answered 413')[1]).toContain('max_request_body_size')
    expect(fixes('answered 429: "RATE_LIMITED"')[1]).toContain('burst_size_bytes')
  })

  it('counts how often it was asked to wait', () => {
    expect(judgeWaiting([])).toBeUndefined()
    expect(judgeWaiting(['answered 503; trying again in 2 s', 'x'])?.sentence).toContain('2 times')
  })
})
