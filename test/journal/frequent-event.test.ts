import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frequentEvent } from '../../src/journal/frequent-event.js'
import type { JournalEntry } from '../../src/journal/run-journal.js'
import { escapedText } from '../../src/json/escaped-text.js'

const recorded_at = '2026-11-21T08:53:39.134436857Z'
const started = { chunk_index: 0, start_key: '1', end_key: '9' }
const completed = { chunk_index: -1, rows: 2n ** 62n, file_name: 'a.parquet' }
const written = { file_name: 'a.parquet', rows: 7, bytes: 9, part_index: 0 }

const entryOf = (event: object, more: object = {}) =>
  ({ recorded_at, event, ...more }) as unknown as JournalEntry

describe('a frequent event', () => {
  it.each([
    { ChunkStarted: started },
    { ChunkCompleted: completed },
    { ChunkCompleted: { ...completed, file_name: null } },
    { ChunkCompleted: { chunk_index: 0, rows: 7 } },
    { FileWritten: written },
  ])('is known: case %#', (event) => {
    expect(frequentEvent(entryOf(event))).toBe(event)
  })

  it.each([
    {},
    { ValidationResult: { passed: true } },
    { ChunkStarted: started, ChunkCompleted: completed },
    { ChunkStarted: { ...started, host: 'db' } },
    { ChunkStarted: { ...started, end_key: undefined } },
    { ChunkStarted: { ...started, chunk_index: 0.5 } },
    { ChunkStarted: { ...started, chunk_index: -0 } },
    { ChunkCompleted: { chunk_index: 0, rows: 7, host: 'db' } },
    { ChunkCompleted: { ...completed, file_name: 7 } },
    { ChunkCompleted: { ...completed, rows: 2 ** 53 } },
    { FileWritten: { ...written, bytes: '9' } },
    { FileWritten: { ...written, host: null } },
  ])('is not one of another kind, or with anything odd: case %#', (event) => {
    expect(frequentEvent(entryOf(event))).toBeUndefined()
  })

  it('is none in an entry with an unknown member, or of a name alone', () => {
    expect(frequentEvent(entryOf({ ChunkStarted: started }, { extra: { host: 'db' } }))).toBe(
      undefined,
    )
    expect(frequentEvent({ recorded_at, event: 'ChunkStarted' })).toBeUndefined()
  })

  it('is none any more when its entry was changed in place', () => {
    const fields: Record<string, unknown> = { ...started }
    const entry = entryOf({ ChunkStarted: fields })
    expect(frequentEvent(entry)).toBeDefined()
    fields.host = 'db'
    expect(frequentEvent(entry)).toBeUndefined()
  })
})

describe('an escaped text', () => {
  it('stands between quotes as JSON writes it', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('"', '\\', '\u007f', 'é'))
    fc.assert(
      fc.property(text, (any) => {
        expect(`"${escapedText(any)}"`).toBe(JSON.stringify(any))
      }),
    )
  })
})
