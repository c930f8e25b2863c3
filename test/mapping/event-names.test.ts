import { describe, expect, it } from 'vitest'
import { EVENT_NAMES, kindOfEventName, UNKNOWN_EVENT_NAME } from '../../src/mapping/event-names.js'

describe('the names of span events', () => {
  it('are rivet. and the kind in snake case', () => {
    expect(EVENT_NAMES).toEqual({
      PlanResolved: 'rivet.plan_resolved',
      PlanWarning: 'rivet.plan_warning',
      FileWritten: 'rivet.file_written',
      ChunkStarted: 'rivet.chunk_started',
      ChunkCompleted: 'rivet.chunk_completed',
      ChunkFailed: 'rivet.chunk_failed',
      RetryAttempted: 'rivet.retry_attempted',
      QualityIssue: 'rivet.quality_issue',
      SchemaChanged: 'rivet.schema_changed',
      Warning: 'rivet.warning',
      ParallelismAdjusted: 'rivet.parallelism_adjusted',
      ValidationResult: 'rivet.validation_result',
      ReconciliationResult: 'rivet.reconciliation_result',
      RunCompleted: 'rivet.run_completed',
    })
  })

  it('lead back to the kinds, and no other name does', () => {
    for (const [kind, name] of Object.entries(EVENT_NAMES)) expect(kindOfEventName(name)).toBe(kind)
    for (const name of [UNKNOWN_EVENT_NAME, 'PlanResolved', 'rivet.toString', '']) {
      expect(kindOfEventName(name)).toBeUndefined()
    }
  })
})
