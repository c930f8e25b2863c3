import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/journal/events.js'
import { errorStatus, errorType, putRunFacts, runStatus } from '../../src/mapping/run-facts.js'
import { type Attributes, StatusCode } from '../../src/trace/trace.js'
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
} from '../journal/example-journals.js'

function factsOf(...events: RunEvent[]): Attributes {
  const attributes = {}
  putRunFacts(attributes, journalOfEvents(...events))
  return attributes
}

const file = (file_name: string, rows: number | bigint, bytes: number | bigint): RunEvent => ({
  FileWritten: { file_name, rows, bytes, part_index: 0 },
})

/** What is known of every journal: how many entries of these kinds it has. */
const NO_COUNTS = {
  'rivet.run.retries': 0,
  'rivet.run.quality_issues': 0,
  'rivet.run.schema_changes': 0,
  'rivet.run.warnings': 0,
}

describe('what the root says about a run', () => {
  it('is nothing but the counts of entries where nothing else is known', () => {
    expect(factsOf('Paused')).toEqual(NO_COUNTS)
  })

  it('is everything that a run of all kinds of events says', () => {
    expect(factsOf(...EVERY_KIND)).toEqual({
      'rivet.run.status': 'success',
      'rivet.run.duration_ms': 1200,
      'rivet.run.rows': 17,
      'rivet.run.files': 2,
      'rivet.run.chunks': 2,
      'rivet.run.retries': 1,
      'rivet.run.longest_chunk_ms': 1,
      'rivet.run.quality_issues': 1,
      'rivet.run.schema_changes': 1,
      'rivet.run.warnings': 2,
      'rivet.run.validated': true,
      'rivet.run.reconciled': true,
      'rivet.plan.strategy': 'chunked',
      'rivet.plan.format': 'parquet',
      'rivet.plan.compression': 'zstd',
      'rivet.plan.destination_type': 'local',
      'rivet.plan.tuning_profile': 'balanced',
      'rivet.plan.batch_size': 10_000,
      'rivet.plan.validate': true,
      'rivet.plan.reconcile': true,
      'rivet.plan.resume': false,
      'rivet.plan.chunk_key': 'id',
      'rivet.plan.resumable': true,
    })
  })

  it('sums the rows of files and of chunks, exactly beyond 2^53 and beyond i64', () => {
    expect(factsOf(file('a', 7, 1), completed(0), completed(0))['rivet.run.rows']).toBe(27)
    expect(factsOf(file('a', 0, 1))['rivet.run.rows']).toBe(0)
    expect(factsOf(file('a', 2n ** 53n, 1), file('b', 1, 1))['rivet.run.rows']).toBe(2n ** 53n + 1n)
    const huge = 2n ** 63n - 1n
    expect(factsOf(file('a', huge, 1), file('b', huge, 1))['rivet.run.rows']).toBe(
      '18446744073709551614',
    )
  })

  it('counts the names of files once each, wherever they stand', () => {
    expect(
      factsOf(file('a', 1, 1), file('a', 1, 1), completed(0, 'a'), completed(1, 'b'), completed(2))[
        'rivet.run.files'
      ],
    ).toBe(2)
    expect(factsOf(completed(0))['rivet.run.files']).toBeUndefined()
  })

  it('sums bytes only where those of every file are known', () => {
    const bytes = 'rivet.run.bytes'
    expect(factsOf(file('a', 1, 10), file('b', 1, 5))[bytes]).toBe(15)
    expect(factsOf(file('a', 1, 10), file('a', 1, 5))[bytes]).toBe(15)
    expect(factsOf(file('a', 1, 10), completed(0, 'a'))[bytes]).toBe(10)
    expect(factsOf(file('a', 1, 10), completed(0))[bytes]).toBe(10)
    expect(factsOf(file('a', 1, 0))[bytes]).toBe(0)
    expect(factsOf(file('a', 1, 10), completed(0, 'b'))[bytes]).toBeUndefined()
    expect(factsOf(completed(0, 'b'))[bytes]).toBeUndefined()
  })

  it('counts distinct chunks, also failed ones and ones that only started', () => {
    expect(factsOf(started(0), failed(0), started(0), completed(0))['rivet.run.chunks']).toBe(1)
    expect(factsOf(started(0), failed(1), completed(2), completed(2n))['rivet.run.chunks']).toBe(3)
    expect(factsOf(warning('a'))['rivet.run.chunks']).toBeUndefined()
  })

  it('counts retries, warnings, quality issues and schema changes', () => {
    const issue: RunEvent = { QualityIssue: { severity: 'FAIL', message: 'm' } }
    const change: RunEvent = { SchemaChanged: { added: [], removed: [], type_changed: [] } }
    const planWarning: RunEvent = { PlanWarning: { rule: 'r', message: 'm' } }
    expect(
      factsOf(retry(1), retry(2), issue, issue, issue, change, warning('a'), planWarning),
    ).toEqual({
      'rivet.run.retries': 2,
      'rivet.run.quality_issues': 3,
      'rivet.run.schema_changes': 1,
      'rivet.run.warnings': 2,
    })
  })

  it('has the longest chunk only where there is a pair', () => {
    expect(factsOf(completed(0))['rivet.run.longest_chunk_ms']).toBeUndefined()
    const attributes: Attributes = {}
    putRunFacts(attributes, journalOf([at(0, started(0)), at(9n * MS, completed(0))]))
    expect(attributes['rivet.run.longest_chunk_ms']).toBe(9)
  })

  it('has the last outcome, validation and reconciliation, also where they are false', () => {
    const facts = factsOf(
      { ValidationResult: { passed: true } },
      { ValidationResult: { passed: false } },
      { ReconciliationResult: { source_count: 1, exported_rows: 1, matched: true } },
      { ReconciliationResult: { source_count: 2, exported_rows: 1, matched: false } },
      runCompleted('failed', 'm', 1),
      runCompleted('success', null, 2),
    )
    expect(facts['rivet.run.validated']).toBe(false)
    expect(facts['rivet.run.reconciled']).toBe(false)
    expect(facts['rivet.run.status']).toBe('success')
    expect(facts['rivet.run.duration_ms']).toBe(2)
    expect(facts['rivet.run.error_message']).toBeUndefined()
  })

  it('has the short fields of the first plan, and none that the plan does not have', () => {
    const facts = factsOf(plan({ base_query: 'SELECT 1' }), ...EVERY_KIND.slice(0, 1))
    expect(facts['rivet.plan.strategy']).toBe('snapshot')
    for (const name of ['chunk_key', 'resumable', 'row_hash', 'base_query', 'export_name']) {
      expect(facts[`rivet.plan.${name}`]).toBeUndefined()
    }
  })

  it('is what a real run says: 16 chunks, reconciled', () => {
    const attributes: Attributes = {}
    putRunFacts(attributes, shopJournal('orders'))
    expect(attributes).toMatchObject({
      'rivet.run.status': 'success',
      'rivet.run.chunks': 16,
      'rivet.run.files': 16,
      'rivet.run.validated': true,
      'rivet.run.reconciled': true,
      'rivet.run.retries': 0,
    })
    expect(attributes['rivet.run.bytes']).toBeUndefined()
  })
})

