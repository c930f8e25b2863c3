import { describe, expect, it } from 'vitest'
import { changeText, keyFigures } from '../../src/page/key-figures.js'
import { aSummary } from './a-view.js'

describe('the key figures of a run', () => {
  it('show what is not known as such, and no change of it', () => {
    const bytes = keyFigures(aSummary(), aSummary()).find(({ label }) => label === 'Bytes')
    expect(bytes).toEqual({ label: 'Bytes', value: '–', change: null, was: null })
  })

  it('show how each changed, and what it was', () => {
    const [duration] = keyFigures(aSummary({ duration_ms: 250 }), aSummary())
    expect(duration).toMatchObject({ value: '250 ms', change: '▲ 25 %', was: 'before: 200 ms' })
  })

  it.each([
    [100, 100, 'same'],
    [99, 100, '▼ 1 %'],
    [1, 1000, '▼ 99.9 %'],
    [1_100, 100, '▲ 11 ×'],
    [3, 0, '▲ from 0'],
    ['9223372036854775807', '9223372036854775806', '▲ < 0.1 %'],
  ])('tell %s after %s as %s', (now, before, text) => {
    expect(changeText(now, before)).toBe(text)
  })
})
