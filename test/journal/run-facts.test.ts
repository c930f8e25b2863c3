import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/journal/events.js'
import { runFacts } from '../../src/journal/run-facts.js'
import {
  completed,
  failed,
  journalOfEvents,
  runCompleted,
  shopJournal,
  started,
} from './example-journals.js'

const file = (file_name: string, rows: number | bigint, bytes: number | bigint): RunEvent => ({
  FileWritten: { file_name, rows, bytes, part_index: 0 },
})

describe('the facts of a run', () => {
  it('are unknown rather than 0 where the journal does not say them', () => {
    expect(runFacts(journalOfEvents('Paused'))).toEqual({
      rows: undefined,
      bytes: undefined,
      files: [],
      chunks: undefined,
      chunkFailures: 0,
      retries: 0,
      longestChunkMs: undefined,
      qualityIssues: 0,
      schemaChanges: 0,
      warnings: 0,
      validated: undefined,
      reconciled: undefined,
      outcome: undefined,
    })
  })

  it('list every file once, in the order of appearance, with the rows and bytes that are known', () => {
    const { files, rows, bytes } = runFacts(
      journalOfEvents(file('b', 1, 10), completed(0, 'a'), file('b', 2n ** 53n, 5), completed(1)),
    )
    expect(files).toEqual([
      { name: 'b', rows: 2n ** 53n + 1n, bytes: 15 },
      { name: 'a', rows: 10, bytes: undefined },
    ])
    expect(rows).toBe(2n ** 53n + 21n)
    expect(bytes).toBeUndefined()
  })

  it('count failures of chunks, also of chunks that completed later', () => {
    const facts = runFacts(
      journalOfEvents(started(0), failed(0), started(0), completed(0), failed(1)),
    )
    expect([facts.chunks, facts.chunkFailures]).toEqual([2, 2])
  })

  it('have the last outcome', () => {
    const journal = journalOfEvents(runCompleted('failed', 'm'), runCompleted('success'))
    expect(runFacts(journal).outcome?.status).toBe('success')
  })

  it('of a real run with 16 chunks have 16 files', () => {
    expect(runFacts(shopJournal('orders'))).toMatchObject({ chunks: 16, chunkFailures: 0 })
    expect(runFacts(shopJournal('orders')).files).toHaveLength(16)
    expect(runFacts(shopJournal('chunk_boom'))).toMatchObject({ chunks: 8, chunkFailures: 1 })
  })
})
