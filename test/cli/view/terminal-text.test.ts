import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { printable } from '../../../src/cli/view/printable.js'
import {
  displayWidth,
  graphemesOf,
  padEnd,
  padStart,
  shorten,
  shortenMiddle,
  takeColumns,
} from '../../../src/cli/view/terminal-text.js'

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 }).map((units) => {
    return String.fromCharCode(...units)
  }),
  fc.constantFrom(
    '👩‍👩‍👧‍👦 family',
    'e\u0301\u0301\u0301',
    '日本語',
    '\u001b[31mred',
    '🇩🇪🇫🇷',
    'क्षि',
  ),
)
const printableText = anyText.map(printable)
const columns = fc.integer({ min: -1, max: 50 })

describe('printable', () => {
  it.each([
    ['\u001b[31mred', '\\x1b[31mred'],
    ['\u009b31mred', '\\x9b31mred'],
    ['\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
    ['two\nlines\r\n\tand a tab', 'two\\nlines\\r\\n\\tand a tab'],
    ['null \u0000, delete \u007f', 'null \\x00, delete \\x7f'],
    ['gpj.\u202eexe', 'gpj.\\u202eexe'],
    ['a\u200bb\u200ec\u061cd\u2060e\ufeff', 'a\\u200bb\\u200ec\\u061cd\\u2060e\\ufeff'],
    ['\u2066isolate\u2069', '\\u2066isolate\\u2069'],
    ['line\u2028paragraph\u2029', 'line\\u2028paragraph\\u2029'],
    ['half \ud800 a pair', 'half \\ud800 a pair'],
  ])('spells out what a terminal would obey: %j', (text, shown) => {
    expect(printable(text)).toBe(shown)
  })

  it.each(['orders', 'žluťoučký kůň', '日本語', 'שלום', '👩‍👩‍👧‍👦', 'e\u0301', 'C:\\new'])(
    'keeps ordinary text: %s',
    (text) => {
      expect(printable(text)).toBe(text)
    },
  )

  it('leaves nothing of any text that a terminal would obey', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u)
        expect(printable(text).isWellFormed()).toBe(true)
      }),
    )
  })

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(printableText, (text) => {
        expect(printable(text)).toBe(text)
      }),
    )
  })
})

describe('displayWidth', () => {
  it.each([
    ['orders', 6],
    ['日本語', 6],
    ['e\u0301', 1],
    ['👩‍👩‍👧‍👦', 2],
    ['', 0],
  ])('of %j is %i', (text, width) => {
    expect(displayWidth(text)).toBe(width)
  })

  it('is the sum of the widths of its characters', () => {
    fc.assert(
      fc.property(printableText, (text) => {
        expect(displayWidth(text)).toBe(sumOfWidths(text))
      }),
    )
  })

  it('is right for every character, alone and beside others', () => {
    const wrong: string[] = []
    for (const char of everyCharacter()) {
      const text = `–${char}b${char}${char}`
      if (displayWidth(text) !== sumOfWidths(text))
        wrong.push(char.codePointAt(0)?.toString(16) ?? '')
    }
    expect(wrong).toEqual([])
  })
})

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** As the package string-width says it, of each character that the engine finds. */
function sumOfWidths(text: string): number {
  return [...segmenter.segment(text)].reduce((sum, { segment }) => sum + stringWidth(segment), 0)
}

/** Those that Unicode has assigned, but for most of the ideographs, of which one is like the other. */
function* everyCharacter(): Generator<string> {
  for (let at = 0x20; at < 0x20_000; at++) {
    const char = String.fromCodePoint(at)
    const isIdeograph = at >= 0x34_00 && at < 0xa0_00
    if (!isIdeograph && printable(char) === char && !/\p{Cn}/u.test(char)) yield char
  }
}

describe.each([
  ['shorten', shorten],
  ['shortenMiddle', shortenMiddle],
])('%s', (_, cut) => {
  it('never passes the width', () => {
    fc.assert(
      fc.property(printableText, columns, (text, width) => {
        expect(displayWidth(cut(text, width))).toBeLessThanOrEqual(Math.max(0, width))
      }),
    )
  })

  it('keeps a text that is no wider than the width', () => {
    fc.assert(
      fc.property(printableText, (text) => {
        expect(cut(text, displayWidth(text))).toBe(text)
        expect(cut(text, Number.POSITIVE_INFINITY)).toBe(text)
      }),
    )
  })

  it('cuts only between whole characters, and says where', () => {
    fc.assert(
      fc.property(printableText, fc.integer({ min: 1, max: 50 }), (text, width) => {
        fc.pre(displayWidth(text) > width && !text.includes('…'))
        const [before = '', after = '', ...others] = cut(text, width).split('…')
        expect(others).toEqual([])
        const whole = [...graphemesOf(text)]
        const begins = [...graphemesOf(before)].length
        const ends = [...graphemesOf(after)].length
        expect(whole.slice(0, begins).join('')).toBe(before)
        expect(whole.slice(whole.length - ends).join('')).toBe(after)
      }),
    )
  })

  it('of a text of a million characters takes no more than its width', () => {
    expect(displayWidth(cut('日'.repeat(1_000_000), 20))).toBeLessThanOrEqual(20)
  })
})

describe('shorten', () => {
  it.each([
    ['orders_20261121', 8, 'orders_…'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['abe\u0301cd', 4, 'abe\u0301…'],
    ['👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 3, '👩‍👩‍👧‍👦…'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
  ])('shows %j in %i columns as %j', (text, width, shown) => {
    expect(shorten(text, width)).toBe(shown)
  })
})

describe('shortenMiddle', () => {
  it('keeps both ends', () => {
    expect(shortenMiddle('orders_20261121_chunk7.csv', 16)).toBe('orders_…unk7.csv')
  })
})

describe('takeColumns', () => {
  it('takes a wide character whole or not at all', () => {
    expect(takeColumns('日本語', 5)).toBe('日本')
  })
})

describe('padEnd and padStart', () => {
  it('align a text that begins with a combining mark, which has a circle to sit on', () => {
    const text = printable('\ua926x')
    expect(text).toBe('◌\ua926x')
    expect(displayWidth(padStart(text, 6))).toBe(6)
  })

  it('fill up to the width, and cut nothing', () => {
    fc.assert(
      fc.property(printableText, columns, (text, width) => {
        // A few letters (U+0D4E, U+0600 …) join with a space after them; Unicode gives both one width.
        fc.pre(displayWidth(`${text} `) === displayWidth(text) + 1)
        const filled = Math.max(displayWidth(text), width)
        expect(displayWidth(padEnd(text, width))).toBe(filled)
        expect(displayWidth(padStart(text, width))).toBe(filled)
        expect(padEnd(text, width).startsWith(text)).toBe(true)
        expect(padStart(text, width).endsWith(text)).toBe(true)
      }),
    )
  })
})
