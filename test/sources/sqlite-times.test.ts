import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { timeIn } from '../../src/sources/run-row.js'
import { endedInTime, oldestFirst } from '../../src/sources/selection.js'
import type { Selection } from '../../src/sources/source.js'
import { sqliteDriver } from '../../src/sources/sqlite-driver.js'
import { selectRows } from '../../src/sources/sqlite-selection.js'
import { readTimes } from '../../src/sources/sqlite-times.js'
import { newFolder, openToWrite, RUN_JOURNAL } from './places.js'

interface Row {
  readonly runId: string
  readonly exportName: string
  readonly finishedAt: string | Uint8Array
}

async function databaseOf(rows: readonly Row[]) {
  const file = `${newFolder()}/state.db`
  const database = openToWrite(file)
  database.exec(RUN_JOURNAL)
  database.exec('CREATE INDEX i ON run_journal(export_name, finished_at DESC)')
  for (const { runId, exportName, finishedAt } of rows)
    database.run('INSERT INTO run_journal VALUES (?, ?, ?, ?)', runId, exportName, finishedAt, '{}')
  database.close()
  return (await sqliteDriver()).open(file, 'shared')
}

/** What a selection means, from the texts alone, in the order of all rows. */
function wanted(rows: readonly Row[], { exports, last, ...period }: Selection): string[] {
  const places = rows
    .filter(({ exportName }) => exports === undefined || exports.includes(exportName))
    .map(({ runId, finishedAt }) => ({
      runId,
      endedUnixNano: typeof finishedAt === 'string' ? timeIn({ text: finishedAt }) : undefined,
    }))
    .filter(({ endedUnixNano: end }) => end === undefined || endedInTime(period, end))
    .sort(oldestFirst)
  return places
    .slice(last === undefined ? 0 : Math.max(0, places.length - last))
    .map(({ runId }) => runId)
}

/** Few values, so that many are the same and many borders are hit. */
const fraction = fc.constantFrom('', '.5', '.500', '.000000001', '.999999999', '.1234567891')
const spelling = fc
  .record({
    day: fc.constantFrom(
      '2026-01-01',
      '2026-02-28',
      '2026-02-29',
      '2026-02-31',
      '2024-02-29',
      '0000-01-01',
      '9999-12-31',
      '2026-13-01',
      '2026-00-10',
    ),
    time: fc.constantFrom('00:00:00', '00:00:01', '23:59:59', '23:59:60', '24:00:00', '23:60:00'),
    separator: fc.constantFrom('T', 'T', 'T', ' ', 't'),
    fraction,
    zone: fc.constantFrom(
      '+00:00',
      '+00:00',
      'Z',
      '-00:00',
      '+05:30',
      '-01:00',
      'z',
      '',
      '+00:00 ',
      '+00:00Z',
      '+05:00+00:00',
    ),
  })
  .map(({ day, time, separator, fraction, zone }) => `${day}${separator}${time}${fraction}${zone}`)
const finishedAt = fc.oneof(
  { weight: 8, arbitrary: spelling },
  fc.constantFrom(
    '',
    'soon',
    '+12026-01-01T00:00:00Z',
    '-0001-01-01T00:00:00Z',
    '2026-01-01T00:00:00+00:00\0',
    '2026-01-01T00:00:00.+00:00',
    '2026-01-01T00:00:00.5\0+00:00',
  ),
  fc.constant(new TextEncoder().encode('2026-01-01T00:00:00+00:00')),
)
const border = fc.oneof(
  fc.constantFrom(-(2n ** 120n), 2n ** 120n, 0n, -62_167_219_200_000_000_000n),
  spelling.map((text) => timeIn({ text }) ?? 1n),
  spelling.map((text) => (timeIn({ text }) ?? 1n) + 1n),
)
const selection: fc.Arbitrary<Selection> = fc.record(
  {
    exports: fc.constantFrom(['orders'], ['orders', 'events'], ['nobody']),
    last: fc.nat({ max: 6 }),
    sinceUnixNano: border,
    untilUnixNano: border,
  },
  { requiredKeys: [] },
)

describe('the rows that a selection wants', () => {
  it('are the same as by looking at each time, however it is spelled', async () => {
    const rows = fc.array(
      fc.record({ exportName: fc.constantFrom('orders', 'events'), finishedAt }),
      {
        maxLength: 12,
      },
    )
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.array(selection, { minLength: 5, maxLength: 5 }),
        async (some, selections) => {
          const all = some.map((row, i) => ({ ...row, runId: `run_${i % 2}_${i}` }))
          const db = await databaseOf(all)
          try {
            for (const one of selections)
              expect(selectRows(db, one).map(({ runId }) => runId)).toEqual(wanted(all, one))
          } finally {
            db.close()
          }
        },
      ),
      { numRuns: 100 },
    )
  })

  it('are found without looking at the times of all the others', async () => {
    const rows = Array.from({ length: 500 }, (_, i) => ({
      runId: `run_${i}`,
      exportName: 'orders',
      finishedAt: `2026-01-01T00:${String(i % 60).padStart(2, '0')}:00.000000${100 + (i % 7)}+00:00`,
    }))
    const db = await databaseOf([
      ...rows,
      { runId: 'odd', exportName: 'orders', finishedAt: '2026-01-01 00:00:00Z' },
    ])
    const every = { condition: '', parameters: [] }
    // Those of the last minute or two, and the one in another spelling.
    expect(readTimes(db, every, { last: 10 }).length).toBeLessThan(30)
    expect(readTimes(db, every, {}).length).toBe(501)
    expect(selectRows(db, { last: 10 }).map(({ runId }) => runId)).toEqual(
      wanted(rows, { last: 10 }),
    )
    db.close()
  })
})
