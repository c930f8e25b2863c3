import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJournal } from '../../src/journal/codec.js'
import { journalDigest } from '../../src/journal/digest.js'
import { EVENT_FIELDS, type EventKind, type RunEvent } from '../../src/journal/events.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { canonicalJson } from '../../src/json/canonical.js'
import { parseJson } from '../../src/json/lossless.js'
import { EVENT_NAMES, UNKNOWN_EVENT_NAME } from '../../src/mapping/event-names.js'
import { FIELDS } from '../../src/mapping/fields.js'
import { JOURNAL_SCOPE } from '../../src/mapping/journal-to-trace.js'
import type { Attributes, AttributeValue, Span } from '../../src/trace/trace.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'
import {
  at,
  completed,
  EVERY_KIND,
  failed,
  journalOf,
  MS,
  retry,
  runCompleted,
  shopJournals,
  started,
  warning,
} from '../journal/example-journals.js'
import { exported } from './both-ways.js'
import { codeIn, codesIn, publishedJournals, publishedTable } from './published-mapping.js'

const EVERY_SPAN = ['root', 'page root', 'chunk', 'entries']
const rows = publishedTable('attribute', 'type', 'stands on').map((row) => ({
  name: codeIn(row.attribute),
  type: row.type ?? '',
  places: (row['stands on'] ?? '')
    .split(', ')
    .flatMap((place) => (place === 'every span' ? EVERY_SPAN : [place])),
  sources: codesIn(row.source),
}))
const published = new Set(rows.flatMap(({ name, places }) => places.map((p) => `${name} on ${p}`)))
const typeOf = new Map(rows.map(({ name, type }) => [name, type]))

/** A journal in which everything happens, large enough for several pages. */
function everything(): RunJournal {
  const unknown = { cost: 1 }
  const fields = (event: RunEvent): RunEvent =>
    Object.fromEntries(Object.entries(event).map(([kind, f]) => [kind, { ...f, ...unknown }]))
  const file = (file_name: string): RunEvent => ({
    FileWritten: { file_name, rows: 1, bytes: 1, part_index: 0 },
  })
  const entries = [
    ...EVERY_KIND.map((event, i) => ({ ...at(i, event), extra: unknown })),
    at(20, fields(retry(2))),
    at(21, { Paused: null }),
    ...['orders_1.parquet', 'a', 'b'].map((name) => at(22, file(name))),
    { ...at(30, fields(started(7))), extra: unknown },
    at(31, completed(7, 'a')),
    at(32, failed(7)),
    { ...at(2500, fields(completed(7, 'b'))), extra: unknown },
    // Times that OTLP cannot say.
    { recorded_at: '2026-11-21T08:53:39.1Z', event: 'Paused' },
    { recorded_at: '2026-11-21T08:53:39.1Z', event: started(8) },
    at(0, completed(8)),
    ...Array.from({ length: 12 }, () => at(3000, warning('x'.repeat(250_000)))),
    at(MS, runCompleted('failed', 'RIVET_X', 5)),
  ]
  return new RunJournal('orders_1', 'orders', entries, unknown)
}

interface Place {
  readonly place: string
  readonly attributes: Attributes
}

function placesOf(span: Span): Place[] {
  const isRoot = span.parentSpanId === undefined
  const rootPlace = span.attributes['rivet.trace.page'] === 0 ? 'root' : 'page root'
  return [
    { place: isRoot ? rootPlace : span.name, attributes: span.attributes },
    ...span.events.map(({ attributes }) => ({ place: 'event', attributes })),
    ...span.links.map(({ attributes }) => ({ place: 'link', attributes })),
  ]
}

/** Every attribute of some spans with its place; a part of a long text counts for the text. */
function written(spans: readonly Span[]): { name: string; place: string; value: AttributeValue }[] {
  return spans.flatMap(placesOf).flatMap(({ place, attributes }) =>
    Object.entries(attributes).map(([name, value]) => ({
      name: name.replace(/\.part_\d+$/, ''),
      place,
      value,
    })),
  )
}

const spansOf = (journal: RunJournal, revision = 1) =>
  exported(journal, { namespace: 'eu', revision, redaction: 'files' }).map(({ span }) => span)

function fits(type: string | undefined, value: AttributeValue): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string'
    case 'bool':
      return typeof value === 'boolean'
    case 'string[]':
      return Array.isArray(value) && value.every((item) => typeof item === 'string')
    case 'int':
      return (
        typeof value === 'bigint' ||
        Number.isSafeInteger(value) ||
        (typeof value === 'string' && /^-?\d{19,}$/.test(value))
      )
    default:
      return false
  }
}