describe('the status of a run', () => {
  it('is an error with the message where the last outcome is failed', () => {
    expect(runStatus(journalOfEvents(runCompleted('failed', 'no such column')))).toEqual({
      code: StatusCode.ERROR,
      message: 'no such column',
    })
    expect(runStatus(journalOfEvents(runCompleted('failed')))).toEqual({ code: StatusCode.ERROR })
  })

  it('is unset otherwise, whatever else happened', () => {
    for (const status of ['success', 'skipped', 'interrupted', 'Failed', '']) {
      expect(runStatus(journalOfEvents(runCompleted(status, 'message')))).toBeUndefined()
    }
    expect(runStatus(journalOfEvents(started(0), failed(0)))).toBeUndefined()
    const recovered = journalOfEvents(runCompleted('failed', 'm'), runCompleted('success'))
    expect(runStatus(recovered)).toBeUndefined()
  })

  it('has its message cut at 2,048 bytes, between code points', () => {
    expect(errorStatus('x'.repeat(2048)).message).toBe('x'.repeat(2048))
    expect(errorStatus('x'.repeat(2049)).message).toBe('x'.repeat(2048))
    expect(errorStatus(`${'x'.repeat(2046)}🦀`).message).toBe('x'.repeat(2046))
    expect(errorStatus('🦀'.repeat(10_000)).message).toBe('🦀'.repeat(512))
  })

  it('has the RIVET_ code of the message as its type, else _OTHER', () => {
    expect(errorType('chunk 3: RIVET_SOURCE_TIMEOUT2: canceled; RIVET_OTHER')).toBe(
      'RIVET_SOURCE_TIMEOUT2',
    )
    expect(errorType('[RIVET_E1]')).toBe('RIVET_E1')
    expect(errorType(`RIVET_${'X'.repeat(100)}`)).toHaveLength(106)
    expect(errorType(`RIVET_${'X'.repeat(101)}`)).toBe('_OTHER')
    for (const message of ['', 'no code', 'RIVET_', 'rivet_x', 'MYRIVET_X', 'RIVET-X']) {
      expect(errorType(message)).toBe('_OTHER')
    }
  })

  it('of the real failed runs is _OTHER: rivet keeps its codes out of these messages', () => {
    for (const exportName of ['customers_quality', 'broken', 'chunk_boom', 'chunk_slow']) {
      const message = runStatus(shopJournal(exportName))?.message ?? ''
      expect(message).not.toBe('')
      expect(errorType(message)).toBe('_OTHER')
    }
  })
})
