import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { journalFromJson, journalToJson, stringifyJournal } from '../../src/journal/codec.js'
import { journalDigest } from '../../src/journal/digest.js'
import { kindOf } from '../../src/journal/events.js'
import {
  REDACTED_FIELDS,
  type RedactedFields,
  type RedactionPolicy,
  redactorOf,
} from '../../src/journal/redaction.js'
import { redactionPattern } from '../../src/journal/redaction-pattern.js'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/json/lossless.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { encodeResourceSpansJson } from '../../src/trace/otlp-json.js'
import { encodeResourceSpansProtobuf } from '../../src/trace/otlp-protobuf.js'
import { arbitraryJournal, propertyCases } from './arbitrary-journal.js'
import { at, EVERY_KIND, journalOf, shopJournal, shopJournals } from './example-journals.js'
import { frequentEntry } from './frequent-entries.js'

const KEY = 'a key that nobody guesses'
const NAMES = Object.keys(REDACTED_FIELDS) as RedactedFields[]
const redact = (journal: RunJournal, policy: RedactionPolicy = {}) => redactorOf(policy)(journal)

const policies: fc.Arbitrary<RedactionPolicy> = fc.record(
  {
    fields: fc.subarray(NAMES),
    patterns: fc
      .subarray(['a', '\\d+', '\\p{L}{2}', '(?i)x+', '^.'])
      .map((texts) => texts.map(redactionPattern)),
    key: fc.constant(KEY),
  },
  { requiredKeys: ['fields'] },
)

/** The journal with a text of its own in each of these fields, and those texts. */
function planted(journal: RunJournal, names: readonly RedactedFields[]) {
  const wanted = new Set<string>(names.flatMap((name) => REDACTED_FIELDS[name]))
  const values: string[] = []
  const json = journalToJson(journal)
  const entries = (json.entries as readonly JsonObject[]).map((entry) => {
    const { event } = entry
    if (!isJsonObject(event)) return entry
    const [kind = ''] = Object.keys(event)
    const fields = event[kind]
    if (!isJsonObject(fields)) return entry
    const changed = Object.entries(fields).map(([name, value]) => {
      if (!wanted.has(`${kind}.${name}`) || typeof value !== 'string' || value === '')
        return [name, value]
      values.push(`plant-${values.length}-ed`)
      return [name, `${values.at(-1)}${value}`]
    })
    return { ...entry, event: { [kind]: Object.fromEntries(changed) } }
  })
  return { journal: journalFromJson({ ...json, entries } as JsonValue), values }
}

/** Every byte that leaves, in both encodings. */
function bytesOf(journal: RunJournal, redaction: string | undefined): string {
  const options = redaction === undefined ? {} : { redaction }
  return [...journalToTrace(journal, options)]
    .flatMap(({ trace }) => [
      Buffer.from(encodeResourceSpansJson(trace)).toString(),
      Buffer.from(encodeResourceSpansProtobuf(trace)).toString('latin1'),
    ])
    .join('\n')
}

function journalWith(entry: JsonObject): RunJournal {
  return journalFromJson({ run_id: 'orders_1', export_name: 'orders', entries: [entry] })
}

/** An entry with other texts in its fields. */
function mapTexts(entry: JsonObject, change: (text: string) => string): JsonObject {
  const [[kind, fields] = ['', {}]] = Object.entries(entry.event as JsonObject)
  const changed = Object.entries(fields as JsonObject).map(([name, value]) => [
    name,
    typeof value === 'string' ? change(value) : value,
  ])
  return { ...entry, event: { [kind]: Object.fromEntries(changed) } }
}

/** A value with every text in it, and every name that is not rivet's, replaced by a T. */
function shapeOf(value: JsonValue): JsonValue {
  if (typeof value === 'string') return 'T'
  if (Array.isArray(value)) return value.map(shapeOf)
  if (!isJsonObject(value)) return value
  return Object.values(value).map(shapeOf)
}

/** What is in the texts of the kinds that are looked at quickly, and may have to be taken out. */
const suspicious = fc.constantFrom(
  'postgres://ana:hunter2@db/shop',
  'password=hunter2;',
  'PWD=x y',
  '[redacted]',
  '[redacted:0123456789abcdef0123456789abcdef]',
  '[redacted] 2',
  '[a',
  'token',
)

const timesOf = ({ entries }: RunJournal) => entries.map(({ recorded_at }) => recorded_at)

