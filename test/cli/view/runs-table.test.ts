import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runsTable } from '../../../src/cli/view/runs-table.js'
import { displayWidth } from '../../../src/cli/view/terminal-text.js'
import type { RunEvent } from '../../../src/journal/events.js'
import { stringifyJson } from '../../../src/json/lossless.js'
import type { UnjournaledRun } from '../../../src/state/unjournaled-run.js'
import { runRow, runRowJson, unjournaledRow } from '../../../src/view/run-row.js'
import { arbitraryJournal, propertyCases } from '../../journal/arbitrary-journal.js'
import { madeUp, START, shopJournal, shopJournals } from './journals.js'
import { interruptedInChunks, interruptedRun } from './unjournaled-runs.js'

const SUCCESS: RunEvent = { RunCompleted: { status: 'success', duration_ms: 1000 } }
const rows = shopJournals.map((journal) => runRow(journal))

function show(width: number, color = false): string {
  return `\n${runsTable(rows, { width, color })}`
}

describe('runsTable', () => {
  it('shows runs in 80 columns', () => {
    expect(show(80)).toBe(`
RUN ID                                        STATUS                 ROWS  FILES
orders_20261121T085339.134_11188              success             400,000     16
orders_parallel_20261121T085342.147_11188     success             400,000     20
orders_checkpoint_20261121T085343.104_11188   success             400,000     14
customers_keyset_20261121T085345.791_11188    success              60,000      9
events_full_20261121T085346.229_11188         success              49,995      1
orders_incremental_20261121T085346.673_11188  success, 1 warning  400,000      1
customers_quality_20261121T085349.610_11188   failed               60,000      1
broken_20261121T085350.049_11188              failed                    –      –
events_full_20261121T085429.154_12752         success, 1 schema…   49,995      1
chunk_boom_20261121T085433.976_12990          failed                1,750      7
chunk_slow_20261121T085437.226_13367          failed                    –      –
empty_20261121T085506.354_15050               skipped                   –      –
no room here for EXPORT, STARTED, DURATION, BYTES, CHUNKS, RETRIES, LONGEST
CHUNK; a wider terminal or --json has them
`)
  })

  it('shows everything where there is room', () => {
    expect(show(Number.POSITIVE_INFINITY)).toBe(`
RUN ID                                        EXPORT              STATUS                    STARTED               DURATION     ROWS    BYTES  FILES  CHUNKS  RETRIES  LONGEST CHUNK
orders_20261121T085339.134_11188              orders              success                   2026-11-21 08:53:39Z    2.91 s  400,000        –     16      16        0         193 ms
orders_parallel_20261121T085342.147_11188     orders_parallel     success                   2026-11-21 08:53:42Z    906 ms  400,000        –     20      20        0              –
orders_checkpoint_20261121T085343.104_11188   orders_checkpoint   success                   2026-11-21 08:53:43Z    2.61 s  400,000        –     14      14        0         197 ms
customers_keyset_20261121T085345.791_11188    customers_keyset    success                   2026-11-21 08:53:45Z    403 ms   60,000        –      9       9        0              –
events_full_20261121T085346.229_11188         events_full         success                   2026-11-21 08:53:46Z    403 ms   49,995   474 kB      1       –        0              –
orders_incremental_20261121T085346.673_11188  orders_incremental  success, 1 warning        2026-11-21 08:53:46Z    2.92 s  400,000  20.9 MB      1       –        0              –
customers_quality_20261121T085349.610_11188   customers_quality   failed                    2026-11-21 08:53:49Z    401 ms   60,000  1.36 MB      1       –        0              –
broken_20261121T085350.049_11188              broken              failed                    2026-11-21 08:53:50Z    100 ms        –        –      –       –        0              –
events_full_20261121T085429.154_12752         events_full         success, 1 schema change  2026-11-21 08:54:29Z    411 ms   49,995   532 kB      1       –        0              –
chunk_boom_20261121T085433.976_12990          chunk_boom          failed                    2026-11-21 08:54:33Z    200 ms    1,750        –      7       8        0          22 ms
chunk_slow_20261121T085437.226_13367          chunk_slow          failed                    2026-11-21 08:54:37Z    16.5 s        –        –      –       –        0              –
empty_20261121T085506.354_15050               empty               skipped                   2026-11-21 08:55:06Z    103 ms        –        –      –       –        0              –
`)
  })

  it('keeps run_ids whole from 66 columns on', () => {
    for (const { runId } of rows) expect(show(66)).toContain(`\n${runId} `)
  })

  it.each([
    [{ ReconciliationResult: { source_count: 2, exported_rows: 1, matched: false } }, 'mismatch'],
    [{ ValidationResult: { passed: false } }, 'invalid'],
    [{ QualityIssue: { severity: 'WARN', message: 'nulls' } }, '1 quality issue'],
    [{ SchemaChanged: { added: ['a'], removed: [], type_changed: [] } }, '1 schema change'],
    [{ Warning: { context: 'pg', message: 'slow' } }, '1 warning'],
    [{ PlanWarning: { rule: 'r', message: 'm' } }, '1 warning'],
    [{ ChunkFailed: { chunk_index: 0, error: 'e', attempt: 1 } }, '1 chunk failure'],
  ] satisfies [RunEvent, string][])(
    'does not call a run all well that has %j',
    (event, concern) => {
      const row = runRow(
        madeUp([
          [0, event],
          [1000, SUCCESS],
        ]),
      )
      expect(runsTable([row], { width: 160, color: false })).toContain(`success, ${concern}`)
      const good = runRow(madeUp([[1000, SUCCESS]]))
      expect(runsTable([good], { width: 120, color: true })).toContain(
        '\u001b[32msuccess\u001b[39m',
      )
      expect(runsTable([row], { width: 120, color: true })).toContain('\u001b[33msuccess, ')
    },
  )

  it('names the worst concern and counts the others', () => {
    const row = runRow(
      madeUp([
        [0, { Warning: { context: 'pg', message: 'slow' } }],
        [1, { ReconciliationResult: { source_count: 2, exported_rows: 1, matched: false } }],
        [1000, SUCCESS],
      ]),
    )
    expect(row.concerns).toEqual(['mismatch', '1 warning'])
    expect(runsTable([row], { width: 120, color: false })).toContain('success, mismatch +1')
  })

  it('shows a run without an end, and one without entries, as unknown', () => {
    const [, line = ''] = runsTable([runRow(madeUp([]))], { width: 200, color: false }).split('\n')
    expect(line.split(/ {2,}/)).toEqual([
      'made_up_1',
      'made_up',
      '–',
      '–',
      '–',
      '–',
      '–',
      '–',
      '–',
      '0',
      '–',
    ])
  })

  it('starts a run at its end less its duration where all entries came at the end', () => {
    const row = runRow(
      madeUp([[74_000, { RunCompleted: { status: 'success', duration_ms: 74_000 } }]]),
    )
    expect(runsTable([row], { width: 200, color: false })).toContain('2026-11-21 08:00:00Z')
  })

  it('spells out what a terminal would obey', () => {
    const hostile = madeUp(
      [[0, { RunCompleted: { status: '\u001b[32msuccess', duration_ms: 1 } }]],
      'id\u001b[2J\n日本',
      'ex\u202eport',
    )
    expect(
      runsTable([runRow(hostile)], { width: 120, color: false }),
    ).toBe(`RUN ID           STATUS           STARTED               DURATION  ROWS  BYTES  FILES  CHUNKS  RETRIES  LONGEST CHUNK
id\\x1b[2J\\n日本  \\x1b[32msuccess  2026-11-21 07:59:59Z      1 ms     –      –      –       –        0              –
no room here for EXPORT; a wider terminal or --json has them
`)
  })

  it('says the same with colours and without', () => {
    for (const width of [60, 80, 120, 200])
      expect(stripVTControlCharacters(show(width, true))).toBe(show(width))
  })

  it('passes no width from 20 on, whatever the runs hold', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryJournal({ maxLength: 10 }), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 20, max: 200 }),
        (journals, width) => {
          for (const line of runsTable(
            journals.map((journal) => runRow(journal)),
            { width, color: false },
          ).split('\n')) {
            expect(displayWidth(line)).toBeLessThanOrEqual(width)
            expect(line).toBe(line.trimEnd())
          }
        },
      ),
      { numRuns: propertyCases(100) },
    )
  }, 30_000)
})

