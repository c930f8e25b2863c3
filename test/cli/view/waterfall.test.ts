import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ASCII_SIGNS, drawBar, UNICODE_SIGNS } from '../../../src/cli/view/bar.js'
import { displayWidth } from '../../../src/cli/view/terminal-text.js'
import { waterfall } from '../../../src/cli/view/waterfall.js'
import type { RunJournal } from '../../../src/journal/run-journal.js'
import { arbitraryJournal, propertyCases } from '../../journal/arbitrary-journal.js'
import { chunkedRun, madeUp, PLAN, shopJournal } from './journals.js'

function draw(journal: RunJournal, width = 80, unicode = true): string {
  return `\n${waterfall(journal, { width, color: false, unicode }).join('\n')}\n`
}

describe('waterfall', () => {
  it('shows a run of 16 chunks in 80 columns', () => {
    expect(draw(shopJournal('orders_20261121'))).toBe(`
CHUNK  KEYS             0          1.50 s      3.00 s  DURATION    ROWS
    0  1 – 25000        ██                               177 ms  25,000
    1  25001 – 50000      █▊                             174 ms  25,000
    2  50001 – 75000       ▐█▋                           193 ms  25,000  longest
    3  75001 – 100000        ▐█▍                         181 ms  25,000
    4  100001 – 125000         ██                        173 ms  25,000
    5  125001 – 150000           █▊                      171 ms  25,000
    6  150001 – 175000            ▐█▍                    174 ms  25,000
    7  175001 – 200000              ██▏                  178 ms  25,000
    8  200001 – 225000                █▊                 167 ms  25,000
    9  225001 – 250000                 ▐█▋               186 ms  25,000
   10  250001 – 275000                   ▐█▍             170 ms  25,000
   11  275001 – 300000                     ██            174 ms  25,000
   12  300001 – 325000                       █▋          170 ms  25,000
   13  325001 – 350000                        ▐█▍        174 ms  25,000
   14  350001 – 375000                          ██       169 ms  25,000
   15  375001 – 400000                            █▋     167 ms  25,000
`)
  })

  it('marks the chunk that failed', () => {
    expect(draw(shopJournal('chunk_boom'))).toBe(`
CHUNK  KEYS         0             102 ms        205 ms  DURATION  ROWS
    0  1 – 250           ▐██▋                              16 ms   250
    1  251 – 500            ▐▋                              3 ms   250
    2  501 – 750             ▐▋                             5 ms   250
    3  751 – 1000             ▐▌                            3 ms   250
    4  1001 – 1250             ▐█                           7 ms   250
    5  1251 – 1500               ▉                          3 ms        ✗ failed
    6  1501 – 1750                ███▋                     22 ms   250  longest
    7  1751 – 2000                    ▉                     5 ms   250
`)
  })

  it('shows ASCII where the terminal has nothing else', () => {
    expect(draw(shopJournal('chunk_boom'), 60, false)).toBe(`
CHUNK  0         102 ms     205 ms  DURATION  ROWS
    0       ==                         16 ms   250
    1         =                         3 ms   250
    2          =                        5 ms   250
    3           =                       3 ms   250
    4           =                       7 ms   250
    5             =                     3 ms        x failed
    6             ===                  22 ms   250  longest
    7                =                  5 ms   250
`)
  })

  it('marks the ends of chunks whose starts were not recorded, and gives them no duration', () => {
    expect(draw(shopJournal('customers_keyset'), 60)).toBe(`
CHUNK  0                   209 ms              418 ms   ROWS
    0          ◆                                       7,000
    1             ◆                                    7,000
    2                ◆                                 7,000
    3                    ◆                             7,000
    4                       ◆                          7,000
    5                          ◆                       7,000
    6                             ◆                    7,000
    7                                 ◆                7,000
    8                                    ◆             4,000
◆ its end; when it started was not recorded
`)
  })

  it('shows every attempt at a chunk on a line of its own', () => {
    const journal = madeUp([
      [0, PLAN],
      [
        10,
        {
          ChunkStarted: { chunk_index: 0, start_key: 'a\u001b[31m', end_key: '日本語日本語日本語' },
        },
      ],
      [400, { ChunkFailed: { chunk_index: 0, error: 'boom', attempt: 1 } }],
      [500, { ChunkStarted: { chunk_index: 0, start_key: 'a', end_key: 'b' } }],
      [700, { ChunkFailed: { chunk_index: 0, error: 'boom', attempt: 2 } }],
      [1000, { ChunkCompleted: { chunk_index: 0, rows: 5 } }],
      [1000, { ChunkStarted: { chunk_index: 1, start_key: 'b', end_key: 'c' } }],
      [1200, { ChunkStarted: { chunk_index: 2, start_key: 'c', end_key: 'd' } }],
      [1100, { ChunkCompleted: { chunk_index: 2, rows: 5 } }],
      [1500, { ChunkFailed: { chunk_index: 3, error: 'boom', attempt: 2 } }],
      [2000, { RunCompleted: { status: 'failed', duration_ms: 2000 } }],
    ])
    expect(draw(journal, 100)).toBe(`
CHUNK  KEYS                     0        1.00 s    2.00 s  DURATION  ROWS
    0  a\\x1b[31m – 日本…日本語  █████                        390 ms        ✗ failed
    0  a – b                          ██████▌                500 ms     5  recovered, longest, again
    1  b – c                                ▸                              no end recorded
    2  c – d                                   ◇                        5  times unusable
    3                                             ◆                        ✗ failed, attempt 2
◆ its end; when it started was not recorded
▸ its start; when it ended was not recorded
◇ its times contradict each other
`)
  })

  it('shows a run of one chunk', () => {
    expect(draw(chunkedRun(1), 60)).toBe(`
CHUNK  KEYS      0          8 ms      15 ms  DURATION   ROWS
    0  1 – 1000          ▐█████████████████     10 ms  1,000
`)
  })

  it('puts neighbours of 10,000 chunks on one line, but not the slow and the failed', () => {
    const journal = chunkedRun(10_000, { slow: [777, 9000], failed: [3000, 3001] })
    expect(draw(journal, 100)).toBe(`
    CHUNK  KEYS                0               55.0 s        1 m 50 s  DURATION     ROWS
    0–258  1 – 259000          ▒                                          10 ms  259,000  259 chunks
  259–517  259001 – 518000     ▒▒                                         10 ms  259,000  259 chunks
  518–776  518001 – 777000      ▒▒                                        10 ms  259,000  259 chunks
      777  777001 – 778000       ▐                                       877 ms    1,000
 778–1054  778001 – 1055000      ▒▒                                       10 ms  277,000  277 chunks
1055–1332  1055001 – 1333000      ▒▒                                      10 ms  278,000  278 chunks
1333–1610  1333001 – 1611000       ▒▒                                     10 ms  278,000  278 chunks
1611–1888  1611001 – 1889000        ▒▒                                    10 ms  278,000  278 chunks
1889–2165  1889001 – 2166000         ▒▒                                   10 ms  277,000  277 chunks
2166–2443  2166001 – 2444000          ▒▒                                  10 ms  278,000  278 chunks
2444–2721  2444001 – 2722000           ▒▒                                 10 ms  278,000  278 chunks
2722–2999  2722001 – 3000000            ▒▒                                10 ms  278,000  278 chunks
     3000  3000001 – 3001000             ▐                                10 ms           ✗ failed
     3001  3001001 – 3002000             ▐                                10 ms           ✗ failed
3002–3300  3002001 – 3301000             ▒▒                               10 ms  299,000  299 chunks
3301–3600  3301001 – 3601000              ▒▒                              10 ms  300,000  300 chunks
3601–3900  3601001 – 3901000               ▒▒                             10 ms  300,000  300 chunks
3901–4200  3901001 – 4201000                ▒▒                            10 ms  300,000  300 chunks
4201–4500  4201001 – 4501000                 ▒▒                           10 ms  300,000  300 chunks
4501–4800  4501001 – 4801000                  ▒▒                          10 ms  300,000  300 chunks
4801–5100  4801001 – 5101000                   ▒▒                         10 ms  300,000  300 chunks
5101–5400  5101001 – 5401000                    ▒▒                        10 ms  300,000  300 chunks
5401–5700  5401001 – 5701000                     ▒▒                       10 ms  300,000  300 chunks
5701–6000  5701001 – 6001000                       ▒▒                     10 ms  300,000  300 chunks
6001–6299  6001001 – 6300000                        ▒▒                    10 ms  299,000  299 chunks
6300–6599  6300001 – 6600000                         ▒▒                   10 ms  300,000  300 chunks
6600–6899  6600001 – 6900000                          ▒▒                  10 ms  300,000  300 chunks
6900–7199  6900001 – 7200000                           ▒▒                 10 ms  300,000  300 chunks
7200–7499  7200001 – 7500000                            ▒▒                10 ms  300,000  300 chunks
7500–7799  7500001 – 7800000                             ▒▒               10 ms  300,000  300 chunks
7800–8099  7800001 – 8100000                              ▒▒              10 ms  300,000  300 chunks
8100–8399  8100001 – 8400000                               ▒▒             10 ms  300,000  300 chunks
8400–8699  8400001 – 8700000                                ▒▒            10 ms  300,000  300 chunks
8700–8999  8700001 – 9000000                                 ▒▒           10 ms  300,000  300 chunks
     9000  9000001 – 9001000                                  ███▌       9.10 s    1,000  longest
9001–9249  9001001 – 9250000                                     ▒▒       10 ms  249,000  249 chunks
9250–9499  9250001 – 9500000                                      ▒▒      10 ms  250,000  250 chunks
9500–9749  9500001 – 9750000                                       ▒▒     10 ms  250,000  250 chunks
9750–9999  9750001 – 10000000                                       ▒     10 ms  250,000  250 chunks
▒ several chunks on one line, with the shortest and the longest time of them; the slowest and the
failed stand alone
`)
  })

  it('says how the times on a line are spread, and lets the slowest five stand alone', () => {
    const slow = [101, 202, 303, 404, 505, 606, 707]
    const lines = waterfall(chunkedRun(1000, { slow }), { width: 120, color: false })
    const alone = lines.filter((line) => /^ *\d+ {2}/.test(line))
    expect(alone.map((line) => Number.parseInt(line, 10))).toEqual([303, 404, 505, 606, 707])
    expect(lines.find((line) => /^ *\d+–\d+/.test(line) && line.includes('–201 ms'))).toMatch(
      / 10–201 ms +10 ms +\d+,000 {2}\d+ chunks$/,
    )
  })

  it('counts instead of describing where there is hardly room', () => {
    const failed = Array.from({ length: 5000 }, (_, i) => i * 2)
    const lines = waterfall(chunkedRun(10_000, { failed }), { width: 40, color: false })
    expect(lines[0]).toMatch(/^CHUNK {2}0 +1 m 40 s {2}DURATION$/)
    expect(lines).toContain('   9+  ▒                10 ms  333× 166✗')
    for (const line of lines) expect(line).not.toContain('…')
  })

  it('keeps writing from right to left away from what stands beside it', () => {
    const journal = madeUp([
      [0, { ChunkStarted: { chunk_index: 0, start_key: 'שלום', end_key: 'مفتاح' } }],
      [9, { ChunkCompleted: { chunk_index: 0, rows: 2 } }],
    ])
    const [, line = ''] = waterfall(journal, { width: 100, color: false })
    expect(line).toContain('\u200eשלום\u200e – \u200eمفتاح\u200e')
    expect(line).not.toMatch(/\d[ ]*[שלוםمفتاح]/)
  })

  it('keeps to 40 lines where thousands failed, and says in which lines', () => {
    const failed = Array.from({ length: 5000 }, (_, i) => i * 2)
    const lines = waterfall(chunkedRun(10_000, { failed }), { width: 80, color: false })
    expect(lines.length).toBeLessThanOrEqual(42)
    const inGroups = lines.flatMap((line) => /, ([\d,]+) failed$/.exec(line)?.[1] ?? [])
    const alone = lines.filter((line) => line.includes('✗ failed'))
    const counted = inGroups.reduce((sum, count) => sum + Number(count.replace(',', '')), 0)
    expect(alone.length + counted).toBe(5000)
  })

  it('accounts for every chunk and every row, however it puts them together', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.uniqueArray(fc.nat(299), { maxLength: 10 }),
        (count, slow) => {
          const lines = waterfall(chunkedRun(count, { slow }), { width: 120, color: false })
          const shown = lines.slice(1).filter((line) => /^ *\d/.test(line))
          const chunks = shown.reduce(
            (sum, line) => sum + Number(/(\d+) chunks$/.exec(line)?.[1] ?? 1),
            0,
          )
          const rows = shown.reduce(
            (sum, line) => sum + Number(/.* ms +([\d,]+)/.exec(line)?.[1]?.replaceAll(',', '')),
            0,
          )
          expect(rows).toBe(count * 1000)
          expect(shown.length).toBeLessThanOrEqual(40)
          expect(chunks).toBe(count)
        },
      ),
      { numRuns: propertyCases(50) },
    )
  }, 30_000)

  it('has nothing to show of a run without chunks, or without entries', () => {
    expect(waterfall(shopJournal('broken'), { width: 80, color: false })).toEqual([])
    expect(waterfall(madeUp([]), { width: 80, color: false })).toEqual([])
  })

  it('shows a run in which everything came at one instant', () => {
    const journal = madeUp([
      [0, { ChunkStarted: { chunk_index: 0, start_key: '1', end_key: '2' } }],
      [0, { ChunkCompleted: { chunk_index: 0, rows: 2 } }],
    ])
    expect(draw(journal, 60)).toBe(`
CHUNK  KEYS   0            0 ms         0 ms  DURATION  ROWS
    0  1 – 2  ▏                                   0 ms     2
`)
  })

  it('says the same with colours and without', () => {
    for (const journal of [shopJournal('chunk_boom'), chunkedRun(1000, { failed: [1, 500] })]) {
      const colored = waterfall(journal, { width: 80, color: true })
      expect(colored.map((line) => stripVTControlCharacters(line))).toEqual(
        waterfall(journal, { width: 80, color: false }),
      )
      expect(colored.some((line) => line.includes('\u001b[31m'))).toBe(true)
    }
  })

  it.each([60, 80, 120, 200])('uses %i columns and passes none', (width) => {
    for (const journal of [chunkedRun(1), chunkedRun(20), chunkedRun(10_000, { slow: [5000] })]) {
      const widths = waterfall(journal, { width, color: false, indent: 2 }).map((line) =>
        displayWidth(line),
      )
      expect(Math.max(...widths)).toBeLessThanOrEqual(width)
      expect(Math.max(...widths)).toBeGreaterThan(Math.min(width, 140) - 30)
    }
  })

  it('passes no width from 40 on, whatever the journal holds', () => {
    fc.assert(
      fc.property(arbitraryJournal(), fc.integer({ min: 40, max: 200 }), (journal, width) => {
        for (const line of waterfall(journal, { width, color: false })) {
          expect(displayWidth(line)).toBeLessThanOrEqual(width)
          expect(line).toBe(line.trimEnd())
        }
      }),
      { numRuns: propertyCases(100) },
    )
  }, 30_000)
})

describe('drawBar', () => {
  const stretch = fc
    .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }))

  it.each([
    ['Unicode', UNICODE_SIGNS],
    ['ASCII', ASCII_SIGNS],
  ])('in %s is as wide as its axis, is always seen, and has no gaps', (_, signs) => {
    fc.assert(
      fc.property(stretch, fc.integer({ min: 1, max: 100 }), (bar, columns) => {
        const text = drawBar(bar, columns, signs)
        expect(displayWidth(text)).toBe(columns)
        expect(text).toMatch(/^ *[^ ]+ *$/)
      }),
    )
  })

  it.each([
    [0, 1, '████████'],
    [0, 0.5, '████    '],
    [0.5, 0.53, '    ▎   '],
    [0.0625, 0.25, '▐█      '],
    [1, 1, '       ▐'],
  ])('from %d to %d', (from, to, text) => {
    expect(drawBar({ from, to }, 8, UNICODE_SIGNS)).toBe(text)
  })
})
