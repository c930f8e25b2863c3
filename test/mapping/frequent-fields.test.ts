import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openEvent } from '../../src/journal/events.js'
import type { JsonObject } from '../../src/json/lossless.js'
import { putFieldsByTable } from '../../src/mapping/fields.js'
import { putFrequentFields } from '../../src/mapping/frequent-fields.js'
import type { Attributes } from '../../src/trace/trace.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'
import { EVERY_KIND } from '../journal/example-journals.js'

const known = EVERY_KIND.flatMap((event) => {
  const opened = openEvent(event)
  return opened.kind === 'unknown' ? [] : [opened]
})
const FREQUENT = ['PlanResolved', 'ChunkStarted', 'ChunkCompleted', 'FileWritten']

function byTable(kind: (typeof known)[number]['kind'], fields: JsonObject): Attributes {
  const attributes = {}
  putFieldsByTable(attributes, kind, fields)
  return attributes
}

describe('the fields that are written with their names in place', () => {
  it.each(known)('are those of the table, in its order: $kind', ({ kind, fields }) => {
    const attributes: Attributes = {}
    const isFrequent = putFrequentFields(attributes, kind, fields as JsonObject)
    expect(isFrequent).toBe(FREQUENT.includes(kind))
    const expected = isFrequent ? byTable(kind, fields as JsonObject) : {}
    expect(Object.entries(attributes)).toEqual(Object.entries(expected))
  })

  it('are what the table says of any event, whatever is absent, null, long or large', () => {
    let compared = 0
    fc.assert(
      fc.property(arbitraryJournal(), fc.nat(), ({ entries }, left) => {
        for (const { event } of entries) {
          const opened = openEvent(event)
          if (opened.kind === 'unknown') continue
          const names = Object.keys(opened.fields)
          const { [names[left % names.length] ?? '']: _, ...fewer } = opened.fields as JsonObject
          for (const fields of [opened.fields as JsonObject, fewer]) {
            const attributes: Attributes = {}
            if (!putFrequentFields(attributes, opened.kind, fields)) continue
            expect(Object.entries(attributes)).toEqual(Object.entries(byTable(opened.kind, fields)))
            compared++
          }
        }
      }),
      { numRuns: propertyCases(60) },
    )
    expect(compared).toBeGreaterThan(0)
  })
})
