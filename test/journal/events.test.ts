import { describe, expect, it } from 'vitest'
import {
  EVENT_FIELDS,
  fieldProblem,
  fieldsOf,
  isEventKind,
  kindOf,
  openEvent,
} from '../../src/journal/events.js'
import { EVERY_KIND, plan, started, warning } from './example-journals.js'

describe('the kinds of events', () => {
  it('are the 14 of rivet', () => {
    expect(Object.keys(EVENT_FIELDS)).toEqual(EVERY_KIND.map(kindOf))
    expect(Object.keys(EVENT_FIELDS)).toHaveLength(14)
  })

  it('are told from names that every object inherits', () => {
    for (const name of ['toString', '__proto__', 'constructor', 'chunkstarted', '']) {
      expect(isEventKind(name)).toBe(false)
    }
    expect(isEventKind('ChunkStarted')).toBe(true)
  })

  it('accept an event with every field it may have, and with fields of a newer rivet', () => {
    for (const event of EVERY_KIND) {
      const kind = kindOf(event)
      if (!isEventKind(kind)) throw new Error(`${kind} is no kind`)
      const fields = fieldsOf(event, kind)
      expect(fieldProblem(kind, fields)).toBeUndefined()
      expect(fieldProblem(kind, { ...fields, cost: 1 })).toBeUndefined()
    }
  })

  it('accept a plan of an older rivet, without chunk_key, resumable and row_hash', () => {
    expect(fieldProblem('PlanResolved', fieldsOf(plan(), 'PlanResolved'))).toBeUndefined()
  })
})

describe('openEvent', () => {
  it('gives kind and fields of a known event', () => {
    expect(openEvent(started(3))).toEqual({
      kind: 'ChunkStarted',
      fields: { chunk_index: 3, start_key: '1', end_key: '25000' },
    })
  })

  it('gives name and value of an unknown one, and no value where it is a bare string', () => {
    expect(openEvent('Paused')).toEqual({ kind: 'unknown', name: 'Paused', payload: undefined })
    expect(openEvent({ Paused: null })).toEqual({
      kind: 'unknown',
      name: 'Paused',
      payload: null,
    })
    expect(openEvent(JSON.parse('{"__proto__":[1]}'))).toEqual({
      kind: 'unknown',
      name: '__proto__',
      payload: [1],
    })
  })
})

describe('kindOf and fieldsOf', () => {
  it('name the kind of any event', () => {
    expect(kindOf('Paused')).toBe('Paused')
    expect(kindOf({ Resumed: 1 })).toBe('Resumed')
    expect(kindOf(warning('a'))).toBe('Warning')
  })

  it('give the fields only to whom asks for the right kind', () => {
    expect(fieldsOf(warning('a'), 'Warning')?.message).toBe('a')
    expect(fieldsOf(warning('a'), 'PlanWarning')).toBeUndefined()
    expect(fieldsOf('Warning', 'Warning')).toBeUndefined()
  })
})