describe('runs of several namespaces', () => {
  it('have a column for it, only where one has a namespace', () => {
    const [journal] = shopJournals
    if (journal === undefined) throw new Error('no journal')
    const plain = { width: 200, color: false }
    const both = [runRow(journal), runRow(journal, 'eu\u001b[31m')]
    expect(runsTable(both, plain)).toMatch(/RUN ID +NAMESPACE +EXPORT/)
    expect(runsTable(both, plain)).not.toContain('\u001b')
    expect(runsTable([runRow(journal)], plain)).not.toContain('NAMESPACE')
  })
})

describe('unjournaledRow', () => {
  const bare = {
    hasJournal: false,
    durationMs: undefined,
    rows: undefined,
    files: undefined,
    bytes: undefined,
    chunks: undefined,
    retries: undefined,
    longestChunkMs: undefined,
  }

  it('says what is known of a run that was killed, and no duration', () => {
    expect(unjournaledRow(interruptedRun())).toMatchObject({
      ...bare,
      runId: 'slow_1',
      status: 'interrupted',
      concerns: [],
      startUnixNano: START,
    })
    expect(unjournaledRow(interruptedInChunks())).toMatchObject({
      ...{ status: 'interrupted', concerns: ['1 chunk failure'], durationMs: undefined },
      ...{ rows: 500, files: 2, bytes: 3000, chunks: 4 },
    })
  })

  it('counts rows of the chunks where no files are known, and bytes only where all are', () => {
    expect(unjournaledRow(interruptedInChunks({ files: [] }))).toMatchObject({
      ...{ rows: 500, files: 2, bytes: undefined },
    })
    const files = [
      { fileName: 'a', rows: 1, bytes: 2n ** 63n },
      { fileName: 'b', rows: 2 },
    ]
    expect(unjournaledRow(interruptedRun({ files }))).toMatchObject({
      ...{ rows: 3, files: 2, bytes: undefined },
    })
  })

  it('has the duration of a run that ended by itself, and the concern that its journal is not there', () => {
    const run = interruptedRun({ state: 'unrecorded', status: 'success' })
    expect(unjournaledRow(run)).toMatchObject({
      ...{ status: 'success', concerns: ['no journal'], durationMs: 60_000 },
    })
    const backwards = interruptedRun({
      ...{ state: 'unrecorded', status: 'success', endedUnixNano: START - 1n },
    })
    expect(unjournaledRow(backwards).durationMs).toBeUndefined()
  })

  it('is as loud as a failure in the table, and calm while it runs; words say the same', () => {
    const row = (state: UnjournaledRun['state']) =>
      unjournaledRow(interruptedRun({ state, status: state === 'unrecorded' ? 'failed' : state }))
    const painted = (state: UnjournaledRun['state']) =>
      runsTable([row(state)], { width: 160, color: true })
    expect(painted('interrupted')).toContain('\u001b[31minterrupted\u001b[39m')
    expect(painted('running')).toContain('\u001b[2mrunning\u001b[22m')
    expect(painted('unrecorded')).toContain('\u001b[31mfailed\u001b[39m')
    expect(stripVTControlCharacters(painted('running'))).toBe(
      runsTable([row('running')], { width: 160, color: false }),
    )
  })

  it('has the members of every other row as JSON', () => {
    const json = runRowJson(unjournaledRow(interruptedRun()))
    expect(Object.keys(json)).toEqual(Object.keys(runRowJson(runRow(shopJournal('orders_2026')))))
    expect(json).toMatchObject({ journal: false, duration_ms: null, rows: null, retries: null })
  })
})

describe('runRowJson', () => {
  it('has everything, with units in the names and null for unknown', () => {
    expect(runRowJson(runRow(shopJournal('orders_20261121')))).toEqual({
      run_id: 'orders_20261121T085339.134_11188',
      journal: true,
      namespace: null,
      export_name: 'orders',
      status: 'success',
      concerns: [],
      started_at: '2026-11-21T08:53:39.134436857Z',
      duration_ms: 2912,
      rows: 400_000,
      bytes: null,
      files: 16,
      chunks: 16,
      retries: 0,
      longest_chunk_ms: 193,
    })
  })

  it('keeps integers beyond 2^53 exact', () => {
    const row = runRow(
      madeUp([
        [
          0,
          {
            FileWritten: {
              file_name: 'a',
              rows: 2n ** 63n - 1n,
              bytes: 2n ** 64n - 1n,
              part_index: 0,
            },
          },
        ],
        [1, { FileWritten: { file_name: 'b', rows: 1, bytes: 1, part_index: 1 } }],
      ]),
    )
    expect(stringifyJson(runRowJson(row))).toContain(
      '"rows":9223372036854775808,"bytes":18446744073709551616,"files":2',
    )
  })
})
