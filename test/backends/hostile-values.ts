/**
 * Values that a backend may cut, round or lose, for each field of a journal: sent plainly, as one
 * value of OTLP, and in journals.
 */
import {
  EVENT_FIELDS,
  type EventKind,
  fieldsOf as fieldsOfEvent,
  kindOf,
  type RunEvent,
} from '../../src/journal/events.js'
import { type FieldType, isOfType } from '../../src/journal/field-types.js'
import { type JournalEntry, RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp, readTimestamp } from '../../src/journal/timestamp.js'
import { isJsonObject, isList, type JsonObject, type JsonValue } from '../../src/json/lossless.js'
import { FIELDS } from '../../src/mapping/fields.js'
import type { AttributeValue } from '../../src/trace/trace.js'
import {
  at,
  EVERY_KIND,
  journalOf,
  journalOfEvents,
  MS,
  T0,
  warning,
} from '../journal/example-journals.js'

/** How the mapping brings a value back that a backend, or OTLP itself, cannot hold as it is. */
export type Means = 'parts' | 'decimal' | 'absent' | 'list' | 'json' | 'nanos' | 'time'

/** A value as it would be sent by somebody who does not know the mapping. */
export interface PlainValue {
  /** `undefined` where OTLP has no way to say it. */
  readonly value: PlainContent | undefined
  /** What the mapping does about it. */
  readonly means: readonly Means[]
}

/** The value of an attribute, or a time of a span and of an event. */
export type PlainContent = { readonly attribute: AttributeValue } | { readonly unixNano: bigint }

/** A field with its hostile values. */
export interface HostileField {
  /** As the table has it: `Kind.field`, or the name of a member outside of events. */
  readonly name: string
  /** The attribute that it rides in; of a time, the one beside which it is carried. */
  readonly attribute: string
  readonly plain: readonly PlainValue[]
  /** Journals that hold every one of the values in this field. */
  readonly journals: readonly RunJournal[]
}

const I64_MAX = 2n ** 63n - 1n
const U64_MAX = 2n ** 64n - 1n
const TEXTS = [
  '',
  'x'.repeat(10_000),
  'é🦀€'.repeat(1112),
  'a\u0000b',
  '👩‍👩‍👧‍👦 🦀 e\u0301',
  '\ud7ff\ue000\ufdd0\ufffe\uffff\u{10ffff}',
  '<&"\'\\/>\t\r\n\u2028 \u0085 \ufeff',
  '9007199254740993',
  'true',
]
const INTEGERS = [0, -1, 2 ** 53 - 1, 2n ** 53n + 1n, I64_MAX, -I64_MAX - 1n, 2n ** 63n, U64_MAX]
const LISTS = [[], [''], ['a\u0000b', '🦀'], ['x'.repeat(10_000)]]
const TRIPLES = [[['', '', '']], [['id', 'int4', 'x'.repeat(10_000)]]]
const OBJECTS = [
  {},
  { text: 'x'.repeat(10_000), none: null, list: [], deep: [{ a: [1, 'a\u0000b', true] }] },
  { small: -I64_MAX - 1n, large: I64_MAX, beyond: U64_MAX, half: 0.5 },
]
const CANDIDATES: readonly JsonValue[] = [
  ...[...TEXTS, ...INTEGERS, true, false, null],
  ...[...LISTS, ...TRIPLES, ...OBJECTS],
]
/** What a newer rivet may write. */
const ANYTHING: readonly JsonValue[] = [
  ...[...TEXTS, ...INTEGERS, 0.5, true, null],
  ...[...LISTS, ...OBJECTS],
]

/** Every field there is: those of the journal, of its entries, and of each kind of event. */
export function hostileFields(): HostileField[] {
  return [
    ...membersOfJournal(),
    ...timesOfEntries(),
    ...Object.keys(EVENT_FIELDS).flatMap((kind) => fieldsOf(kind as EventKind)),
    ...unknownThings(),
  ]
}

function membersOfJournal(): HostileField[] {
  const entries = [at(0, warning(''))]
  const plain = TEXTS.map((text) => plainOf(text))
  return [
    {
      name: 'run_id',
      attribute: 'rivet.run.id',
      plain,
      journals: TEXTS.map((runId) => journalOf(entries, { runId })),
    },
    {
      name: 'export_name',
      attribute: 'rivet.export.name',
      plain,
      journals: TEXTS.map((exportName, i) =>
        journalOf(entries, { runId: `export_name ${i}`, exportName }),
      ),
    },
  ]
}

function timesOfEntries(): HostileField[] {
  const nanos = [0n, 1n, 999n, 1000n, 563_143n].map((more) => formatTimestamp(T0 + more))
  const others = [
    '2026-11-21T08:53:39.1Z',
    '2026-11-21t10:53:39.1344368571234+02:00',
    '2016-12-31T23:59:60.5Z',
    '1969-12-31T23:59:59.999999999Z',
    '2500-01-01T00:00:00.000000001Z',
    '+12026-11-21T08:53:39Z',
    '-0044-03-15T12:00:00Z',
  ]
  return [
    timeField('recorded_at, to the nanosecond', nanos, 'nanos'),
    timeField('recorded_at, of any year and spelling', others, 'time'),
  ]
}

