import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ShowOptions } from '../../../src/cli/view/section-look.js'
import { showFragment, showRun } from '../../../src/cli/view/show.js'
import { displayWidth } from '../../../src/cli/view/terminal-text.js'
import type { RunEvent } from '../../../src/journal/events.js'
import type { RunJournal } from '../../../src/journal/run-journal.js'
import type { BrokenRun } from '../../../src/mapping/imported-run.js'
import { arbitraryJournal, propertyCases } from '../../journal/arbitrary-journal.js'
import { chunkedRun, madeUp, PLAN, shopJournal, shopJournals } from './journals.js'

const SUCCESS: RunEvent = { RunCompleted: { status: 'success', duration_ms: 1000 } }

function show(journal: RunJournal, options: Partial<ShowOptions> = {}): string {
  return `\n${showRun(journal, { width: 80, color: false, ...options })}`
}

/** The lines of one section, without its heading. */
function section(text: string, heading: string): string {
  const [, lines = ''] = text.split(`\n${heading}\n`)
  return lines.split(/\n(?:Planned|Happened|Degraded|Outcome)\n/)[0] ?? ''
}

function broken(fragment: RunJournal, parts: Partial<BrokenRun> = {}): BrokenRun {
  return {
    runId: fragment.run_id,
    exportName: fragment.export_name,
    namespace: '',
    revision: 0,
    traceIds: [],
    otherRevisions: [],
    status: 'incomplete',
    reasons: ['entries 1 to 4 are missing'],
    fragment,
    ...parts,
  }
}

