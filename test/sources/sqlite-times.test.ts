import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { timeIn } from '../../src/sources/run-row.js'
import { endedInTime, oldestFirst } from '../../src/sources/selection.js'
import type { Selection } from '../../src/sources/source.js'
import { sqliteDriver } from '../../src/sources/sqlite-driver.js'
import { newestTimes } from '../../src/sources/sqlite-newest-times.js'
import { rowsBeginning, selectRows } from '../../src/sources/sqlite-selection.js'
import { readTimes } from '../../src/sources/sqlite-times.js'
import { newFolder, openToWrite, RUN_JOURNAL } from './places.js'

interface Row {
  readonly runId: string
  readonly exportName: string | null
  readonly finishedAt: string | Uint8Array | null
}

const INDEX = 'CREATE INDEX i ON run_journal(export_name, finished_at DESC)'
const WITH_NULLS = RUN_JOURNAL.replaceAll(' NOT NULL', '')
/** rivet's own, and what else a table may be whose columns have these names. */
const SCHEMAS = {
  rivet: [RUN_JOURNAL, INDEX],
  'without its index': [RUN_JOURNAL],
  'with nulls': [WITH_NULLS, INDEX],
  'in UTF-16': ["PRAGMA encoding = 'UTF-16le'", WITH_NULLS, INDEX],
  'of no types, and without cases': [
    'CREATE TABLE run_journal (run_id, export_name, finished_at COLLATE NOCASE, journal_json)',
    INDEX,
  ],
}
type Schema = keyof typeof SCHEMAS

async function databaseOf(rows: readonly Row[], schema: Schema = 'rivet') {
  const file = `${newFolder()}/state.db`
  const database = openToWrite(file)
  for (const statement of SCHEMAS[schema]) database.exec(statement)
  const hasNulls = SCHEMAS[schema].every((sql) => !sql.includes('NOT NULL'))
  for (const { runId, exportName, finishedAt } of rows) {
    if (!hasNulls && (exportName === null || finishedAt === null)) continue
    database.run('INSERT INTO run_journal VALUES (?, ?, ?, ?)', runId, exportName, finishedAt, '{}')
  }
  database.close()
  return (await sqliteDriver()).open(file, 'shared')
}

/** What a selection means, from the texts alone, in the order of all rows. */
function wanted(rows: readonly Row[], { exports, last, ...period }: Selection): string[] {
  const places = rows
    .filter(({ exportName }) => exports === undefined || exports.includes(exportName ?? ''))
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
      '2025-12-31',
      '2026-01-02',
      '2026-01-03',
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
      '+23:59',
      '-23:59',
      'z',
      '',
      '+00:00 ',
      '+00:00Z',
      '+05:00+00:00',
    ),
  })
  .map(({ day, time, separator, fraction, zone }) => `${day}${separator}${time}${fraction}${zone}`)
/** As rivet spells it: the newest of many such are found by the index. */
const usual = fc
  .tuple(fc.constantFrom('2025-12-31', '2026-01-01', '2026-01-02'), fraction)
  .map(([day, part]) => `${day}T00:00:01${part}+00:00`)
const finishedAt = fc.oneof(
  { weight: 8, arbitrary: spelling },
  { weight: 8, arbitrary: usual },
  fc.constantFrom('+02026-01-02T00:00:01Z', '+002026-01-03T00:00:01Z', null),
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
    const exportName = fc.constantFrom('orders', 'events', 'stock', null)
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...(Object.keys(SCHEMAS) as Schema[])),
        fc.array(fc.record({ exportName, finishedAt }), { maxLength: 16 }),
        fc.array(selection, { minLength: 8, maxLength: 8 }),
        async (schema, some, selections) => {
          const takesNulls = !['rivet', 'without its index'].includes(schema)
          const all = some
            .map((row, i) => ({ ...row, runId: `run_${i % 2}_${i}` }))
            .filter((row) => takesNulls || (row.exportName !== null && row.finishedAt !== null))
          const db = await databaseOf(all, schema)
          try {
            for (const one of selections)
              expect(selectRows(db, one).map(({ runId }) => runId)).toEqual(wanted(all, one))
          } finally {
            db.close()
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  it('of the newest ones come from the index alone where enough of them say when they ended', async () => {
    const rows = ['31T23:59:59.5Z', '31T23:59:58Z', '31T23:59:57Z', '01T00:00:00Z', 'soon']
    const all = rows.map((rest, i) => ({
      ...{ runId: `run_${i}`, exportName: 'orders', finishedAt: `2026-12-${rest}` },
    }))
    const odd = ['2026-12-31 23:59:60Z', '2027-01-01T22:00:00+22:30', '+02026-12-31T23:59:59.7Z']
    const more = odd.map((at, i) => ({ runId: `odd_${i}`, exportName: 'events', finishedAt: at }))
    const db = await databaseOf([...all, ...more])
    const times = newestTimes(db, undefined, { last: 2 })
    expect(times?.map(({ row }) => Number(row)).sort()).toEqual([1, 2, 3, 5, 6, 7, 8])
    expect(newestTimes(db, ['orders'], { last: 4 })).toHaveLength(5)
    // More than four may count that do not say when they ended: that takes a look at all.
    expect(newestTimes(db, ['orders'], { last: 5 })).toBeUndefined()
    expect(newestTimes(db, ['nobody'], { last: 1 })).toBeUndefined()
    db.close()
  })

  it('are each found once, where the look goes back beyond the first year', async () => {
    const times = ['0000-01-01T00:00:00Z', '2025-12-31T00:00:01Z', '+02026-01-02T00:00:01Z']
    const rows = times.map((finishedAt, i) => ({
      ...{ runId: `run_${i}`, exportName: 'orders', finishedAt },
    }))
    const db = await databaseOf(rows)
    const found = newestTimes(db, undefined, { last: 2 })
      ?.map(({ row }) => Number(row))
      .sort()
    expect(found).toEqual([1, 2, 3])
    expect(selectRows(db, { last: 2 }).map(({ runId }) => runId)).toEqual(['run_1', 'run_2'])
    db.close()
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

describe('the rows whose run_id begins so', () => {
  const character = fc.constantFrom(
    'a',
    'b',
    '_',
    '1',
    'é',
    '\ud7ff',
    '\ue000',
    '\u{1f600}',
    '\u{10ffff}',
  )
  const name = fc.array(character, { minLength: 1, maxLength: 4 }).map((all) => all.join(''))

  it('are the same as by looking at each run_id, in any encoding', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<Schema>('rivet', 'in UTF-16'),
        fc.uniqueArray(name, { maxLength: 20 }),
        fc.array(name, { minLength: 4, maxLength: 4 }),
        async (schema, names, beginnings) => {
          const at = '2026-01-01T00:00:00Z'
          const rows = names.map((runId) => ({ runId, exportName: 'orders', finishedAt: at }))
          const db = await databaseOf(rows, schema)
          try {
            const every = rowsBeginning(db, '').map(({ runId }) => runId)
            expect(every).toHaveLength(names.length)
            for (const beginning of beginnings) {
              const begun = every.filter((runId) => runId?.startsWith(beginning))
              const found = rowsBeginning(db, beginning).map(({ runId }) => runId)
              if (schema === 'rivet') expect(found).toEqual(begun)
              expect(found.filter((runId) => runId?.startsWith(beginning))).toEqual(begun)
            }
          } finally {
            db.close()
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})