describe('the published attributes', () => {
  it('are those that a journal in which everything happens has, each where it is said to stand', () => {
    const pairs = written(spansOf(everything()))
      .filter(({ name }) => !name.endsWith('.parts'))
      .map(({ name, place }) => `${name} on ${place}`)
    const found = new Set(pairs)
    expect([...published].filter((pair) => !found.has(pair))).toEqual([])
    expect([...found].filter((pair) => !published.has(pair))).toEqual([])
  })

  it('are all that random journals have, with the published types', () => {
    fc.assert(
      fc.property(arbitraryJournal(), fc.constantFrom(0, 1), (journal, revision) => {
        const others = written(spansOf(journal, revision)).filter(({ name, place, value }) => {
          const text = /^(.*)\.parts$/.exec(name)?.[1]
          if (text !== undefined) return typeOf.get(text) !== 'string' || typeof value !== 'number'
          return !published.has(`${name} on ${place}`) || !fits(typeOf.get(name), value)
        })
        expect(others).toEqual([])
      }),
      { numRuns: propertyCases(60) },
    )
  })

  it('are all that real journals have', () => {
    for (const journal of shopJournals()) {
      for (const { name, place } of written(spansOf(journal))) {
        expect(published).toContain(`${name} on ${place}`)
      }
    }
  })

  it('name every field of every kind as a source, and no other', () => {
    const ofFields = Object.entries(FIELDS).flatMap(([kind, fields]) =>
      fields.map(({ name, attribute }) => `${attribute} from ${kind}.${name}`),
    )
    const ofPage = rows.flatMap(({ name, sources }) =>
      sources.filter((source) => source.includes('.')).map((source) => `${name} from ${source}`),
    )
    expect(ofPage.sort()).toEqual(ofFields.sort())
  })

  it('are listed once each', () => {
    expect(typeOf.size).toBe(rows.length)
  })
})

describe('the published event names', () => {
  it('are those of the code', () => {
    const names = Object.fromEntries(
      publishedTable('kind', 'span event').map((row) => [row.kind, codeIn(row['span event'])]),
    )
    expect(names).toEqual({ ...EVENT_NAMES, 'any other': UNKNOWN_EVENT_NAME })
  })

  it('are written for every kind but ChunkStarted', () => {
    const names = new Set(spansOf(everything()).flatMap(({ events }) => events.map((e) => e.name)))
    const expected = (Object.keys(EVENT_FIELDS) as EventKind[])
      .filter((kind) => kind !== 'ChunkStarted')
      .map((kind) => EVENT_NAMES[kind])
    expect([...names].sort()).toEqual([...expected, UNKNOWN_EVENT_NAME].sort())
  })
})

describe('the published spans and timings', () => {
  it('are those that are written', () => {
    const spans = spansOf(everything())
    const names = publishedTable('span', 'how many').map((row) => codeIn(row.name))
    expect(names).toEqual(['export ', 'chunk', 'entries'])
    const written = new Set(spans.map(({ name }) => name.replace(/^export .*/, 'export ')))
    expect([...written].sort()).toEqual([...names].sort())
  })

  it('are the four timings', () => {
    const timings = publishedTable('`rivet.chunk.timing`').map((row) =>
      codeIn(row['`rivet.chunk.timing`']),
    )
    const journal = journalOf([
      at(0, started(0)),
      at(1, completed(0)),
      at(2, completed(1)),
      at(3, started(2)),
      at(4, started(3)),
      at(0, completed(3)),
    ])
    const written = spansOf(journal).flatMap(({ attributes }) => {
      const timing = attributes['rivet.chunk.timing']
      return timing === undefined ? [] : [timing]
    })
    expect(written).toEqual(timings)
  })

  it('have the published version', () => {
    expect(JOURNAL_SCOPE).toEqual({ name: 'rivet-otel', version: '1' })
  })
})

describe('the published digests', () => {
  it.each(publishedTable('run_id', 'digest'))('are those of the real journals: $run_id', (row) => {
    const journal = shopJournals().find(({ run_id }) => run_id === codeIn(row.run_id))
    expect(journal === undefined ? '' : journalDigest(journal)).toBe(codeIn(row.digest))
  })

  it.each(publishedJournals())('are SHA-256 of the canonical form: $digest', (vector) => {
    const { journal, canonical, digest } = vector
    expect(createHash('sha256').update(canonical).digest('hex')).toBe(digest)
    expect(journalDigest(parseJournal(journal))).toBe(digest)
    expect(canonicalJson(parseJson(canonical))).toBe(canonical)
  })

  it('are two small journals and five real ones', () => {
    expect(publishedJournals()).toHaveLength(2)
    expect(publishedTable('run_id', 'digest')).toHaveLength(5)
  })
})

it('the page speaks of this project alone', () => {
  const page = readFileSync(new URL('../../docs/mapping.md', import.meta.url), 'utf8')
  expect(page).not.toMatch(/design\.md|\/work\/|\/tmp\//)
})
