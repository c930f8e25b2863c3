import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { printable } from '../../../src/cli/view/printable.js'
import { type Column, table } from '../../../src/cli/view/table.js'
import { displayWidth } from '../../../src/cli/view/terminal-text.js'

const COLUMNS: readonly Column[] = [
  { heading: 'NAME', shrinkTo: 6 },
  { heading: 'ROWS', align: 'right' },
  { heading: 'NOTE', leaveOut: 1 },
]
const ROWS = [
  ['日本語 orders', '400,000', 'all well'],
  ['e\u0301', '7', ''],
]

describe('table', () => {
  it('aligns by display width and leaves no spaces at the ends', () => {
    expect(table(COLUMNS, ROWS, { width: 80 }).lines).toEqual([
      'NAME              ROWS  NOTE',
      '日本語 orders  400,000  all well',
      'e\u0301                    7',
    ])
  })

  it('shortens the column that may shrink before it leaves one out', () => {
    const { lines, leftOut } = table(COLUMNS, ROWS, { width: 27 })
    expect(lines).toEqual([
      'NAME         ROWS  NOTE',
      '日本語 …  400,000  all well',
      'e\u0301               7',
    ])
    expect(leftOut).toEqual([])
  })

  it('leaves out what may be, and says so', () => {
    const { lines, leftOut } = table(COLUMNS, ROWS, { width: 22 })
    expect(lines).toEqual([
      'NAME              ROWS',
      '日本語 orders  400,000',
      'e\u0301                    7',
    ])
    expect(leftOut).toEqual(['NOTE'])
  })

  it('shortens anything where nothing else is left', () => {
    expect(table(COLUMNS, ROWS, { width: 9 }).lines).toEqual([
      'NA…  ROWS',
      '日…  400…',
      'e\u0301       7',
    ])
  })

  it('keeps the important column where there is room for one only', () => {
    const columns = [
      { heading: 'ID' },
      { heading: 'LESS', leaveOut: 1 },
      { heading: 'MORE', leaveOut: 2 },
    ]
    expect(table(columns, [['1', '2', '3']], { width: 8 }).leftOut).toEqual(['LESS'])
  })

  it('paints outside of cutting and padding', () => {
    const paint = (text: string) => `<${text}>`
    expect(
      table([{ heading: 'A' }, { heading: 'B' }], [[{ text: 'long text', paint }, 'x']], {
        width: 8,
        paintHeading: paint,
        indent: 1,
      }).lines,
    ).toEqual([' <A>     <B>', ' <lon…>  x'])
  })

  it('fits into any width that has three spaces for each column', () => {
    const cell = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 30 }).map(printable),
      fc.constant('日'.repeat(40)),
    )
    const column = fc.record(
      {
        heading: cell,
        align: fc.constantFrom('left' as const, 'right' as const),
        cut: fc.constantFrom('end' as const, 'middle' as const),
        shrinkTo: fc.integer({ min: 1, max: 20 }),
        leaveOut: fc.integer({ min: 1, max: 3 }),
      },
      { requiredKeys: ['heading'] },
    )
    fc.assert(
      fc.property(
        fc.array(column, { minLength: 1, maxLength: 6 }),
        fc.array(fc.array(cell, { minLength: 6, maxLength: 6 }), { maxLength: 5 }),
        fc.integer({ min: 18, max: 120 }),
        (columns, rows, width) => {
          for (const line of table(columns, rows, { width }).lines) {
            expect(displayWidth(line)).toBeLessThanOrEqual(width)
            expect(line).toBe(line.trimEnd())
          }
        },
      ),
    )
  })

  it('shortens nothing in an endless width, and fills no column for one huge cell', () => {
    const huge = '日'.repeat(100_000)
    const [heading = '', ...lines] = table(COLUMNS, [[huge, '1', 'x']], {
      width: Number.POSITIVE_INFINITY,
    }).lines
    expect(lines).toEqual([`${huge}     1  x`])
    expect(heading.length).toBeLessThan(2000)
  })

  it('lays out 200,000 rows', () => {
    const rows = Array.from({ length: 200_000 }, (_, i) => [String(i), '1', ''])
    expect(table(COLUMNS, rows, { width: 80 }).lines).toHaveLength(200_001)
  })
})
