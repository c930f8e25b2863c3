import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  journalFromJson,
  journalToJson,
  parseJournal,
  stringifyJournal,
} from '../../src/journal/codec.js'
import { canonicalEntry, journalDigest } from '../../src/journal/digest.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp, parseTimestamp } from '../../src/journal/timestamp.js'
import { canonicalJson } from '../../src/json/canonical.js'
import {
  isJsonObject,
  isList,
  type JsonObject,
  type JsonValue,
  setMember,
} from '../../src/json/lossless.js'
import { arbitraryJournal, propertyCases } from './arbitrary-journal.js'
import { at, journalOf, shopJournals, warning } from './example-journals.js'
import { frequentEntry } from './frequent-entries.js'

const T = '2026-11-21T08:53:39.100Z'
const digestOf = (text: string) => journalDigest(parseJournal(text))
const small = (entry: string, more = '') =>
  `{"run_id":"r","export_name":"e","entries":[${entry}]${more}}`
const paused = (time: string) => `{"recorded_at":"${time}","event":"Paused"}`

describe('the digest', () => {
  it('of the real journals is the one that was published', () => {
    const digests = new Map(shopJournals().map((j) => [j.run_id, journalDigest(j)]))
    expect(digests.get('orders_20261121T085339.134_11188')).toBe(
      'a0bf0c0f08ef8af0f1a9fddc5b8e47409ea6226b15c0e44159f7480e446986c2',
    )
    expect(digests.get('customers_quality_20261121T085349.610_11188')).toBe(
      '7d1b0ec9ed96237fb1200cd91954228ec881e53330c02eea6df4e79ce5580333',
    )
    expect(digests.get('events_full_20261121T085429.154_12752')).toBe(
      '8b11684e9ffe38a9a179271debf07ffebe597d37f34f478fdf3d2325f85ea2cf',
    )
    expect(new Set(digests.values()).size).toBe(12)
  })

  it('is SHA-256 of the canonical JSON of the whole journal, however it is computed', () => {
    fc.assert(
      fc.property(arbitraryJournal({ minLength: 0, maxLength: 20 }), (journal) => {
        const json = journalToJson(journal) as JsonObject & { entries: readonly JsonObject[] }
        const entries = json.entries.map((entry) =>
          withMember(entry, 'recorded_at', parseTimestamp(entry.recorded_at as string).canonical),
        )
        const text = canonicalJson(withMember(json, 'entries', entries))
        expect(journalDigest(journal)).toBe(createHash('sha256').update(text).digest('hex'))
      }),
      { numRuns: propertyCases(200) },
    )
  })

  it('covers every entry of a journal whose text passes many times the batch size', () => {
    const entries = Array.from({ length: 300 }, (_, i) => at(i, warning(`${i}🦀`.repeat(100))))
    const text = canonicalJson({
      run_id: 'orders_1',
      export_name: 'orders',
      entries: entries.map(({ recorded_at, event }) => ({
        recorded_at,
        event: event as JsonObject,
      })),
    })
    expect(text.length).toBeGreaterThan(100_000)
    expect(journalDigest(journalOf(entries))).toBe(createHash('sha256').update(text).digest('hex'))
  })

  it('is the same for members in any order, for null and absent, and for times in any spelling', () => {
    fc.assert(
      fc.property(arbitraryJournal({ maxLength: 20 }), fc.nat(), (journal, seed) => {
        const same = journalFromJson(respelled(journalToJson(journal), seed))
        expect(journalDigest(same)).toBe(journalDigest(journal))
      }),
      { numRuns: propertyCases(200) },
    )
  })

  it('does not depend on a null that rivet writes and an older rivet does not', () => {
    const event = (fields: string) =>
      digestOf(small(`{"recorded_at":"${T}","event":{"ChunkCompleted":{${fields}}}}`))
    expect(event('"chunk_index":0,"rows":1,"file_name":null')).toBe(
      event('"rows":1,"chunk_index":0'),
    )
    expect(digestOf(small(paused(T), ',"host":null'))).toBe(digestOf(small(paused(T))))
  })

  it('differs for anything else that differs', () => {
    const digests = [
      small(paused(T)),
      small(paused('2026-11-21T08:53:39.100000001Z')),
      small(paused('2026-11-21T08:53:40.100Z')),
      small(`{"recorded_at":"${T}","event":"Resumed"}`),
      small(`{"recorded_at":"${T}","event":{"Paused":{}}}`),
      small(`{"recorded_at":"${T}","event":{"Paused":[]}}`),
      small(`{"recorded_at":"${T}","event":{"Paused":[null]}}`),
      small(`{"recorded_at":"${T}","event":{"Paused":"1"}}`),
      small(`{"recorded_at":"${T}","event":{"Paused":1}}`),
      small(`{"recorded_at":"${T}","event":"Paused","thread":1}`),
      small(`${paused(T)},${paused(T)}`),
      small(''),
      small(paused(T), ',"host":"a"'),
      small(paused(T)).replace('"r"', '"R"'),
      small(paused(T)).replace('"e"', '"E"'),
      small(`{"recorded_at":"${T}","event":{"P":9007199254740993}}`),
      small(`{"recorded_at":"${T}","event":{"P":9007199254740992}}`),
      small('{"recorded_at":"2016-12-31T23:59:60Z","event":"Paused"}'),
      small('{"recorded_at":"2017-01-01T00:00:00Z","event":"Paused"}'),
    ].map(digestOf)
    expect(new Set(digests).size).toBe(digests.length)
  })

  it('depends on the order of entries', () => {
    const [one, other] = [at(0, 'A'), at(0, 'B')]
    if (one === undefined || other === undefined) throw new Error('no entries')
    expect(journalDigest(journalOf([one, other]))).not.toBe(journalDigest(journalOf([other, one])))
  })

  it('differs when any one entry of a random journal changes', () => {
    fc.assert(
      fc.property(arbitraryJournal(), fc.nat(), (journal, n) => {
        const place = n % journal.entries.length
        const without = journal.entries.toSpliced(place, 1)
        const later = journal.entries.map((entry, i) => {
          if (i !== place) return entry
          const { unixNano } = parseTimestamp(entry.recorded_at)
          return { ...entry, recorded_at: formatTimestamp(unixNano + 1n) }
        })
        for (const entries of [without, later]) {
          const changed = new RunJournal(
            journal.run_id,
            journal.export_name,
            entries,
            journal.extra,
          )
          expect(journalDigest(changed)).not.toBe(journalDigest(journal))
        }
      }),
      { numRuns: propertyCases(100) },
    )
  })

  it('leaves the journal as it is', () => {
    const journal = parseJournal(small(paused('2026-11-21T10:53:39.1+02:00'), ',"a":null'))
    const before = stringifyJournal(journal)
    journalDigest(journal)
    expect(stringifyJournal(journal)).toBe(before)
  })
})