describe('a redacted journal', () => {
  it('is the same whether an entry is looked at quickly or gone through', () => {
    const entry = fc
      .tuple(frequentEntry, fc.option(fc.tuple(fc.nat(2), suspicious)))
      .map(([json, planted]) => {
        if (planted === null) return json
        const [place, text] = planted
        let at = 0
        return mapTexts(json, (before) => (at++ === place ? text : before))
      })
    fc.assert(
      fc.property(entry, policies, (json, policy) => {
        const quick = redact(journalWith(json), policy)
        // An entry with a member that no version knows is gone through; no pattern finds anything in this one.
        const slow = redact(journalWith({ ...json, '': 1 }), policy)
        expect(quick.redaction).toBe(slow.redaction)
        expect(quick.journal.entries[0]?.event).toEqual(slow.journal.entries[0]?.event)
      }),
      { numRuns: propertyCases(1000) },
    )
  })

  it('has no text of the chosen fields in any byte that leaves', () => {
    fc.assert(
      fc.property(
        arbitraryJournal({ maxLength: 20 }),
        fc.subarray(NAMES, { minLength: 1 }),
        fc.constantFrom(undefined, KEY),
        (random, fields, key) => {
          const { journal, values } = planted(random, fields)
          const policy = key === undefined ? { fields } : { fields, key }
          const redacted = redact(journal, policy)
          const bytes = bytesOf(redacted.journal, redacted.redaction)
          expect(values.filter((value) => bytes.includes(value))).toEqual([])
          if (values.length > 0) {
            expect(values.filter((value) => !bytesOf(journal, undefined).includes(value))).toEqual(
              [],
            )
          }
        },
      ),
      { numRuns: propertyCases(150) },
    )
  })

  it('has the same entries, times, numbers and nulls, whatever the policy', () => {
    fc.assert(
      fc.property(arbitraryJournal(), policies, (journal, policy) => {
        const { journal: redacted } = redact(journal, policy)
        expect(timesOf(redacted)).toEqual(timesOf(journal))
        const shapes = [redacted, journal].map((j) =>
          j.entries.map(({ event }) => shapeOf(event as JsonValue)),
        )
        expect(shapes[0]).toEqual(shapes[1])
        // What comes out is a journal that the reader accepts.
        expect(journalDigest(journalFromJson(journalToJson(redacted)))).toBe(
          journalDigest(redacted),
        )
      }),
      { numRuns: propertyCases(150) },
    )
  })

  it('is the same each time, and when it is redacted again', () => {
    fc.assert(
      fc.property(arbitraryJournal(), policies, (journal, policy) => {
        const once = redact(journal, policy)
        expect(stringifyJournal(redact(journal, policy).journal)).toBe(
          stringifyJournal(once.journal),
        )
        expect(redact(once.journal, policy).journal).toBe(once.journal)
      }),
      { numRuns: propertyCases(150) },
    )
  })

  it('is the very same one where nothing is to be taken out, and has no name then', () => {
    for (const journal of shopJournals()) {
      expect(redact(journal)).toEqual({ journal, redaction: undefined })
      expect(redact(journal).journal).toBe(journal)
    }
    const journal = shopJournal('events_full')
    expect(redact(journal, { fields: ['keys'] })).toEqual({ journal, redaction: undefined })
  })

  it('names what it lacks, sorted', () => {
    const journal = shopJournal('chunk_boom')
    expect(redact(journal, { fields: NAMES }).redaction).toBe('errors,files,keys,query')
    const everything = { fields: NAMES, patterns: [redactionPattern('chunked')] }
    expect(redact(journal, everything).redaction).toBe('errors,files,keys,patterns,query')
    expect(redact(journal, { fields: ['query'], key: KEY }).redaction).toBe('query')
  })

  it('names what it lacks also when it is sent again without a policy', () => {
    const { journal } = redact(shopJournal('chunk_boom'), { fields: ['files', 'query'], key: KEY })
    expect(redact(journal).redaction).toBe('files,query')
  })

  it('keeps what is empty or null', () => {
    const journal = journalOf([
      at(0, { ChunkStarted: { chunk_index: 0, start_key: '', end_key: '' } }),
      at(1, { ChunkCompleted: { chunk_index: 0, rows: 1, file_name: null } }),
      at(2, { RunCompleted: { status: 'success', error_message: null, duration_ms: 1 } }),
    ])
    expect(redact(journal, { fields: NAMES })).toEqual({ journal, redaction: undefined })
  })

  it('does not say how long a text was', () => {
    const journal = journalOf([
      at(0, { ChunkFailed: { chunk_index: 0, error: 'x'.repeat(9000), attempt: 1 } }),
    ])
    expect(redact(journal, { fields: ['errors'] }).journal.entries[0]?.event).toEqual({
      ChunkFailed: { chunk_index: 0, error: '[redacted]', attempt: 1 },
    })
  })
})

