import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/journal/events.js'
import { chunkIndexKey, RunJournal } from '../../src/journal/run-journal.js'
import { parseTimestamp } from '../../src/journal/timestamp.js'
import {
  at,
  completed,
  EVERY_KIND,
  failed,
  journalOf,
  journalOfEvents,
  MS,
  plan,
  retry,
  runCompleted,
  shopJournal,
  started,
  warning,
} from './example-journals.js'

const file = (file_name: string): RunEvent => ({
  FileWritten: { file_name, rows: 100, bytes: 4096, part_index: 0 },
})
const quality = (severity: string, message: string): RunEvent => ({
  QualityIssue: { severity, message },
})

describe('a new journal', () => {
  it('has its names and no entries, and no query finds anything', () => {
    const journal = new RunJournal('run-1', 'orders')
    expect(journal.run_id).toBe('run-1')
    expect(journal.export_name).toBe('orders')
    expect(journal.entries).toEqual([])
    expect(journal.extra).toEqual({})
    expect(journal.planSnapshot()).toBeUndefined()
    expect(journal.longestChunkMs()).toBeUndefined()
    expect(journal.finalOutcome()).toBeUndefined()
    for (const none of [
      journal.files(),
      journal.retries(),
      journal.chunkEvents(),
      journal.qualityIssues(),
      journal.schemaChanges(),
      journal.warnings(),
    ]) {
      expect(none).toEqual([])
    }
  })

  it('does not share its list of entries with whom it was made from', () => {
    const entries = [at(0, warning('a'))]
    const journal = new RunJournal('run-1', 'orders', entries)
    journal.record(warning('b'))
    expect(entries).toHaveLength(1)
    expect(journal.entries).toHaveLength(2)
  })
})

describe('record', () => {
  it('appends events in order, each with a timestamp in chrono’s spelling', () => {
    const journal = new RunJournal('run-1', 'orders')
    journal.record(warning('1'))
    journal.record(warning('2'))
    journal.record(runCompleted('success'))
    expect(journal.entries.map(({ event }) => event)).toEqual([
      warning('1'),
      warning('2'),
      runCompleted('success'),
    ])
    const times = journal.entries.map(({ recorded_at }) => parseTimestamp(recorded_at))
    expect(times.map(({ canonical }) => canonical)).toEqual(
      journal.entries.map(({ recorded_at }) => recorded_at),
    )
    for (let i = 1; i < times.length; i++) {
      expect(times[i]?.unixNano).toBeGreaterThanOrEqual(times[i - 1]?.unixNano ?? 0n)
    }
  })

  it('takes the current time, not the time of another day', () => {
    const journal = new RunJournal('run-1', 'orders')
    journal.record(warning('now'))
    const recorded = parseTimestamp(journal.entries[0]?.recorded_at ?? '').unixNano / MS
    expect(Math.abs(Number(recorded) - Date.now())).toBeLessThan(3_600_000)
  })
})

describe('planSnapshot', () => {
  it('is the first plan that was recorded', () => {
    const journal = journalOfEvents(
      warning('before'),
      plan({ base_query: 'SELECT 1' }),
      plan({ base_query: 'SELECT 2' }),
    )
    expect(journal.planSnapshot()?.base_query).toBe('SELECT 1')
    expect(journal.planSnapshot()?.batch_size).toBe(1000)
  })

  it('is undefined where none was recorded', () => {
    expect(journalOfEvents(warning('a')).planSnapshot()).toBeUndefined()
  })
})

describe('the lists of entries', () => {
  it('files has the FileWritten entries in order', () => {
    const journal = journalOfEvents(file('f'), warning('a'), completed(0, 'not this'), file('g'))
    expect(journal.files()).toEqual([journal.entries[0], journal.entries[3]])
  })

  it('retries has the RetryAttempted entries in order', () => {
    const journal = journalOfEvents(retry(1), warning('a'), retry(2))
    expect(journal.retries()).toEqual([journal.entries[0], journal.entries[2]])
  })

  it('chunkEvents has all three kinds, in order of recording', () => {
    const journal = journalOfEvents(started(0), failed(1), warning('a'), completed(0), started(2))
    expect(journal.chunkEvents()).toEqual([0, 1, 3, 4].map((i) => journal.entries[i]))
  })

  it('qualityIssues has both severities, and nothing else', () => {
    const journal = journalOfEvents(quality('FAIL', 'a'), warning('b'), quality('WARN', 'c'))
    expect(journal.qualityIssues()).toEqual([journal.entries[0], journal.entries[2]])
  })

  it('schemaChanges has the SchemaChanged entries', () => {
    const journal = journalOfEvents(warning('a'), {
      SchemaChanged: { added: ['new_col (Int64)'], removed: [], type_changed: [] },
    })
    expect(journal.schemaChanges()).toEqual([journal.entries[1]])
  })

  it('warnings has Warning and PlanWarning, and no quality issue', () => {
    const journal = journalOfEvents(
      warning('w1'),
      { PlanWarning: { rule: 'r', message: 'w2' } },
      quality('WARN', 'q'),
    )
    expect(journal.warnings()).toEqual([journal.entries[0], journal.entries[1]])
  })

  it('are not confused by unknown kinds, bare or with a value', () => {
    const journal = journalOfEvents('Paused', { Resumed: { rows: 1 } }, 'FileDropped', file('f'))
    expect(journal.files()).toHaveLength(1)
    expect(journal.chunkEvents()).toEqual([])
    expect(journal.finalOutcome()).toBeUndefined()
  })
})

