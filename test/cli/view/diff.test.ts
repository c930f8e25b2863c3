import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { gatesOf, judgeGates } from '../../../src/cli/gates.js'
import { changeWords } from '../../../src/cli/view/change-words.js'
import { showDiff } from '../../../src/cli/view/diff.js'
import { printable } from '../../../src/cli/view/printable.js'
import { displayWidth } from '../../../src/cli/view/terminal-text.js'
import type { RunJournal } from '../../../src/journal/run-journal.js'
import { diffRuns } from '../../../src/view/diff-runs.js'
import { runViewOf } from '../../../src/view/run-view-of.js'
import { chunkedRun, madeUp, PLAN, shopJournal, shopJournals } from './journals.js'

const viewOf = (journal: RunJournal) => runViewOf({ item: { kind: 'journal', journal } })

function shown(a: RunJournal, b: RunJournal, width = 80, color = false, gates: string[] = []) {
  const diff = diffRuns(viewOf(a), viewOf(b))
  return showDiff(diff, judgeGates(diff, gatesOf(gates)), { width, color })
}

const withPlan = (more: object, exportName = 'made_up') =>
  madeUp(
    [
      [0, { PlanResolved: { ...PLAN.PlanResolved, ...more } }],
      [1, { RunCompleted: { status: 'success', duration_ms: 1 } }],
    ],
    'made_up_1',
    exportName,
  )

const LONG = Array.from({ length: 40 }, (_, i) => `  column_${i},`).join('\n')

describe('two runs in a terminal', () => {
  it('are named, with what differs of numbers, the plan and the schema', () => {
    const [a, b] = ['events_full_20261121T085346', 'events_full_20261121T085429'].map(shopJournal)
    if (a === undefined || b === undefined) throw new Error('there are two')
    expect(shown(a, b, 80, false, ['rows', 'schema', 'longest-chunk=+1s'])).toBe(`\
A  events_full_20261121T085346.229_11188
   success · export events_full · started 2026-11-21 08:53:46Z
B  events_full_20261121T085429.154_12752
   success, 1 schema change · export events_full · started 2026-11-21 08:54:29Z

Numbers
                 A       B  CHANGE
  duration  403 ms  411 ms   +2.0%
  rows      49,995  49,995    same
  bytes     474 kB  532 kB    +12%
  files          1       1    same
  retries        0       0    same

Plan
  validate       true → false
  reconcile      true → false
  query
    - SELECT id, kind, payload, at FROM events WHERE kind = 'click' ORDER BY id
    + SELECT * FROM events ORDER BY id

Schema
  added region (Utf8)
  removed kind
  changed at: Timestamp(Microsecond, Some("UTC")) → Utf8

What went wrong
  nothing that is not in both

Gates
  rows           holds
  schema         differs: added region (Utf8), removed kind, changed at:
                 Timestamp(Microsecond, Some("UTC")) → Utf8
  longest-chunk=+1s
                 holds
`)
  })

  it.each([40, 60, 100, 160])('stay within %i columns, whatever they are', (width) => {
    const wide = withPlan(
      { base_query: `SELECT\n${'顧客'.repeat(60)}`, compression: '圧縮'.repeat(50) },
      '日本'.repeat(30),
    )
    const journals = [...shopJournals, wide, withPlan({ base_query: LONG }), chunkedRun(40)]
    journals.forEach((a, i) => {
      const b = journals[(i + 1) % journals.length] ?? a
      for (const line of shown(a, b, width, false, ['rows,plan', 'longest-chunk=+10%']).split('\n'))
        expect(displayWidth(line), line).toBeLessThanOrEqual(width)
    })
  })

  it('say with colours what they say without', () => {
    const [a, b] = [chunkedRun(20), chunkedRun(20, { slow: [3], failed: [7] })]
    const [plain, colored] = [shown(a, b), shown(a, b, 80, true)]
    expect(colored).not.toBe(plain)
    expect(stripVTControlCharacters(colored)).toBe(plain)
    expect(plain).toMatchInlineSnapshot(`
      "A  made_up_1
         success · export made_up · started 2026-11-21 08:00:00Z
      B  made_up_1
         failed · export made_up · started 2026-11-21 08:00:00Z

      Numbers
                            A       B  CHANGE
        duration       205 ms  298 ms    +45%
        rows           20,000  19,000   -5.0%
        files              20      19   -5.0%
        chunks             20      20    same
        longest chunk   10 ms  103 ms   +930%
        retries             0       0    same

      Plan
        the same

      Schema
        the same

      What went wrong
        in B, and not in A
        chunk 7        attempt 1: chunk 7 broke

      Chunks
        19 chunks with a time in both, by their keys; those whose time moved most
        KEYS             A       B  CHANGE
        3001 – 4000  10 ms  103 ms   +930%
      "
    `)
  })

  it('show of long SQL what differs, with the lines around it', () => {
    const lines = shown(
      withPlan({ base_query: LONG }),
      withPlan({ base_query: LONG.replace('column_20', 'column_x') }),
    )
    expect(lines).toContain(`\
    … 18 lines the same
        column_18,
        column_19,
    -   column_20,
    +   column_x,
        column_21,
        column_22,
    … 17 lines the same`)
  })

  it('cannot make the terminal do anything', () => {
    const evil = '\u001b[31mx\u202e\r\n'
    const text = shown(withPlan({}), withPlan({ base_query: evil, compression: evil }, evil))
    for (const line of text.split('\n')) expect(printable(line)).toBe(line)
  })
})

describe('a change', () => {
  it.each([
    [0.25, '+25%'],
    [-0.0204, '-2.0%'],
    [0.0001, '+<0.1%'],
    [-0.9996, '-99.9%'],
    [-0.9956, '-99.6%'],
    [-1, '-100%'],
    [10, '×11'],
    [9.5, '+950%'],
    [123_456, '×123,457'],
    [null, ''],
  ])('of %s is %s', (change, words) => {
    expect(changeWords(change)).toBe(words)
  })
})
