import { describe, expect, it } from 'vitest'
import { gatesOf, judgeGates } from '../../src/cli/gates.js'
import type { RunEvent } from '../../src/journal/events.js'
import { RivetOtelError } from '../../src/problem.js'
import { diffRuns } from '../../src/view/diff-runs.js'
import type { RunDiff } from '../../src/view/run-diff.js'
import type { RunSummary } from '../../src/view/run-view.js'
import { runViewOf } from '../../src/view/run-view-of.js'
import { madeUp, PLAN } from './view/journals.js'

const run = (...events: readonly RunEvent[]) =>
  runViewOf({ item: { kind: 'journal', journal: madeUp(events.map((event, i) => [i, event])) } })

const ended = (status: string, duration_ms = 100): RunEvent => ({
  RunCompleted: { status, duration_ms },
})

const A = run(PLAN, ended('success'))

/** What comes of gates between two runs with these numbers. */
function judged(a: Partial<RunSummary>, b: Partial<RunSummary>, ...gates: string[]) {
  const known = { rows: 100, bytes: 100, files: 1, ...a }
  const diff = diffRuns(
    { ...A, summary: { ...A.summary, ...known } },
    { ...A, summary: { ...A.summary, ...known, ...b } },
  )
  return outcomes(diff, ...gates)
}

const outcomes = (diff: RunDiff, ...gates: string[]) =>
  judgeGates(diff, gatesOf(gates)).map(({ outcome }) => outcome)

describe('gates', () => {
  it('are given with commas, several times, and with - or _', () => {
    const gates = gatesOf(['schema, plan', 'longest-chunk=+1s', 'longest_chunk'])
    expect(gates.map(({ subject }) => subject)).toEqual([
      ...['schema', 'plan', 'longest_chunk', 'longest_chunk'],
    ])
    expect(gates[2]).toMatchObject({ tolerance: { direction: '+', most: 1000 } })
  })

  it.each([
    ['rows', 100, 'holds'],
    ['rows', 101, 'differs'],
    ['rows=5%', 105, 'holds'],
    ['rows=5%', 95, 'holds'],
    ['rows=5%', 106, 'differs'],
    ['rows=5%', 94, 'differs'],
    ['rows=+5%', 0, 'holds'],
    ['rows=+', 101, 'differs'],
    ['rows=-5%', 1000, 'holds'],
    ['rows=-5%', 94, 'differs'],
    ['rows=10', 110, 'holds'],
    ['rows=10', 111, 'differs'],
    ['rows=0.5%', 101, 'differs'],
  ] as const)('%s of 100 rows that are %i now: %s', (gate, rows, outcome) => {
    expect(judged({ rows: 100 }, { rows }, gate)).toEqual([outcome])
  })

  it('take times for times, and exact numbers beyond 2^53', () => {
    expect(judged({ duration_ms: 1000 }, { duration_ms: 31_000 }, 'duration=30s')).toEqual([
      'holds',
    ])
    expect(judged({ duration_ms: 1000 }, { duration_ms: 31_001 }, 'duration=30s')).toEqual([
      'differs',
    ])
    const [a, b] = ['9007199254740993', '9007199254740994']
    expect(judged({ bytes: a }, { bytes: b }, 'bytes')).toEqual(['differs'])
    expect(judged({ rows: 0 }, { rows: 1 }, 'rows=50%')).toEqual(['differs'])
  })

  it('do not hold where one run, or both, do not say it', () => {
    expect(judged({ rows: null }, { rows: 1 }, 'rows=+5%')).toEqual(['unknown'])
    expect(judged({ rows: 1 }, { rows: null }, 'rows')).toEqual(['unknown'])
    expect(judged({ bytes: null }, { bytes: null }, 'bytes', 'rows')).toEqual(['unknown', 'holds'])
    const noPlan = run(ended('success'))
    expect(outcomes(diffRuns(noPlan, A), 'plan', 'schema')).toEqual(['unknown', 'holds'])
    const newer = run({ PlanResolved: { ...PLAN.PlanResolved, chunk_key: 'id' } }, ended('success'))
    expect(outcomes(diffRuns(A, newer), 'plan')).toEqual(['unknown'])
    const unsure = { runs: [], unknown: 'who knows' }
    expect(outcomes(diffRuns(A, A, unsure), 'schema')).toEqual(['unknown'])
  })

  it('of failures and of the status stop at what is worse', () => {
    const failed = run(
      PLAN,
      { ChunkFailed: { chunk_index: 0, error: 'timeout', attempt: 1 } },
      ended('failed'),
    )
    expect(outcomes(diffRuns(A, failed), 'failures', 'status')).toEqual(['differs', 'differs'])
    expect(outcomes(diffRuns(failed, A), 'failures', 'status')).toEqual(['holds', 'holds'])
    const warned = run(PLAN, { Warning: { context: 'disk', message: 'full' } }, ended('success'))
    expect(outcomes(diffRuns(A, warned), 'failures', 'status')).toEqual(['holds', 'holds'])
  })

  it('of the plan and the schema name what differs', () => {
    const other = run(
      { PlanResolved: { ...PLAN.PlanResolved, compression: 'none' } },
      { SchemaChanged: { added: ['nick'], removed: [], type_changed: [] } },
      ended('success'),
    )
    const later = { ...other, summary: { ...other.summary, run_id: 'made_up_2' } }
    expect(judgeGates(diffRuns(A, later), gatesOf(['plan,schema'])).map(({ why }) => why)).toEqual([
      'compression',
      'added nick',
    ])
  })

  it.each(['rows=', 'rows=x', 'rows=5s', 'plan=5%', 'status=1', 'duration=5x', 'rows=--5'])(
    'are refused with a tolerance that is none: %s',
    (gate) => {
      expect(() => gatesOf([gate])).toThrow(RivetOtelError)
    },
  )

  it('that there are not are refused with the near ones', () => {
    expect(() => gatesOf(['row'])).toThrow(/no gate row \(did you mean rows\?\)/)
    expect(() => gatesOf(['longest'])).toThrow(/longest-chunk/)
    expect(() => gatesOf([''])).toThrow(RivetOtelError)
    expect(() => gatesOf(['constructor'])).toThrow(RivetOtelError)
    expect(() => gatesOf(['hunter2!'])).toThrow(/there is no gate of that name/)
    try {
      gatesOf(['row'])
    } catch (error) {
      expect(String((error as RivetOtelError).hint).split(', ')).toHaveLength(11)
    }
  })
})
