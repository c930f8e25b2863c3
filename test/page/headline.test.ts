import { describe, expect, it } from 'vitest'
import { firstLine, headline } from '../../src/page/headline.js'
import { anAttempt, aView } from './a-view.js'

describe('the headline of a run', () => {
  it('says which chunk failed and why, before which was slowest', () => {
    const error = 'db error: ERROR: division by zero\nCONTEXT: row 7'
    const attempts = [
      anAttempt({ chunk: 4, duration_ms: 7 }),
      anAttempt({ chunk: 5, keys: ['1251', '1500'], failed: true, error }),
      anAttempt({ chunk: 6, keys: null, duration_ms: 22.9, longest: true }),
      anAttempt({ chunk: 7, duration_ms: 5 }),
    ]
    expect(headline(aView({ attempts }))).toEqual([
      {
        level: 'bad',
        text: 'Chunk 5 (keys 1251 – 1500) failed: db error: ERROR: division by zero',
      },
      { level: 'info', text: 'Slowest: chunk 6, 22 ms, 11 % of the run, 3.3 times the median' },
    ])
  })

  it('calls no chunk the slowest of a run that is not all there', () => {
    const attempts = [anAttempt({ longest: true })]
    const [sentence] = headline(aView({ attempts, incomplete: ['entry 3 is missing'] }))
    expect(sentence?.text).toContain('Slowest of those here: chunk 0')
  })

  it('names three failed chunks and counts the others', () => {
    const attempts = [0, 1, 2, 3, 4].map((chunk) => anAttempt({ chunk, failed: true }))
    const texts = headline(aView({ attempts })).map(({ text }) => text)
    expect(texts).toHaveLength(4)
    expect(texts.at(-1)).toBe('2 more chunks failed')
  })

  it('does not say that a chunk failed which completed later', () => {
    const attempts = [anAttempt({ failed: true }), anAttempt({ again: true })]
    expect(headline(aView({ attempts }))).toEqual([
      { level: 'info', text: '1 chunk failed at first and completed later' },
    ])
  })

  it('says that no time is known where only ends were recorded', () => {
    const attempts = [anAttempt({ timing: 'end_only', duration_ms: null })]
    expect(headline(aView({ attempts }))[0]?.text).toContain('is not known')
  })

  it('says what else was not well, but not a chunk twice', () => {
    const degraded = [
      { label: 'chunk 5', text: 'division by zero', level: 'bad' },
      { label: 'quality', text: 'FAIL: too many rows\nmore', level: 'bad' },
      { label: 'schema', text: 'added region', level: 'warning' },
    ] as const
    expect(headline(aView({ degraded }))).toEqual([
      { level: 'bad', text: 'quality: FAIL: too many rows' },
      { level: 'info', text: 'schema: added region' },
    ])
  })

  it('says nothing of a run without chunks', () => {
    expect(headline(aView())).toEqual([])
  })

  it('takes the first line that says anything', () => {
    expect(firstLine('\n  \n  division by zero \nmore')).toBe('division by zero')
    expect(firstLine('')).toBe('')
  })
})