function timeField(name: string, texts: readonly string[], means: Means): HostileField {
  const chunks = EVERY_KIND.filter((event) => kindOf(event).startsWith('Chunk'))
  const entries = texts.flatMap((recorded_at): JournalEntry[] =>
    [warning(''), ...chunks].map((event) => ({ recorded_at, event })),
  )
  return {
    name,
    attribute: `rivet.entry.${means}`,
    plain: texts.map((text) => ({ value: plainTime(text), means: [means] })),
    journals: [journalOf([at(0, warning('')), ...entries], { runId: name })],
  }
}

/** `undefined` for a text that is not the one way in which OTLP's nanoseconds can be read back. */
function plainTime(text: string): PlainContent | undefined {
  const unixNano = readTimestamp(text)?.unixNano
  const isSayable = unixNano !== undefined && unixNano >= 0n && unixNano < 2n ** 64n - 1n
  return isSayable && formatTimestamp(unixNano) === text ? { unixNano } : undefined
}

function fieldsOf(kind: EventKind): HostileField[] {
  const types: Record<string, FieldType<unknown>> = EVENT_FIELDS[kind]
  return Object.entries(types).map(([field, type]) => {
    const values = CANDIDATES.filter((value) => isOfType(value, type))
    // An end of a chunk rides on its span, a further end is an event: each value in both places.
    const events = values.flatMap((value) => [
      eventWith(kind, field, value),
      eventWith(kind, field, value),
    ])
    const name = `${kind}.${field}`
    return {
      name,
      attribute: FIELDS[kind].find((each) => each.name === field)?.attribute ?? '',
      plain: values.map((value) => plainOf(value)),
      journals: [journalOf(oneByOne(events), { runId: name })],
    }
  })
}

function eventWith(kind: EventKind, field: string, value: JsonValue): RunEvent {
  const example = EVERY_KIND.find((event) => kindOf(event) === kind)
  if (example === undefined) throw new Error(`no example of a ${kind}`)
  return { [kind]: { ...(fieldsOfEvent(example, kind) as JsonObject), [field]: value } }
}

function oneByOne(events: readonly RunEvent[]): JournalEntry[] {
  return events.map((event, i) => at(BigInt(i) * MS, event))
}

function unknownThings(): HostileField[] {
  const values = ANYTHING
  const objects = values.map((value): JsonObject => ({ later: value }))
  const plain = objects.map((object) => plainOf(object))
  const runId = (what: string) => ({ runId: what })
  return [
    {
      name: 'a field that version 1 does not know',
      attribute: 'rivet.entry.unknown_fields',
      plain,
      journals: [
        journalOf(
          oneByOne(objects.map((object) => ({ ValidationResult: { passed: true, ...object } }))),
          runId('unknown fields'),
        ),
      ],
    },
    {
      name: 'an event that version 1 does not know',
      attribute: 'rivet.entry.json',
      plain: values.map((value) => plainOf(value, 'json')),
      journals: [
        journalOf(oneByOne(values.map((value) => ({ Later: value }))), runId('unknown events')),
      ],
    },
    {
      name: 'a member of an entry that version 1 does not know',
      attribute: 'rivet.entry.unknown_members',
      plain,
      journals: [
        journalOf(
          objects.map((extra, i) => ({ ...at(i, warning('')), extra })),
          runId('unknown members of entries'),
        ),
      ],
    },
    {
      name: 'a member of the journal that version 1 does not know',
      attribute: 'rivet.journal.unknown_members',
      plain,
      journals: objects.map(
        (extra, i) =>
          new RunJournal(`unknown members ${i}`, '', journalOfEvents(warning('')).entries, extra),
      ),
    },
  ]
}

function plainOf(value: JsonValue, as?: 'json'): PlainValue {
  const means = new Set<Means>(as === undefined ? [] : [as])
  if (value === null) means.add(as ?? 'absent')
  else if (isJsonObject(value) || (isList(value) && value.some((each) => isList(each))))
    means.add('json')
  else if (isList(value)) means.add(as ?? 'list')
  else if (typeof value === 'bigint' && as === undefined) means.add('decimal')
  else if (typeof value === 'string' && as === undefined) means.add('parts')
  const attribute = sayable(value)
  return { value: attribute === undefined ? undefined : { attribute }, means: [...means] }
}

/** The value as one of OTLP's; `undefined` where an integer in it passes i64. */
function sayable(value: JsonValue): AttributeValue | undefined {
  if (typeof value === 'bigint') return value > I64_MAX ? undefined : value
  if (isList(value)) {
    const items = value.map(sayable)
    return items.some((item) => item === undefined) ? undefined : (items as AttributeValue[])
  }
  if (!isJsonObject(value)) return value
  const members = Object.entries(value).map(([name, inner]) => [name, sayable(inner)] as const)
  return members.some(([, inner]) => inner === undefined)
    ? undefined
    : (Object.fromEntries(members) as { readonly [key: string]: AttributeValue })
}
