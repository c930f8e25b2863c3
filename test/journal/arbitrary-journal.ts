/** Random journals: every kind of event, any Unicode, 64-bit extremes, unknown kinds and fields. */
import fc from 'fast-check'
import { journalFromJson } from '../../src/journal/codec.js'
import { EVENT_FIELDS } from '../../src/journal/events.js'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp } from '../../src/journal/timestamp.js'
import type { JsonObject, JsonValue } from '../../src/json/lossless.js'

const I64_MIN = -(2n ** 63n)
const I64_MAX = 2n ** 63n - 1n
const U64_MAX = 2n ** 64n - 1n

const text = fc.oneof(
  { weight: 8, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 30 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '\u0000',
      '🦀'.repeat(700),
      `${'x'.repeat(2047)}é`,
      'é'.repeat(3000),
      '__proto__',
    ),
  },
)
const exact = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value
const integerBetween = (min: bigint, max: bigint) =>
  fc
    .oneof(
      { weight: 4, arbitrary: fc.bigInt({ min: min < -9n ? -9n : min, max: 30n }) },
      { weight: 2, arbitrary: fc.bigInt({ min, max }) },
      { weight: 1, arbitrary: fc.constantFrom(min, max, 2n ** 53n > max ? max : 2n ** 53n) },
    )
    .map(exact)
const i64 = integerBetween(I64_MIN, I64_MAX)
const u64 = integerBetween(0n, U64_MAX)
const u32 = integerBetween(0n, 2n ** 32n - 1n)
const chunkIndex = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 0, max: 4 }) },
  { weight: 1, arbitrary: i64 },
)

/** Any JSON value that is one and the same before and after it was written. */
export const arbitraryJson: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    text,
    i64,
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((n) => (Number.isInteger(n) && !Number.isSafeInteger(n) ? 0.5 : n + 0)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3 }),
  ),
})).value as fc.Arbitrary<JsonValue>

/** Sometimes some members that no version knows. */
const unknownMembers = fc.oneof(
  { weight: 9, arbitrary: fc.constant<JsonObject>({}) },
  {
    weight: 1,
    arbitrary: fc.dictionary(
      fc.oneof(text, fc.constantFrom('cost', '__proto__', 'toString')),
      arbitraryJson,
      { minKeys: 1, maxKeys: 3 },
    ) as fc.Arbitrary<JsonObject>,
  },
)

const fields: Record<keyof typeof EVENT_FIELDS, fc.Arbitrary<Record<string, unknown>>> = {
  PlanResolved: fc.record(
    {
      export_name: text,
      base_query: text,
      strategy: text,
      format: text,
      compression: text,
      destination_type: text,
      tuning_profile: text,
      batch_size: u64,
      validate: fc.boolean(),
      reconcile: fc.boolean(),
      resume: fc.boolean(),
      chunk_key: fc.option(text),
      resumable: fc.boolean(),
      row_hash: fc.option(fc.dictionary(text, arbitraryJson, { maxKeys: 3 })),
    },
    {
      requiredKeys: [
        'export_name',
        'base_query',
        'strategy',
        'format',
        'compression',
        'destination_type',
        'tuning_profile',
        'batch_size',
        'validate',
        'reconcile',
        'resume',
      ],
    },
  ),
  PlanWarning: fc.record({ rule: text, message: text }),
  FileWritten: fc.record({ file_name: text, rows: i64, bytes: u64, part_index: u64 }),
  ChunkStarted: fc.record({ chunk_index: chunkIndex, start_key: text, end_key: text }),
  ChunkCompleted: fc.record(
    { chunk_index: chunkIndex, rows: i64, file_name: fc.option(text) },
    { requiredKeys: ['chunk_index', 'rows'] },
  ),
  ChunkFailed: fc.record({ chunk_index: chunkIndex, error: text, attempt: i64 }),
  RetryAttempted: fc.record({ attempt: u32, reason: text, backoff_ms: u64 }),
  QualityIssue: fc.record({
    severity: fc.oneof(fc.constantFrom('FAIL', 'WARN'), text),
    message: text,
  }),
  SchemaChanged: fc.record({
    added: fc.array(text, { maxLength: 3 }),
    removed: fc.array(text, { maxLength: 3 }),
    type_changed: fc.array(fc.tuple(text, text, text), { maxLength: 3 }),
  }),
  Warning: fc.record({ context: text, message: text }),
  ParallelismAdjusted: fc.record({ from: u64, to: u64, reason: text }),
  ValidationResult: fc.record({ passed: fc.boolean() }),
  ReconciliationResult: fc.record({ source_count: i64, exported_rows: i64, matched: fc.boolean() }),
  RunCompleted: fc.record(
    {
      status: fc.oneof(fc.constantFrom('success', 'failed', 'skipped'), text),
      error_message: fc.option(text),
      duration_ms: i64,
    },
    { requiredKeys: ['status', 'duration_ms'] },
  ),
}