describe('the canonical form of an entry', () => {
  it('is its canonical JSON, also where the kind is spelled directly', () => {
    fc.assert(
      fc.property(frequentEntry, (json) => {
        const { recorded_at, event } = journalFromJson(journalOfEntries(json)).entries[0] ?? never()
        const canonical = { ...json, recorded_at: parseTimestamp(recorded_at).canonical }
        expect(canonicalEntry({ recorded_at, event })).toBe(canonicalJson(canonical))
      }),
      { numRuns: propertyCases(1000) },
    )
  })

  it('has its time in chrono’s spelling, its members sorted, and no nulls', () => {
    expect(
      canonicalEntry({
        recorded_at: '2026-11-21T10:53:39.1+02:00',
        event: { ValidationResult: { passed: true, cost: null } },
        extra: { a: null, b: 1, z: 2 },
      }),
    ).toBe(
      '{"b":1,"event":{"ValidationResult":{"passed":true}},"recorded_at":"2026-11-21T08:53:39.100Z","z":2}',
    )
  })
})

function journalOfEntries(...entries: readonly JsonObject[]): JsonObject {
  return { run_id: 'orders_1', export_name: 'orders', entries }
}

function never(): never {
  throw new Error('no entries')
}

function withMember(object: JsonObject, name: string, value: JsonValue): JsonObject {
  const copy: Record<string, JsonValue> = {}
  for (const key of Object.keys(object)) setMember(copy, key, object[key] ?? null)
  setMember(copy, name, value)
  return copy
}

/** The same journal with members in another order, with nulls more, and times at another offset. */
function respelled(value: JsonValue, seed: number, level = 0): JsonValue {
  if (isList(value)) return value.map((item) => respelled(item, seed, level + 1))
  if (!isJsonObject(value)) return value
  const target: Record<string, JsonValue> = {}
  const keys = Object.keys(value)
  for (const key of seed % 2 === 0 ? keys.toReversed() : keys) {
    const member = value[key] ?? null
    if (level === 2 && key === 'recorded_at') target[key] = elsewhere(member as string)
    // The object that names an event's kind has one member, also here.
    else setMember(target, key, respelled(member, seed, level + 1))
  }
  const isEvent = level === 3
  if (!isEvent && !keys.includes('nothing')) target.nothing = null
  return target
}

/** A time in chrono's spelling as someone two and a half hours east of it would tell it. */
function elsewhere(time: string): string {
  const { unixNano, canonical } = parseTimestamp(time)
  if (canonical !== time || !/^\d{4}-/.test(time)) return time
  const local = formatTimestamp(unixNano + 9_000_000_000_000n)
  return /^\d{4}-/.test(local) ? local.replace('Z', '+02:30') : time
}