describe('showRun', () => {
  it('answers the four questions about a run that went well', () => {
    expect(show(shopJournal('orders_20261121'))).toBe(`
orders_20261121T085339.134_11188
success · export orders · started 2026-11-21 08:53:39Z

Planned
  strategy       chunked, by id
  format         parquet, compression zstd
  destination    local
  tuning         balanced (default), batches of 10,000 rows
  checks         validate, reconcile
  resume         no, cannot be resumed
  query          SELECT * FROM orders

Happened
  rows           400,000
  files          16
  bytes          –
  chunks         16, the longest 193 ms
  retries        0

  CHUNK  KEYS             0         1.50 s     3.00 s  DURATION    ROWS
      0  1 – 25000        █▉                             177 ms  25,000
      1  25001 – 50000     ▐█▌                           174 ms  25,000
      2  50001 – 75000       ▐█▎                         193 ms  25,000  longest
      3  75001 – 100000        █▉                        181 ms  25,000
      4  100001 – 125000        ▐█▍                      173 ms  25,000
      5  125001 – 150000          ██                     171 ms  25,000
      6  150001 – 175000            █▋                   174 ms  25,000
      7  175001 – 200000             ▐█▎                 178 ms  25,000
      8  200001 – 225000               █▊                167 ms  25,000
      9  225001 – 250000                ▐█▍              186 ms  25,000
     10  250001 – 275000                  ▐█             170 ms  25,000
     11  275001 – 300000                    █▋           174 ms  25,000
     12  300001 – 325000                     ▐█▏         170 ms  25,000
     13  325001 – 350000                       █▊        174 ms  25,000
     14  350001 – 375000                        ▐█▎      169 ms  25,000
     15  375001 – 400000                          █▊     167 ms  25,000

  FILE                                                      ROWS
  orders_20261121_085339_chunk0_8654b389770afbf3.parquet  25,000
  orders_20261121_085339_chunk1_3d93115fae1d0160.parquet  25,000
  orders_20261121_085339_chunk2_95049a86f2a400d9.parquet  25,000
  orders_20261121_085339_chunk3_0c611cef8f99f6d2.parquet  25,000
  orders_20261121_085340_chunk4_b2b4738593c04262.parquet  25,000
  orders_20261121_085340_chunk5_bb68fe9f29594081.parquet  25,000
  orders_20261121_085340_chunk6_ae3c7dac10075923.parquet  25,000
  orders_20261121_085340_chunk7_a7d8fea76065680f.parquet  25,000
  orders_20261121_085340_chunk8_01aa49bfd8f1b5b1.parquet  25,000
  orders_20261121_085340_chunk9_f84081cbf546eedf.parquet  25,000
  … 6 more files; --files lists all

Degraded
  nothing degraded

Outcome
  status         success
  ended          2026-11-21 08:53:42Z, after 2.91 s
  validation     passed
  reconciled     yes, 400,000 rows
`)
  })

  it('shows a run that failed by its quality rules, with the whole of its error', () => {
    expect(show(shopJournal('customers_quality'))).toBe(`
customers_quality_20261121T085349.610_11188
failed · export customers_quality · started 2026-11-21 08:53:49Z

Planned
  strategy       full
  format         parquet, compression zstd
  destination    local
  tuning         balanced (default), batches of 10,000 rows
  checks         validate, reconcile
  resume         no, cannot be resumed
  query          SELECT id, email, name, CASE WHEN length(name) < 9 THEN NULL
                 ELSE name END AS nick FROM customers
  warning        quality-unique-no-cap: export 'customers_quality':
                 unique_columns is configured without unique_max_entries —
                 uniqueness tracking can grow unbounded on high-cardinality
                 columns. Set unique_max_entries to cap memory usage (e.g.
                 unique_max_entries: 1000000).

Happened
  rows           60,000
  files          1
  bytes          1.36 MB
  retries        0

  FILE                                                             ROWS    BYTES
  customers_quality_20261121_085…11188_65fcf62bd69048e5.parquet  60,000  1.36 MB

Degraded
  quality        FAIL: row_count 60000 exceeds maximum 1000
  quality        FAIL: column 'nick': null ratio 0.0167 exceeds threshold 0.0100
  warning        1 warning of the plan, see Planned

Outcome
  status         failed
  ended          2026-11-21 08:53:50Z, after 401 ms
  validation     passed
  error          export 'customers_quality': 2 quality check(s) failed:
                   - row_count 60000 exceeds maximum 1000
                   - column 'nick': null ratio 0.0167 exceeds threshold 0.0100
                   Fix the source data, or adjust the thresholds under
                   \`quality:\` in your config.
`)
  })

  it('shows the chunk that failed, and why', () => {
    expect(show(shopJournal('chunk_boom'))).toBe(`
chunk_boom_20261121T085433.976_12990
failed · export chunk_boom · started 2026-11-21 08:54:33Z

Planned
  strategy       chunked, by id
  format         csv, compression none
  destination    local
  tuning         balanced (default), batches of 10,000 rows
  checks         none
  resume         no, can be resumed
  query          SELECT id, 100/(id-1500) AS q FROM slowt

Happened
  rows           1,750
  files          7
  bytes          –
  chunks         8, the longest 22 ms
  retries        0

  CHUNK  KEYS         0            102 ms       205 ms  DURATION  ROWS
      0  1 – 250           ▐██▏                            16 ms   250
      1  251 – 500            █                             3 ms   250
      2  501 – 750             █                            5 ms   250
      3  751 – 1000             ▉                           3 ms   250
      4  1001 – 1250             █▎                         7 ms   250
      5  1251 – 1500              ▐                         3 ms        ✗ failed
      6  1501 – 1750               ███▋                    22 ms   250  longest
      7  1751 – 2000                   ▊                    5 ms   250

  FILE                                                    ROWS
  chunk_boom_20261121_085434_chunk0_1001326f13970edc.csv   250
  chunk_boom_20261121_085434_chunk1_8880023f645a3187.csv   250
  chunk_boom_20261121_085434_chunk2_6f1b420d85431214.csv   250
  chunk_boom_20261121_085434_chunk3_fbf079aabe37369c.csv   250
  chunk_boom_20261121_085434_chunk4_c089099e33f1a114.csv   250
  chunk_boom_20261121_085434_chunk6_8858a40d7050383f.csv   250
  chunk_boom_20261121_085434_chunk7_852b4dae5a6d8e83.csv   250

Degraded
  chunk 5        attempt 1: db error: ERROR: division by zero

Outcome
  status         failed
  ended          2026-11-21 08:54:34Z, after 200 ms
  error          1 chunk task(s) of export 'chunk_boom' not completed; fix the
                 cause, then \`rivet run --config edge.yaml --export chunk_boom
                 --resume\`, or inspect \`rivet state chunks --config edge.yaml
                 --export chunk_boom\`: export 'chunk_boom': chunk checkpoint
                 errors:
                 chunk 5: db error: ERROR: division by zero
`)
  })

  it('shows how the columns of the table changed', () => {
    expect(
      section(show(shopJournal('events_full_20261121T085429')), 'Degraded'),
    ).toBe(`  schema         added region (Utf8)
  schema         removed kind
  schema         changed at: Timestamp(Microsecond, Some("UTC")) → Utf8
`)
  })

  it('does not call a run all well whose plan raised a warning', () => {
    const text = show(shopJournal('orders_incremental'))
    expect(section(text, 'Planned')).toContain(
      '  warning        incremental-reconcile-mismatch: export',
    )
    expect(section(text, 'Degraded')).toBe('  warning        1 warning of the plan, see Planned\n')
    expect(section(text, 'Outcome')).toBe(`  status         success, but 1 warning
  ended          2026-11-21 08:53:49Z, after 2.92 s
  validation     passed
  reconciled     planned, but no result recorded
`)
  })

  it('shows everything that a hostile journal holds, and lets none of it reach the terminal', () => {
    const journal = madeUp(
      [
        [0, PLAN],
        [
          400,
          { ChunkFailed: { chunk_index: 7, error: 'boom \u202e\u0007\nsecond line', attempt: 1 } },
        ],
        [500, { RetryAttempted: { attempt: 1, reason: 'reset\r\nby peer', backoff_ms: 500 } }],
        [
          900,
          {
            ChunkCompleted: {
              chunk_index: 7,
              rows: 2n ** 63n - 1n,
              file_name: 'file\u001b]0;title\u0007.parquet',
            },
          },
        ],
        [
          950,
          { FileWritten: { file_name: '日本語.parquet', rows: 5, bytes: 1234, part_index: 0 } },
        ],
        [950, { ParallelismAdjusted: { from: 4, to: 2, reason: 'pressure' } }],
        [960, 'Sleeping'],
        [961, { 'Gpu\u001b[2J': { n: 1 } }],
        [962, 'Sleeping'],
        [970, { Warning: { context: 'pg', message: 'e\u0301 👩‍👩‍👧‍👦' } }],
        [980, { ValidationResult: { passed: false } }],
        [985, { QualityIssue: { severity: 'WARN', message: 'nulls' } }],
        [990, { ReconciliationResult: { source_count: 1000, exported_rows: 999, matched: false } }],
        [1000, SUCCESS],
      ],
      'id\u001b[2J\n日本',
      'ex\tport',
    )
    expect(show(journal)).toBe(`
id\\x1b[2J\\n日本
success, mismatch +4 · export ex\\tport · started 2026-11-21 08:00:00Z

Planned
  strategy       chunked
  format         parquet, compression zstd
  destination    local
  tuning         balanced, batches of 10,000 rows
  checks         none
  resume         no
  query          SELECT * FROM made_up

Happened
  rows           9,223,372,036,854,775,812
  files          2
  bytes          –
  chunks         1
  retry 1        at 500 ms, backoff 500 ms: reset
                 by peer
  parallelism    4 → 2 at 950 ms: pressure
  also           2 × Sleeping
  also           1 × Gpu\\x1b[2J

  CHUNK  0             500 ms        1.00 s                       ROWS
      7               ◆                                                 ✗ failed
      7                                ◆     9,223,372,036,854,775,807  again
  ◆ its end; when it started was not recorded

  FILE                                               ROWS    BYTES
  file\\x1b]0;title\\x07.parquet  9,223,372,036,854,775,807        –
  日本語.parquet                                        5  1.23 kB

Degraded
  mismatch       the source has 1,000 rows, exported were 999, 1 too few
  validation     failed
  chunk 7        attempt 1: boom \\u202e\\x07
                 second line
  quality        WARN: nulls
  warning        pg: é 👩‍👩‍👧‍👦

Outcome
  status         success, but mismatch, invalid, 1 chunk failure, 1 quality
                 issue, 1 warning
  ended          2026-11-21 08:00:01Z, after 1.00 s
  validation     failed
  reconciled     no, 999 of 1,000 rows
`)
  })

  it('says of each empty section that it is empty', () => {
    const text = show(madeUp([]))
    expect(text).toBe(`
made_up_1
no outcome · export made_up

Planned
  no plan recorded

Happened
  rows           –
  files          –
  bytes          –
  retries        0

Degraded
  nothing degraded

Outcome
  no outcome recorded
`)
  })

  it('says which checks were planned and left no result', () => {
    expect(section(show(shopJournal('orders_incremental')), 'Outcome')).toContain(
      'reconciled     planned, but no result recorded',
    )
    expect(section(show(shopJournal('broken')), 'Outcome')).not.toContain('planned')
  })

  it('lists ten files, and all where that is asked for', () => {
    const journal = chunkedRun(1000)
    const some = section(show(journal), 'Happened')
    expect(some.match(/part_\d+\.parquet/g)).toHaveLength(10)
    expect(some).toContain('  … 990 more files; --files lists all\n')
    const all = section(show(journal, { allFiles: true }), 'Happened')
    expect(all.match(/part_\d+\.parquet/g)).toHaveLength(1000)
    expect(all).not.toContain('more files')
  })

  it('shortens long lists and counts what it leaves out', () => {
    const failed = Array.from({ length: 500 }, (_, i) => i)
    const degraded = section(show(chunkedRun(500, { failed })), 'Degraded')
    expect(degraded.match(/chunk \d+ broke/g)).toHaveLength(20)
    expect(degraded).toContain('  … 480 more failed chunks\n')
  })

  it('shortens a long query and keeps its lines', () => {
    const plan = {
      ...PLAN.PlanResolved,
      base_query: `SELECT\n  a\nFROM t\n${'-- x\n'.repeat(100)}`,
    }
    expect(section(show(madeUp([[0, { PlanResolved: plan }]])), 'Planned')).toContain(
      [
        '  query          SELECT',
        '                   a',
        '                 FROM t',
        ...Array<string>(5).fill('                 -- x'),
        '                 … 95 more lines',
      ].join('\n'),
    )
  })

  it('breaks no line in an endless width', () => {
    const text = showRun(shopJournal('chunk_boom'), {
      width: Number.POSITIVE_INFINITY,
      color: false,
    })
    expect(text).toContain(
      "  error          1 chunk task(s) of export 'chunk_boom' not completed; fix the cause, then `rivet run --config edge.yaml --export chunk_boom --resume`, or inspect `rivet state chunks --config edge.yaml --export chunk_boom`: export 'chunk_boom': chunk checkpoint errors:\n",
    )
  })

  it('says the same with colours and without', () => {
    for (const journal of shopJournals)
      expect(stripVTControlCharacters(show(journal, { color: true }))).toBe(show(journal))
  })

  it.each([60, 80, 120, 200])('keeps the real runs within %i columns', (width) => {
    for (const journal of shopJournals)
      for (const line of show(journal, { width }).split('\n'))
        expect(displayWidth(line)).toBeLessThanOrEqual(width)
  })

  it('keeps any journal within any width from 40 on, and lets none of it reach the terminal', () => {
    fc.assert(
      fc.property(
        arbitraryJournal(),
        fc.integer({ min: 40, max: 200 }),
        fc.boolean(),
        (journal, width, isFragment) => {
          const options = { width, color: false, allFiles: true }
          const text = isFragment
            ? showFragment(broken(journal, { reasons: [journal.run_id] }), options)
            : showRun(journal, options)
          for (const line of text.split('\n')) {
            expect(displayWidth(line)).toBeLessThanOrEqual(width)
            expect(line).toBe(line.trimEnd())
            expect(line).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u)
          }
        },
      ),
      { numRuns: propertyCases(100) },
    )
  })
})

