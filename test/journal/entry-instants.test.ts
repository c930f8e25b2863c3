import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instantsOf, NOT_PLAIN } from '../../src/journal/entry-instants.js'
import { runEnd } from '../../src/journal/run-end.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { isPlain, parseTimestamp, unixNanoOf } from '../../src/journal/timestamp.js'
import { frequentEntry } from './frequent-entries.js'

const recordedAt = fc.oneof(
  frequentEntry.map(({ recorded_at }) => recorded_at),
  fc.constantFrom(
    '0000-01-01T00:00:00Z',
    '1969-12-31T23:59:59.999999999Z',
    '2026-11-21T08:53:39.1Z',
    '2026-11-21T08:53:60.134Z',
    '2099-12-31T23:59:59.999999999Z',
    '2100-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999999999Z',
    '+10000-01-01T00:00:00Z',
    '-0001-12-31T23:59:59Z',
  ),
)

function journalOf(texts: readonly string[]): RunJournal {
  const entries = texts.map((recorded_at) => ({ recorded_at, event: 'Paused' }))
  return new RunJournal('orders_1', 'orders', entries)
}

function expectRead({ entries }: RunJournal): void {
  const { seconds, nanos } = instantsOf(entries)
  expect(seconds).toHaveLength(entries.length)
  for (const [i, { recorded_at }] of entries.entries()) {
    const second = seconds[i] ?? NOT_PLAIN
    expect(second !== NOT_PLAIN).toBe(isPlain(recorded_at))
    if (second === NOT_PLAIN) continue
    expect(unixNanoOf(second, nanos[i] ?? -1)).toBe(parseTimestamp(recorded_at).unixNano)
  }
}

describe('the instants of entries', () => {
  it('are what each text means, or not plain', () => {
    fc.assert(fc.property(fc.array(recordedAt), (texts) => expectRead(journalOf(texts))))
  })

  it('are those of the entries as they are now, after each change of them', () => {
    const change = fc.record({ at: fc.nat({ max: 5 }), to: fc.option(recordedAt) })
    fc.assert(
      fc.property(fc.array(recordedAt), fc.array(change, { maxLength: 6 }), (texts, changes) => {
        const journal = journalOf(texts)
        expectRead(journal)
        for (const { at, to } of changes) {
          if (to === null) journal.entries.splice(at, 1)
          else journal.entries[at % (journal.entries.length + 1)] = { recorded_at: to, event: 'P' }
          expectRead(journal)
        }
      }),
    )
  })

  it('are read of a list that cannot be changed, and are no member of any list', () => {
    const { entries } = journalOf(['2026-11-21T08:53:39.134Z'])
    expect(instantsOf(entries).seconds).toEqual([1795251219])
    expect(Reflect.ownKeys(entries)).toEqual(['0', 'length'])
    expect(instantsOf(Object.freeze([...entries])).seconds).toEqual([1795251219])
  })

  it('give the end of a run: its latest time, however it is spelled', () => {
    fc.assert(
      fc.property(fc.array(recordedAt), (texts) => {
        const [latest] = texts
          .map((text) => parseTimestamp(text).unixNano)
          .sort((a, b) => (a < b ? 1 : -1))
        expect(runEnd(journalOf(texts))).toBe(latest)
      }),
    )
  })
})
