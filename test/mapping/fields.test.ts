import { describe, expect, it } from 'vitest'
import { EVENT_FIELDS, type EventKind, fieldNames } from '../../src/journal/events.js'
import { FIELDS } from '../../src/mapping/fields.js'

const KINDS = Object.keys(EVENT_FIELDS) as EventKind[]

describe('the table of fields', () => {
  it.each(KINDS)('has every field of %s, in rivet’s order', (kind) => {
    expect(FIELDS[kind].map(({ name }) => name)).toEqual(fieldNames(kind))
  })

  it.each(KINDS)('gives each field of %s an attribute of its own, a noun under rivet.', (kind) => {
    const attributes = FIELDS[kind].map(({ attribute }) => attribute)
    expect(new Set(attributes).size).toBe(attributes.length)
    for (const attribute of attributes) expect(attribute).toMatch(/^rivet(\.[a-z_]+){2}$/)
  })

  it('gives an attribute one type wherever it stands', () => {
    const types = new Map<string, string>()
    for (const { attribute, type } of Object.values(FIELDS).flat()) {
      expect(types.get(attribute) ?? type).toBe(type)
      types.set(attribute, type)
    }
  })

  it('shares no attribute between the start and the end of a chunk but its index', () => {
    const names = (kind: EventKind) => FIELDS[kind].map(({ attribute }) => attribute)
    for (const end of ['ChunkCompleted', 'ChunkFailed'] as const) {
      const shared = names('ChunkStarted').filter((name) => names(end).includes(name))
      expect(shared).toEqual(['rivet.chunk.index'])
    }
  })
})