describe('finalOutcome', () => {
  it('is the last RunCompleted, also where other entries follow', () => {
    const journal = journalOfEvents(runCompleted('success'), runCompleted('failed'), warning('x'))
    expect(journal.finalOutcome()).toBe(journal.entries[1])
  })

  it('is undefined while the run has not finished', () => {
    expect(journalOfEvents(plan(), warning('w')).finalOutcome()).toBeUndefined()
  })
})

describe('longestChunkMs', () => {
  it('is the longest of the pairs, by chunk index, however they interleave', () => {
    const journal = journalOf([
      at(0, started(0)),
      at(50n * MS, started(1)),
      at(200n * MS, completed(0)),
      at(850n * MS, completed(1)),
    ])
    expect(journal.longestChunkMs()).toBe(800)
  })

  it('is undefined where completions have no start, and without chunks', () => {
    expect(journalOfEvents(completed(0), completed(1)).longestChunkMs()).toBeUndefined()
    expect(journalOfEvents(started(0), failed(0)).longestChunkMs()).toBeUndefined()
    expect(journalOfEvents(warning('a')).longestChunkMs()).toBeUndefined()
  })

  it('cuts to whole milliseconds and never rounds', () => {
    const lasting = (nanos: bigint) =>
      journalOf([at(0, started(0)), at(nanos, completed(0))]).longestChunkMs()
    expect(lasting(0n)).toBe(0)
    expect(lasting(999_999n)).toBe(0)
    expect(lasting(1_000_000n)).toBe(1)
    expect(lasting(1_999_999n)).toBe(1)
  })

  it('ignores a completion a millisecond or more before its start, but not a pair beside it', () => {
    const journal = journalOf([
      at(100n * MS, started(0)),
      at(0, completed(0)),
      at(200n * MS, started(1)),
      at(205n * MS, completed(1)),
    ])
    expect(journal.longestChunkMs()).toBe(5)
    expect(
      journalOf([at(1_000_000, started(0)), at(0, completed(0))]).longestChunkMs(),
    ).toBeUndefined()
  })

  it('takes a completion less than a millisecond before its start for 0, as rivet does', () => {
    expect(journalOf([at(999_999, started(0)), at(0, completed(0))]).longestChunkMs()).toBe(0)
  })

  it('pairs a chunk that started again with its last start', () => {
    const journal = journalOf([
      at(0, started(0)),
      at(500n * MS, started(0)),
      at(600n * MS, completed(0)),
    ])
    expect(journal.longestChunkMs()).toBe(100)
  })

  it('counts every completion of the same start, so that the latest of them tells', () => {
    const journal = journalOf([
      at(0, started(0)),
      at(100n * MS, completed(0)),
      at(700n * MS, completed(0)),
      at(300n * MS, completed(0)),
    ])
    expect(journal.longestChunkMs()).toBe(700)
  })

  it('is not ended by a failure: a later completion still pairs with the start', () => {
    const journal = journalOf([
      at(0, started(0)),
      at(100n * MS, failed(0)),
      at(250n * MS, completed(0)),
    ])
    expect(journal.longestChunkMs()).toBe(250)
  })

  it('takes an index that came as a bigint for the same chunk', () => {
    const journal = journalOf([at(0, started(5n)), at(3n * MS, completed(5))])
    expect(journal.longestChunkMs()).toBe(3)
    expect(chunkIndexKey(5n)).toBe(chunkIndexKey(5))
    expect(chunkIndexKey(2n ** 63n - 1n)).not.toBe(chunkIndexKey(2n ** 63n - 2n))
  })

  it('of the real run of orders is what rivet would say', () => {
    const journal = shopJournal('orders')
    const pairs = new Map<number | bigint, bigint>()
    const gaps = journal.entries.flatMap(({ recorded_at, event }) => {
      const time = parseTimestamp(recorded_at).unixNano
      if (typeof event === 'object' && 'ChunkStarted' in event) {
        pairs.set((event.ChunkStarted as { chunk_index: number }).chunk_index, time)
      }
      if (typeof event !== 'object' || !('ChunkCompleted' in event)) return []
      const { chunk_index } = event.ChunkCompleted as { chunk_index: number }
      return [Number((time - (pairs.get(chunk_index) ?? time)) / MS)]
    })
    expect(gaps).toHaveLength(16)
    expect(journal.longestChunkMs()).toBe(Math.max(...gaps))
  })
})

it('a journal with all kinds of events answers every query', () => {
  const journal = journalOfEvents(...EVERY_KIND, 'Paused')
  expect(journal.planSnapshot()?.chunk_key).toBe('id')
  expect(journal.files()).toHaveLength(1)
  expect(journal.retries()).toHaveLength(1)
  expect(journal.chunkEvents()).toHaveLength(3)
  expect(journal.qualityIssues()).toHaveLength(1)
  expect(journal.schemaChanges()).toHaveLength(1)
  expect(journal.warnings()).toHaveLength(2)
  expect(journal.finalOutcome()?.event).toEqual(runCompleted('success', null, 1200))
  expect(journal.longestChunkMs()).toBe(1)
})
