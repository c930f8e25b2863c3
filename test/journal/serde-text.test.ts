import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { journalFromJson, parseJournal, stringifyJournal } from '../../src/journal/codec.js'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { readSerdeText } from '../../src/journal/serde-text.js'
import {
  type JsonObject,
  MAX_JSON_DEPTH,
  parseJson,
  stringifyJson,
} from '../../src/json/lossless.js'
import { arbitraryJournal, propertyCases } from './arbitrary-journal.js'
import { shopLines } from './example-journals.js'
import { frequentEntry } from './frequent-entries.js'

const started = (text: string) =>
  `{"recorded_at":"2026-11-21T08:53:39.134436857Z","event":{"ChunkStarted":{"chunk_index":0,"start_key":"${text}","end_key":"9"}}}`
const paused = '{"recorded_at":"2026-11-21T08:53:39.134436857Z","event":"Paused"}'
const journalText = (...entries: readonly string[]) =>
  `{"run_id":"orders_1","export_name":"orders","entries":[${entries.join(',')}]}`
const generally = (text: string) => journalFromJson(parseJson(text))
const refusing = () => {
  throw new Error('an entry of another kind')
}

function outcome(read: (text: string) => RunJournal, text: string): RunJournal | string {
  try {
    return read(text)
  } catch (error) {
    return String(error)
  }
}

/** It reads the same, or refuses with the same words. */
function expectSame(text: string): void {
  expect(outcome(parseJournal, text)).toEqual(outcome(generally, text))
}

const frequentText = fc
  .tuple(fc.array(frequentEntry, { maxLength: 8 }), fc.constantFrom('', '\n', ' \r\n', 'x', '}'))
  .map(([entries, end]) => {
    const journal: JsonObject = { run_id: 'orders_1', export_name: 'orders', entries }
    return stringifyJson(journal) + end
  })
const anyText = fc.oneof(
  frequentText,
  arbitraryJournal({ minLength: 0, maxLength: 6 }).map(stringifyJournal),
)

describe('a journal in the spelling of rivet', () => {
  it('is read as it is read generally', () => {
    fc.assert(fc.property(anyText, expectSame), { numRuns: propertyCases(1000) })
  })

  it('that has a few wrong characters is read or refused as it is generally', () => {
    const change = fc.tuple(
      fc.nat(),
      fc.nat(3),
      fc.oneof(
        fc.constantFrom('', '"', '\\', '{', '}', ']', '[', ',', ':', '0', '9', '-', '.', 'e', ' '),
        fc.constantFrom(
          '\u0000',
          '\u001f',
          '\u007f',
          'é',
          '\ud800',
          '\udc00',
          '\\ud800',
          '\\u0061',
        ),
        fc.constantFrom('null', '1e400', '9007199254740993', '"event":', ',{"recorded_at":"'),
      ),
    )
    fc.assert(
      fc.property(anyText, fc.array(change, { minLength: 1, maxLength: 3 }), (text, changes) => {
        let changed = text
        for (const [place, length, inserted] of changes) {
          const at = place % (changed.length + 1)
          changed = changed.slice(0, at) + inserted + changed.slice(at + length)
        }
        expectSame(changed)
      }),
      { numRuns: propertyCases(3000) },
    )
  })

  it('needs no JSON parser for the three frequent kinds', () => {
    const text = journalText(
      started('1'),
      '{"recorded_at":"2024-02-29T00:00:00Z","event":{"ChunkCompleted":{"chunk_index":-1,"rows":7,"file_name":null}}}',
      '{"recorded_at":"2026-11-21T08:53:39.134Z","event":{"ChunkCompleted":{"chunk_index":0,"rows":7,"file_name":"é🦀"}}}',
      '{"recorded_at":"2026-11-21T08:53:39.134436Z","event":{"FileWritten":{"file_name":"a","rows":0,"bytes":999999999999999,"part_index":1}}}',
    )
    expect(readSerdeText(text, refusing)).toEqual(generally(text))
  })

  it('is read so when it is a real one', () => {
    for (const text of shopLines()) {
      const read = readSerdeText(text, (entry) => {
        const [first] = generally(journalText(entry)).entries
        return first ?? refusing()
      })
      expect(read).toEqual(generally(text))
    }
  })

  it.each([
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2026-11-21T24:00:00Z',
    '2026-11-21T08:53:60Z',
    '2026-11-21T08:53:39.1Z',
    '+12026-11-21T08:53:39Z',
  ])('with the time %s is read or refused as generally', (time) => {
    expectSame(
      journalText(started('1').replace('2026-11-21T08:53:39.134436857Z', time), started('2')),
    )
  })

  it.each(['', paused, `${paused},${paused}`])(
    'of these entries is read as generally: [%s]',
    (entries) => {
      expectSame(journalText(entries))
      expectSame(journalText(started('1'), entries))
      expectSame(journalText(entries, started('1')))
    },
  )

  it('may hold what looks like an entry inside of an entry', () => {
    const inside = (payload: string) =>
      `{"recorded_at":"2026-11-21T08:53:39Z","event":{"Nested":${payload}}}`
    expectSame(journalText(started('1'), inside(`[${paused},${paused}]`), started('2')))
    expectSame(journalText(started('1'), inside(JSON.stringify(`,${paused}`)), started('2')))
    expectSame(journalText(started('1'), inside(`[${paused}`), started('2')))
  })

  it('nests as deep as any other', () => {
    for (const levels of [MAX_JSON_DEPTH - 4, MAX_JSON_DEPTH - 3]) {
      const list = '['.repeat(levels) + ']'.repeat(levels)
      const deep = `{"recorded_at":"2026-11-21T08:53:39Z","event":{"Deep":${list}}}`
      expectSame(journalText(started('1'), deep))
    }
    const deepest = (levels: number) =>
      journalText(
        `{"recorded_at":"2026-11-21T08:53:39Z","event":{"Deep":${'['.repeat(levels)}${']'.repeat(levels)}}}`,
      )
    expect(() => parseJournal(deepest(MAX_JSON_DEPTH - 4))).not.toThrow()
    expect(() => parseJournal(deepest(MAX_JSON_DEPTH - 3))).toThrow(/deeper than 200 levels/)
  })

  it('of many kinds is read as a whole', () => {
    const text = journalText(...Array.from({ length: 100 }, () => paused))
    let cut = 0
    const read = readSerdeText(text, () => {
      cut++
      return { recorded_at: '2026-11-21T08:53:39Z', event: 'Paused' }
    })
    expect(read).toBeUndefined()
    expect(cut).toBeLessThan(50)
    expectSame(text)
  })
})
