import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textParts, visibleText } from '../../src/page/parts/shown-text.js'

describe('a text on the page', () => {
  it('spells out what would reorder it or not be seen', () => {
    expect(visibleText('evil\u202egpj.exe\u0000\u200b')).toBe('evil⟨U+202E⟩gpj.exe⟨U+0000⟩⟨U+200B⟩')
  })

  it('keeps line breaks, accents, right-to-left letters and joined emoji', () => {
    for (const text of ['a\nb', 'é', 'שלום', '👩‍👩‍👧']) {
      expect(textParts(text)).toEqual([{ text, unseen: false }])
    }
  })

  it('never loses a character that is seen', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const seen = textParts(text).filter((part) => !part.unseen)
        const rest = seen.map((part) => part.text).join('')
        expect(rest).toBe(
          text.replace(
            /(?!\n)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu,
            '',
          ),
        )
      }),
    )
  })
})
