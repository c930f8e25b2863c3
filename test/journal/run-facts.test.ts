import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJournal } from '../../src/journal/codec.js'
import type { RunEvent } from '../../src/journal/events.js'
import { runFacts } from '../../src/journal/run-facts.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { arbitraryJournal, propertyCases } from './arbitrary-journal.js'

const SHOP = new URL('../fixtures/journals/shop.jsonl', import.meta.url)
const shop = readFileSync(SHOP, 'utf8').trim().split('\n').map(parseJournal)

function factsOf(...events: RunEvent[]) {
  const entries = events.map((event) => ({ recorded_at: '2026-11-21T08:00:00Z', event }))
  return runFacts(new RunJournal('orders_1', 'orders', entries))
}

describe('runFacts', () => {
  it('counts a chunked run: its files are those of the chunks, their bytes are unknown', () => {
    const { files, outcome, ...facts } = runFacts(shop[0] ?? new RunJournal('', ''))
    expect(facts).toEqual({
      rows: 400_000,
      bytes: undefined,
      chunks: 16,
      chunkFailures: 0,
      retries: 0,
      longestChunkMs: 193,
      qualityIssues: 0,
      schemaChanges: 0,
      warnings: 0,
      validated: true,
      reconciled: true,
    })
    expect(files).toHaveLength(16)
    expect(files[1]).toEqual({
      name: 'orders_20261121_085339_chunk1_3d93115fae1d0160.parquet',
      rows: 25_000,
      bytes: undefined,
    })
    expect(outcome).toEqual({ status: 'success', error_message: null, duration_ms: 2912 })
  })

  it('says nothing of what the journal says nothing of', () => {
    expect(factsOf()).toEqual({
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

  it('counts a file once, however often it is named, in the order of the first time', () => {
    const { files, rows, bytes } = factsOf(
      { FileWritten: { file_name: 'b', rows: 1, bytes: 10, part_index: 0 } },
      { FileWritten: { file_name: 'a', rows: 2, bytes: 20, part_index: 1 } },
      { FileWritten: { file_name: 'b', rows: 4, bytes: 40, part_index: 2 } },
    )
    expect(files).toEqual([
      { name: 'b', rows: 5, bytes: 50 },
      { name: 'a', rows: 2, bytes: 20 },
    ])
    expect({ rows, bytes }).toEqual({ rows: 7, bytes: 70 })
  })

  it('knows no bytes where those of one file are missing', () => {
    const { files, bytes } = factsOf(
      { FileWritten: { file_name: 'a', rows: 1, bytes: 10, part_index: 0 } },
      { ChunkCompleted: { chunk_index: 0, rows: 1, file_name: 'b' } },
      { ChunkCompleted: { chunk_index: 1, rows: 1, file_name: null } },
    )
    expect(files.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(bytes).toBeUndefined()
  })

  it('adds beyond 2^53 exactly', () => {
    const { rows, bytes } = factsOf(
      {
        FileWritten: { file_name: 'a', rows: 2n ** 63n - 1n, bytes: 2n ** 64n - 1n, part_index: 0 },
      },
      { FileWritten: { file_name: 'b', rows: 1, bytes: 1, part_index: 1 } },
    )
    expect({ rows, bytes }).toEqual({ rows: 2n ** 63n, bytes: 2n ** 64n })
  })

  it('takes the last word on validation, reconciliation and outcome', () => {
    const facts = factsOf(
      { ValidationResult: { passed: true } },
      { ReconciliationResult: { source_count: 1, exported_rows: 1, matched: true } },
      { RunCompleted: { status: 'failed', duration_ms: 1 } },
      { ValidationResult: { passed: false } },
      { ReconciliationResult: { source_count: 2, exported_rows: 1, matched: false } },
      { RunCompleted: { status: 'success', duration_ms: 2 } },
    )
    expect([facts.validated, facts.reconciled, facts.outcome?.status]).toEqual([
      false,
      false,
      'success',
    ])
  })

  it('counts as the queries of the journal do', () => {
    fc.assert(
      fc.property(arbitraryJournal(), (journal) => {
        const facts = runFacts(journal)
        expect(facts.retries).toBe(journal.retries().length)
        expect(facts.qualityIssues).toBe(journal.qualityIssues().length)
        expect(facts.schemaChanges).toBe(journal.schemaChanges().length)
        expect(facts.warnings).toBe(journal.warnings().length)
        expect(facts.longestChunkMs).toBe(journal.longestChunkMs())
        expect(facts.chunks === undefined).toBe(journal.chunkEvents().length === 0)
      }),
      { numRuns: propertyCases(100) },
    )
  })
})
