/** Journals that a backend may stumble over, each with its title. */
import { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp } from '../../src/journal/timestamp.js'
import {
  at,
  completed,
  failed,
  journalOf,
  journalOfEvents,
  MS,
  plan,
  runCompleted,
  started,
  warning,
} from '../journal/example-journals.js'

const I64_MAX = 2n ** 63n - 1n
const U64_MAX = 2n ** 64n - 1n

const CONTROLS = Array.from({ length: 32 }, (_, code) => String.fromCodePoint(code)).join('')
const EXOTIC =
  '👩‍👩‍👧‍👦 e\u0301 \u2028 \u2029 \ufeff \ufffe \ufdd0 \u{10ffff} \u0085 <&"\'\\/> ١٢ \ufffd'

/** By title. */
export const SPECIAL_JOURNALS: Readonly<Record<string, RunJournal>> = {
  'a query of 100 kB': journalOfEvents(
    plan({ base_query: `SELECT '${'🦀é€x'.repeat(10_000)}'` }),
    runCompleted('success'),
  ),
  'an error of 100 kB': journalOfEvents(
    started(0),
    failed(0, `RIVET_SOURCE_LOST: ${'ö'.repeat(50_000)}`),
    runCompleted('failed', `RIVET_SOURCE_LOST: ${'ö'.repeat(50_000)}`),
  ),
  'a run id and an export name of 5,000 bytes': journalOf([at(0, runCompleted('success'))], {
    runId: 'ü'.repeat(2500),
    exportName: '表'.repeat(1667),
  }),
  'empty texts': new RunJournal('', '', [
    at(0, plan({ base_query: '' })),
    at(1, warning('')),
    at(2, { QualityIssue: { severity: '', message: '' } }),
    at(3, failed(0, '')),
    at(4, { SchemaChanged: { added: [''], removed: ['', ''], type_changed: [['', '', '']] } }),
    at(5, runCompleted('failed', '')),
  ]),
  'NUL, controls, emoji and noncharacters': journalOf(
    [
      at(0, warning(CONTROLS)),
      at(1, warning(EXOTIC)),
      at(2, { SchemaChanged: { added: [CONTROLS], removed: [EXOTIC], type_changed: [] } }),
      at(3, started(0)),
      at(4, failed(0, `\u0000${EXOTIC}`)),
      at(5, runCompleted('failed', `${CONTROLS}${EXOTIC}`)),
    ],
    { runId: `run\u0000${EXOTIC}`, exportName: `${CONTROLS}🦀` },
  ),
  'integers at the ends of their types': journalOfEvents(
    { FileWritten: { file_name: 'a', rows: I64_MAX, bytes: U64_MAX, part_index: U64_MAX } },
    { FileWritten: { file_name: 'b', rows: -I64_MAX - 1n, bytes: 0, part_index: 2 ** 53 - 1 } },
    { RetryAttempted: { attempt: 2 ** 32 - 1, reason: '', backoff_ms: 2n ** 63n } },
    {
      ReconciliationResult: {
        source_count: -(2n ** 53n) - 1n,
        exported_rows: 2n ** 53n + 1n,
        matched: false,
      },
    },
    started(I64_MAX),
    completed(I64_MAX),
    completed(-I64_MAX - 1n),
    failed(0, 'zero', 0),
    runCompleted('success', null, 0),
  ),
  'lists without items, and nulls': journalOfEvents(
    { SchemaChanged: { added: [], removed: [], type_changed: [] } },
    completed(0),
    { Paused: null },
    { Paused: {} },
    { Paused: [] },
    { Paused: [[], {}, null, '', 0, -0.5, false] },
    'Resumed',
  ),
  'unknown members and fields everywhere': new RunJournal(
    'orders_1',
    'orders',
    [
      { ...at(0, started(0)), extra: { host: 'db1', cost: 2n ** 70n } },
      { ...at(1, completed(0)), extra: { cost: null, ['__proto__']: { a: 1 } } },
      at(2, { Warning: { context: '', message: '', hints: [{ deep: [1.5, null] }] } }),
    ],
    { schema: 7, tags: [] },
  ),
  'times that stand still, go back and leave the centuries that OTLP has': journalOf([
    at(0, warning('first')),
    at(0, started(0)),
    at(0, completed(0)),
    at(-1, started(1)),
    at(-5n * MS, completed(1)),
    at(999, started(2)),
    at(1000, completed(2)),
    { recorded_at: '-0044-03-15T12:00:00Z', event: warning('Caesar') },
    { recorded_at: '+12026-11-21T08:53:39Z', event: warning('far') },
    { recorded_at: '2500-01-01T00:00:00.000000001Z', event: completed(3) },
    { recorded_at: '2026-11-21t10:53:39.1344368571234+02:00', event: warning('spelled') },
    { recorded_at: '2016-12-31T23:59:60.5Z', event: warning('leap') },
  ]),
  'a run of twenty days ago': journalOf(daysAgo(20)),
  'a run of one entry': journalOfEvents(warning('alone')),
}

/** As many chunks, each started and completed. */
export function journalOfChunks(count: number): RunJournal {
  const entries = Array.from({ length: count }, (_, i) => [
    at(BigInt(2 * i) * MS + 7n, started(i)),
    at(BigInt(2 * i + 1) * MS + 3n, completed(i, `orders/part-${i}.parquet`)),
  ])
  return journalOf([at(0, plan()), ...entries.flat()], { runId: `orders_of_${count}_chunks` })
}

/** As many warnings. */
export function journalOfWarnings(count: number): RunJournal {
  const entries = Array.from({ length: count }, (_, i) => at(i, warning(`warning ${i}`)))
  return journalOf(entries, { runId: `orders_of_${count}_warnings` })
}

function daysAgo(days: number) {
  const then = BigInt(Date.now() - days * 86_400_000) * MS
  return [plan(), started(0), completed(0, 'a.parquet'), runCompleted('success')].map(
    (event, i) => ({ recorded_at: formatTimestamp(then + BigInt(i) * MS + 123n), event }),
  )
}
