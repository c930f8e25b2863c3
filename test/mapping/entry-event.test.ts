import { describe, expect, it } from 'vitest'
import { kindOf, type RunEvent } from '../../src/journal/events.js'
import type { JournalEntry } from '../../src/journal/run-journal.js'
import { entryToEvent, eventToEntry } from '../../src/mapping/entry-event.js'
import { EntryTimes } from '../../src/mapping/times.js'
import { RivetOtelError } from '../../src/problem.js'
import type { Attributes, SpanEvent } from '../../src/trace/trace.js'
import { at, EVERY_KIND, T0 } from '../journal/example-journals.js'

const eventOf = (entry: JournalEntry, index = 0): SpanEvent =>
  entryToEvent(entry, index, new EntryTimes(Array.from({ length: index + 1 }, () => entry)))
const eventWith = (name: string, attributes: Attributes): SpanEvent => ({
  name,
  timeUnixNano: T0,
  attributes,
})

describe('an entry as a span event', () => {
  it.each(EVERY_KIND.map((event) => [kindOf(event), event] as const))(
    'has every field and comes back: %s',
    (_, event) => {
      const entry = at(0, event)
      const spanEvent = eventOf(entry, 7)
      expect(spanEvent.timeUnixNano).toBe(T0)
      expect(spanEvent.attributes['rivet.entry.index']).toBe(7)
      const read = eventToEntry(spanEvent)
      expect(read?.index).toBe(7)
      expect(withoutNulls(read?.entry)).toEqual(withoutNulls(entry))
    },
  )

  it('has the fields of its kind by their names', () => {
    const change: RunEvent = {
      SchemaChanged: { added: ['a (text)'], removed: [], type_changed: [['id', 'int4', 'int8']] },
    }
    expect(eventOf(at(0, change))).toEqual({
      name: 'rivet.schema_changed',
      timeUnixNano: T0,
      attributes: {
        'rivet.entry.index': 0,
        'rivet.entry.nanos': 857,
        'rivet.schema.added': ['a (text)'],
        'rivet.schema.removed': [],
        'rivet.schema.type_changed': '[["id","int4","int8"]]',
      },
    })
  })

  it('leaves out a field that is null or absent', () => {
    const event: RunEvent = { RunCompleted: { status: 's', error_message: null, duration_ms: 0 } }
    expect(Object.keys(eventOf(at(0, event)).attributes)).toEqual([
      'rivet.entry.index',
      'rivet.entry.nanos',
      'rivet.run.status',
      'rivet.run.duration_ms',
    ])
  })

  it('carries unknown fields as JSON, with exact integers and nulls', () => {
    const event: RunEvent = {
      ValidationResult: { passed: true, cost: 18446744073709551615n, of: null },
    }
    const spanEvent = eventOf(at(0, event))
    expect(spanEvent.attributes['rivet.entry.unknown_fields']).toBe(
      '{"cost":18446744073709551615,"of":null}',
    )
    expect(eventToEntry(spanEvent)?.entry.event).toEqual(event)
  })

  it('carries an unknown field named __proto__ like any other', () => {
    const fields = JSON.parse('{"passed":true,"__proto__":{"a":1}}') as { passed: boolean }
    const read = eventToEntry(eventOf(at(0, { ValidationResult: fields })))?.entry.event
    expect(JSON.stringify(read)).toBe('{"ValidationResult":{"passed":true,"__proto__":{"a":1}}}')
  })

  it('carries unknown members of the entry as JSON', () => {
    const entry = { ...at(0, 'Paused'), extra: { thread: 3, host: null } }
    const spanEvent = eventOf(entry)
    expect(spanEvent.attributes['rivet.entry.unknown_members']).toBe('{"thread":3,"host":null}')
    expect(eventToEntry(spanEvent)?.entry).toEqual(entry)
  })

  it.each([
    ['a bare string', 'Paused', { 'rivet.entry.kind': 'Paused' }],
    ['null', { Paused: null }, { 'rivet.entry.kind': 'Paused', 'rivet.entry.json': 'null' }],
    [
      'an object',
      { Paused: { a: [1] } },
      { 'rivet.entry.kind': 'Paused', 'rivet.entry.json': '{"a":[1]}' },
    ],
    ['no name', '', { 'rivet.entry.kind': '' }],
    [
      'the name of a kind in another spelling',
      'plan_resolved',
      { 'rivet.entry.kind': 'plan_resolved' },
    ],
  ] as [string, RunEvent, Attributes][])(
    'of an unknown kind, %s, is rivet.unknown',
    (_, event, attributes) => {
      const spanEvent = eventOf(at(0, event))
      expect(spanEvent.name).toBe('rivet.unknown')
      expect(spanEvent.attributes).toEqual({
        'rivet.entry.index': 0,
        'rivet.entry.nanos': 857,
        ...attributes,
      })
      expect(eventToEntry(spanEvent)?.entry.event).toEqual(event)
    },
  )

  it('of an unknown kind named __proto__ comes back as one', () => {
    const event = JSON.parse('{"__proto__":{"a":1}}') as RunEvent
    const read = eventToEntry(eventOf(at(0, event)))?.entry.event as object
    expect(Object.keys(read)).toEqual(['__proto__'])
    expect(JSON.stringify(read)).toBe('{"__proto__":{"a":1}}')
  })
})