describe('with a key', () => {
  const files = (journal: RunJournal, key: string) =>
    JSON.stringify(redact(journal, { fields: ['files'], key }).journal.entries).match(
      /\[redacted:[0-9a-f]{32}\]/g,
    )

  it('equal texts stay equal and others stay others, also between fields', () => {
    const file = (file_name: string) =>
      at(0, { FileWritten: { file_name, rows: 1, bytes: 1, part_index: 0 } })
    const chunk = (file_name: string) =>
      at(0, { ChunkCompleted: { chunk_index: 0, rows: 1, file_name } })
    const [a, b, c] = files(journalOf([file('x'), chunk('x'), chunk('y')]), KEY) ?? []
    expect(a).toBe(b)
    expect(c).not.toBe(a)
  })

  it('a placeholder is the HMAC-SHA-256 and no plain hash', () => {
    const name = 'orders.csv'
    const journal = journalOf([
      at(0, { ChunkCompleted: { chunk_index: 0, rows: 1, file_name: name } }),
    ])
    const hmac = createHmac('sha256', KEY).update(name).digest('hex')
    expect(files(journal, KEY)).toEqual([`[redacted:${hmac.slice(0, 32)}]`])
    const plain = createHash('sha256').update(name).digest('hex')
    expect(
      stringifyJournal(redact(journal, { fields: ['files'], key: KEY }).journal),
    ).not.toContain(plain.slice(0, 16))
  })

  it('another key gives other placeholders', () => {
    const journal = shopJournal('orders')
    expect(files(journal, KEY)).not.toEqual(files(journal, `${KEY}!`))
  })

  it('a short key is refused, and not repeated', () => {
    expect(() => redactorOf({ key: 'short-key' })).toThrow(/too short; expected 16/)
    expect(() => redactorOf({ key: 'short-key' })).not.toThrow(/short-key/)
  })
})

describe('patterns and passwords', () => {
  const SECRET = 'hunter2'
  const URL = `postgres://ana:${SECRET}@db/shop`
  /** A secret wherever a text can stand. */
  const everywhere = (text: string) =>
    journalFromJson({
      run_id: 'r',
      export_name: text,
      host: { [text]: [text, { deep: text }] },
      [text]: text,
      entries: [
        ...EVERY_KIND.map((event, i) => {
          const entry = at(i, event)
          const kind = kindOf(event)
          const fields = (event as JsonObject)[kind] as JsonObject
          const changed = Object.entries(fields).map(([name, value]) => [
            name,
            typeof value === 'string' ? text : value,
          ])
          return {
            recorded_at: entry.recorded_at,
            [text]: text,
            note: text,
            event: { [kind]: { ...Object.fromEntries(changed), [text]: text, more: [text] } },
          }
        }),
        { ...at(50, text) },
        { ...at(51, { [`Kind ${text}`]: { [text]: text } }) },
        {
          ...at(52, {
            SchemaChanged: { added: [text], removed: [text], type_changed: [[text, text, text]] },
          }),
        },
      ],
    } as unknown as JsonValue)

  it.each([URL, `Server=h;Password=${SECRET};x=1`, `CREATE USER a PASSWORD '${SECRET}'`])(
    'leave no password of %s anywhere',
    (text) => {
      const redacted = redact(everywhere(text))
      expect(redacted.redaction).toBe('passwords')
      expect(bytesOf(redacted.journal, redacted.redaction)).not.toContain(SECRET)
      expect(redacted.journal.entries).toHaveLength(everywhere(text).entries.length)
    },
  )

  it('leave no member that is called a password, however deep in what is not known yet', () => {
    const journal = journalOf([
      at(0, {
        Brandnew: { password: 'hunter2', of: 'ana', nested: [{ db_api_key: 'hunter3', n: 1 }] },
      }),
    ])
    const { journal: redacted, redaction } = redact(journal, {})
    expect(redacted.entries[0]?.event).toEqual({
      Brandnew: { password: '***', of: 'ana', nested: [{ db_api_key: '***', n: 1 }] },
    })
    expect(redaction).toBe('passwords')
  })

  it('leave nothing that a pattern matches anywhere', () => {
    const text = 'for ana@example.com'
    const redacted = redact(everywhere(text), { patterns: [redactionPattern('\\S+@\\S+')] })
    expect(redacted.redaction).toBe('patterns')
    expect(bytesOf(redacted.journal, redacted.redaction)).not.toContain('example.com')
  })

  it('keep members apart whose names become the same', () => {
    const journal = journalFromJson({
      run_id: 'r',
      export_name: 'e',
      a1: 1,
      a2: 2,
      entries: [at(0, 'Paused')],
    } as unknown as JsonValue)
    const { extra } = redact(journal, { patterns: [redactionPattern('a\\d')] }).journal
    expect(extra).toEqual({ '[redacted]': 1, '[redacted][redacted]': 2 })
  })

  it('come to an end where each finds something in what the other left', () => {
    const patterns = ['\\*', 'w', '='].map(redactionPattern)
    const journal = journalOf([
      at(0, { Warning: { context: 'c', message: `password=${SECRET} ${URL}` } }),
    ])
    const once = redact(journal, { patterns }).journal
    expect(redact(once, { patterns }).journal).toBe(once)
    expect(stringifyJournal(once)).not.toContain(SECRET)
  })
})