describe('showFragment', () => {
  it('says on top that it is not the whole journal, and why', () => {
    const fragment = madeUp([
      [0, PLAN],
      [5, { ChunkStarted: { chunk_index: 0, start_key: '1', end_key: '1000' } }],
    ])
    const text = showFragment(broken(fragment), { width: 80, color: false })
    expect(`\n${text}`).toBe(`
NOT THE WHOLE JOURNAL: this run came back incomplete. What follows is what could
be read; its numbers are not the run's.
  - entries 1 to 4 are missing

made_up_1
incomplete · export made_up · started 2026-11-21 08:00:00Z

Planned
  strategy       chunked
  format         parquet, compression zstd
  destination    local
  tuning         balanced, batches of 10,000 rows
  checks         none
  resume         no
  query          SELECT * FROM made_up

Happened
  rows           –
  files          –
  bytes          –
  chunks         1
  retries        0

  CHUNK  KEYS      0                   3 ms                5 ms
      0  1 – 1000                                             ▸  no end recorded
  ▸ its start; when it ended was not recorded

Degraded
  nothing in the part that came back

Outcome
  no outcome came back
`)
  })

  it('never calls a fragment a success, nor says that nothing degraded', () => {
    const text = showFragment(
      broken(madeUp([[1000, SUCCESS]]), { status: 'differs', reasons: ['\u001b[2Jthe digest'] }),
      { width: 80, color: false },
    )
    expect(
      text.split('\n').slice(0, 6).join('\n'),
    ).toBe(`NOT THE WHOLE JOURNAL: this run came back other than it was sent. What follows
is what could be read; its numbers are not the run's.
  - \\x1b[2Jthe digest

made_up_1
differs · export made_up · started 2026-11-21 08:00:00Z`)
    expect(text).not.toContain('nothing degraded')
  })
})