describe('a span event that was read back', () => {
  it('is none of a journal where it has no entry index', () => {
    expect(eventToEntry(eventWith('exception', { 'exception.message': 'x' }))).toBeUndefined()
    expect(eventToEntry(eventWith('rivet.warning', {}))).toBeUndefined()
  })

  it.each([
    [
      'rivet.paused',
      { 'rivet.entry.index': 0 },
      /^"rivet\.paused" is the name of no journal event$/,
    ],
    ['rivet.unknown', { 'rivet.entry.index': 0 }, /^rivet\.entry\.kind is missing$/],
    ['rivet.warning', { 'rivet.entry.index': -1 }, /^rivet\.entry\.index: expected 0 or more/],
    [
      'rivet.warning',
      { 'rivet.entry.index': '1152921504606846976' },
      /^rivet\.entry\.index: expected 0 or/,
    ],
    ['rivet.warning', { 'rivet.entry.index': 'x' }, /^rivet\.entry\.index: expected an integer/],
    [
      'rivet.warning',
      { 'rivet.entry.index': 0, 'rivet.warning.context': 'a' },
      /^rivet\.warning\.message of a Warning is missing or no longer what rivet writes$/,
    ],
    [
      'rivet.validation_result',
      { 'rivet.entry.index': 0, 'rivet.validation.passed': 1 },
      /^rivet\.validation\.passed: expected a boolean, got number 1$/,
    ],
    [
      'rivet.retry_attempted',
      {
        'rivet.entry.index': 0,
        'rivet.retry.attempt': 2 ** 32,
        'rivet.retry.reason': 'r',
        'rivet.retry.backoff_ms': 0,
      },
      /^rivet\.retry\.attempt of a RetryAttempted is missing or no longer what rivet writes$/,
    ],
    [
      'rivet.schema_changed',
      {
        'rivet.entry.index': 0,
        'rivet.schema.added': [],
        'rivet.schema.removed': [],
        'rivet.schema.type_changed': '[["id"',
      },
      /^rivet\.schema\.type_changed: not valid JSON: /,
    ],
  ])('is refused by the name of what is wrong: %s %j', (name, attributes, message) => {
    expect(() => eventToEntry(eventWith(name, attributes))).toThrow(message)
    expect(() => eventToEntry(eventWith(name, attributes))).toThrow(RivetOtelError)
  })
})

function withoutNulls(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, member) => member ?? undefined))
}