const knownEvents = Object.entries(fields).map(([kind, arbitrary]) => ({
  weight: kind.startsWith('Chunk') ? 4 : 1,
  arbitrary: fc
    .tuple(arbitrary, unknownMembers)
    .map(([known, unknown]) => ({ [kind]: { ...unknown, ...known } })),
}))
const unknownKind = fc
  .oneof(text, fc.constantFrom('Paused', 'toString', '__proto__'))
  .filter((name) => !Object.hasOwn(EVENT_FIELDS, name))
const unknownEvent = fc.oneof(
  unknownKind,
  fc.tuple(unknownKind, arbitraryJson).map(([kind, payload]) => ({ [kind]: payload })),
)
const event = fc.oneof(...knownEvents, {
  weight: 2,
  arbitrary: unknownEvent,
}) as fc.Arbitrary<JsonValue>

const NOW = 1_795_251_219_134_436_857n
const unixNano = fc.oneof(
  { weight: 10, arbitrary: fc.bigInt({ min: NOW, max: NOW + 5_000_000_000n }) },
  { weight: 4, arbitrary: fc.bigInt({ min: NOW, max: NOW + 3n }) },
  {
    weight: 1,
    arbitrary: fc.bigInt({ min: -62_000_000_000n * 10n ** 9n, max: 250_000_000_000n * 10n ** 9n }),
  },
)
const recordedAt = fc.oneof(
  { weight: 12, arbitrary: unixNano.map(formatTimestamp) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '2026-11-21T08:53:39.1Z',
      '2026-11-21t08:53:39z',
      '2026-11-21T10:53:39.134436857+02:00',
      '2016-12-31T23:59:60.5Z',
      '2026-11-21 08:53:39.000000000Z',
      '2026-11-21T08:53:39.1344368571234-05:30',
      '+12026-11-21T08:53:39Z',
      '-0044-03-15T12:00:00Z',
      '1969-12-31T23:59:59.999999999Z',
      '2100-01-01T00:00:00Z',
      '1970-01-01T00:00:00Z',
    ),
  },
)

const entry = fc
  .tuple(recordedAt, event, unknownMembers)
  .map(([recorded_at, event, unknown]) => ({ ...unknown, recorded_at, event }))

/**
 * A random journal; `maxLength` is the largest number of entries.
 *
 * It is built from JSON, so that it is a journal which the reader accepts.
 */
export function arbitraryJournal({ minLength = 1, maxLength = 50 } = {}): fc.Arbitrary<RunJournal> {
  return fc
    .tuple(text, text, fc.array(entry, { minLength, maxLength, size: 'max' }), unknownMembers)
    .map(([run_id, export_name, entries, unknown]) =>
      journalFromJson({ ...unknown, run_id, export_name, entries } as JsonValue),
    )
}

/** How many cases a property runs: `RIVET_OTEL_PROPERTY_CASES`, else this few. */
export function propertyCases(few: number): number {
  return Number(process.env.RIVET_OTEL_PROPERTY_CASES ?? few)
}
