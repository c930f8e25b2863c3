import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { printable } from '../../../src/cli/view/printable.js'
import { displayWidth } from '../../../src/cli/view/terminal-text.js'
import { wrap } from '../../../src/cli/view/wrap.js'

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({
    unit: fc.constantFrom('a', 'bc', ' ', '  ', '\n', '日', '👩‍👩‍👧‍👦', '\t'),
    maxLength: 80,
  }),
)

describe('wrap', () => {
  it('breaks between words', () => {
    expect(wrap('SELECT id, email FROM customers', 12)).toEqual([
      'SELECT id,',
      'email FROM',
      'customers',
    ])
  })

  it('keeps the line breaks of the text, and the indentation of a line that goes on', () => {
    expect(wrap('2 checks failed:\n  - too many rows\r\n  - nulls', 12)).toEqual([
      '2 checks',
      'failed:',
      '  - too many',
      '  rows',
      '  - nulls',
    ])
  })

  it('breaks inside a word that is wider than a line', () => {
    expect(wrap('a 日本語日本語 b', 6)).toEqual(['a', '日本語', '日本語', 'b'])
  })

  it('counts the lines beyond so many', () => {
    expect(wrap('1\n2\n3\n4\n5', 20, 2)).toEqual(['1', '2', '… 3 more lines'])
    expect(wrap('1\n2\n3', 20, 2)).toEqual(['1', '2', '3'])
  })

  it('makes everything printable', () => {
    expect(wrap('\u001b[2J wiped\u0007', 40)).toEqual(['\\x1b[2J wiped\\x07'])
  })

  it('gives one empty line for an empty text', () => {
    expect(wrap('', 10)).toEqual([''])
  })

  it('passes no width that is two or more, and leaves no spaces at the ends', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 30 }), (text, width) => {
        for (const line of wrap(text, width)) {
          expect(displayWidth(line)).toBeLessThanOrEqual(width)
          expect(line).toBe(line.trimEnd())
        }
      }),
    )
  })

  it('loses nothing but spaces', () => {
    const solid = (text: string) => text.replaceAll(/\s/g, '')
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 30 }), (text, width) => {
        const lines = text
          .trimEnd()
          .replaceAll('\t', '')
          .split(/\r\n|\n|\r/)
        expect(solid(wrap(text, width).join(''))).toBe(solid(lines.map(printable).join('')))
      }),
    )
  })
})
