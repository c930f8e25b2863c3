import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ShowOptions } from '../../../src/cli/view/section-look.js'
import { showRun } from '../../../src/cli/view/show.js'
import { showUnjournaled } from '../../../src/cli/view/show-unjournaled.js'
import { displayWidth } from '../../../src/cli/view/terminal-text.js'
import { unjournaledJson } from '../../../src/cli/view/unjournaled-json.js'
import { stringifyJson } from '../../../src/json/lossless.js'
import type { NextRun } from '../../../src/state/next-run.js'
import type { UnjournaledRun } from '../../../src/state/unjournaled-run.js'
import { shopJournal } from './journals.js'
import { after, interruptedInChunks, interruptedRun, task } from './unjournaled-runs.js'

function show(run: UnjournaledRun, next?: NextRun, options: Partial<ShowOptions> = {}): string {
  return `\n${showUnjournaled(run, next, { width: 80, color: false, ...options })}`
}

const RESUMED: NextRun = { runId: 'slow_2', wentOn: true, status: 'success' }

describe('showUnjournaled', () => {
  it('answers the four questions about a run that was killed, as far as that goes', () => {
    const run = interruptedInChunks({ status: 'success', resumedBy: 'slow_2' })
    expect(show(run, RESUMED)).toBe(`
NO JOURNAL: this run was killed before it could write one. This is what the
state database has of it.

slow_1
interrupted · export slow · started 2026-11-21 08:00:00Z

Planned
  mode           chunked
  chunk size     250 rows
  parallel       2
  chunks         6
  source         postgres://127.0.0.1:5432/shop
  written to     file:///srv/shop/out/slow

Happened
  rows           500
  files          2
  bytes          3.00 kB
  chunks         2 completed, 1 failed, 1 running, 2 pending
  chunk 3        was being read, since 2026-11-21 08:00:04Z: keys 751 – 1000,
                 attempt 1

  FILE        ROWS    BYTES
  part_0.csv   250  1.50 kB
  part_1.csv   250  1.50 kB

Degraded
  chunk 2        failed, attempt 3: db error: ERROR: division by zero
  chunk 1        completed, attempt 2: connection reset

Outcome
  status         interrupted, 1 chunk failure
  last activity  2026-11-21 08:00:04Z, 4.00 s after its start
  noticed        2026-11-21 08:01:00Z; when it stopped, nobody knows
  resumed by     slow_2: success
  see            rivet-otel show slow_2
`)
  })

  it('says what little is known of a run that left nothing but its row', () => {
    expect(show(interruptedRun())).toBe(`
NO JOURNAL: this run was killed before it could write one. This is what the
state database has of it.

slow_1
interrupted · export slow · started 2026-11-21 08:00:00Z

Planned
  nothing of the plan is known

Happened
  rows           –
  files          –
  bytes          –

Degraded
  nothing recorded

Outcome
  status         interrupted
  noticed        2026-11-21 08:01:00Z; when it stopped, nobody knows
  next           no later run of the export on this source is here; the next one
                 exports it again
`)
  })

  it('says since when a run is running, and what if it is dead', () => {
    const { endedUnixNano: _, ...running } = interruptedInChunks({
      state: 'running',
      status: 'running',
    })
    expect(show(running)).toBe(`
NO JOURNAL YET: rivet writes it when the run ends. This is what the state
database has of it.

slow_1
running, 1 chunk failure · export slow · started 2026-11-21 08:00:00Z

Planned
  mode           chunked
  chunk size     250 rows
  parallel       2
  chunks         6
  source         postgres://127.0.0.1:5432/shop
  written to     file:///srv/shop/out/slow

Happened
  rows           500
  files          2
  bytes          3.00 kB
  chunks         2 completed, 1 failed, 1 running, 2 pending
  chunk 3        is being read, since 2026-11-21 08:00:04Z: keys 751 – 1000,
                 attempt 1
  rivet          0.32.2
  memory         21 MB at most

  FILE        ROWS    BYTES
  part_0.csv   250  1.50 kB
  part_1.csv   250  1.50 kB

Degraded
  chunk 2        failed, attempt 3: db error: ERROR: division by zero
  chunk 1        completed, attempt 2: connection reset

Outcome
  status         running, 1 chunk failure
  since          2026-11-21 08:00:00Z
  last activity  2026-11-21 08:00:04Z, 4.00 s after its start
  if it is dead  the next run of the export notices, and goes on with its
                 checkpoint where that is there; \`rivet state finish-run\` marks
                 it by hand
`)
  })

  it('says how a run ended whose journal is not there', () => {
    const run = interruptedRun({
      state: 'unrecorded',
      status: 'success',
      endedUnixNano: after(1500),
    })
    expect(show(run)).toBe(`
NO JOURNAL: rivet says that this run ended, and its journal is not there. This
is what the state database has of it.

slow_1
success, no journal · export slow · started 2026-11-21 08:00:00Z

Planned
  nothing of the plan is known

Happened
  rows           –
  files          –
  bytes          –

Degraded
  nothing recorded

Outcome
  status         success, no journal
  ended          2026-11-21 08:00:01Z, after 1.50 s
`)
  })

  it('names the next run where none went on with it, and what comes where there is none', () => {
    const began: NextRun = { runId: 'slow_2', wentOn: false, status: 'failed' }
    expect(show(interruptedRun(), began)).toContain(
      '\n  next run       slow_2: failed\n  see            rivet-otel show slow_2\n',
    )
    const unknown: NextRun = { runId: 'slow_2', wentOn: true, status: undefined }
    expect(show(interruptedRun(), unknown)).toContain('\n  resumed by     slow_2\n')
    expect(show(interruptedInChunks(), undefined, { width: 200 })).toContain(
      'exports it again, and goes on with its checkpoint if that is still there',
    )
  })

  it('never shows a duration of a run that was killed', () => {
    const [, outcome = ''] = show(interruptedRun()).split('\nOutcome\n')
    expect(outcome).not.toMatch(/after|1 m|60/)
  })

  it('counts only what was completed where a later run has taken up chunks', () => {
    const { chunkTasks } = interruptedInChunks()
    const own = chunkTasks.filter(({ status }) => status === 'completed')
    const shown = show(
      interruptedInChunks({ chunkTasks: own, hasChunksGoneOn: true, resumedBy: 'slow_2' }),
      RESUMED,
    )
    expect(shown).toContain('  chunks         2 completed, others were taken up by a later run\n')
    expect(shown.match(/^ {2}chunks /gm)).toHaveLength(1)
  })

  it('counts the chunks that are too many to be named, and the lines of an error', () => {
    const lastError = Array.from({ length: 100 }, (_, i) => `line ${i}`).join('\n')
    const chunkTasks = [
      ...Array.from({ length: 2000 }, (_, i) => task(i, 'failed', { lastError })),
      ...Array.from({ length: 3000 }, (_, i) => task(2000 + i, 'running')),
      ...Array.from({ length: 4000 }, (_, i) => task(5000 + i, 'completed', { attempts: 2 })),
      ...Array.from({ length: 500 }, (_, i) => task(9000 + i, `strange ${i}`)),
    ]
    const text = show(interruptedRun({ chunkTasks }), undefined, { width: 120 })
    expect(text).toContain('… 1,980 more failed chunks')
    expect(text).toContain('… 2,990 more running chunks')
    expect(text).toContain('… 3,980 more retried chunks')
    expect(text).toContain('… 90 more lines')
    expect(text).toContain('4,000 completed, 2,000 failed, 3,000 running, 1 strange 0')
    expect(text.split('\n').length).toBeLessThan(350)
  })

  it('fits into any width from 40 on, with colours and without', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 40, max: 160 }),
        fc.string({ unit: 'grapheme', maxLength: 120 }),
        (width, text) => {
          const run = interruptedInChunks({
            runId: `slow_${text}`,
            exportName: text,
            chunkTasks: [task(0, text), task(1, 'failed', { lastError: text, startKey: text })],
            files: [{ fileName: text }],
          })
          const plain = showUnjournaled(run, RESUMED, { width, color: false })
          const painted = showUnjournaled(run, RESUMED, { width, color: true })
          expect(stripVTControlCharacters(painted)).toBe(plain)
          for (const line of plain.split('\n'))
            expect(displayWidth(line)).toBeLessThanOrEqual(width)
        },
      ),
    )
  })

  it('is as loud about an interrupted run as about a failed one, and calm about a running one', () => {
    const painted = (run: UnjournaledRun) => show(run, undefined, { color: true })
    expect(painted(interruptedRun())).toContain('\u001b[31minterrupted\u001b[39m')
    expect(painted(interruptedRun({ state: 'running' }))).toContain('\u001b[2mrunning\u001b[22m')
    const unrecorded = interruptedRun({ state: 'unrecorded', status: 'success' })
    expect(painted(unrecorded)).toContain('\u001b[33msuccess, no journal\u001b[39m')
  })
})

describe('showRun', () => {
  it('adds what the state database knows beside the journal, and only that', () => {
    const journal = shopJournal('orders_20261121')
    const { record } = interruptedInChunks()
    const shown = (known: typeof record) =>
      showRun(journal, { width: 80, color: false }, known).split('\nBeside the journal\n')[1]
    expect(shown(record)).toBe(
      `  source         postgres://127.0.0.1:5432/shop
  written to     file:///srv/shop/out/slow
  rivet          0.32.2
  memory         21 MB at most
`,
    )
    const bare = { runId: 'slow_1', exportName: 'slow', harm: [] }
    expect(shown(bare)).toBeUndefined()
    expect(shown({ ...bare, resumed: { runId: 'slow_0', hasJournal: false } })).toBe(
      '  went on with   slow_0, which left no journal\n',
    )
    expect(shown({ ...bare, resumed: { runId: 'slow_0', hasJournal: true } })).toBe(
      '  went on with   slow_0\n',
    )
  })
})

describe('unjournaledJson', () => {
  it('is clearly no journal, has everything, and null where nothing is known', () => {
    const run = interruptedInChunks({ status: 'success', resumedBy: 'slow_2' })
    const json = JSON.parse(stringifyJson(unjournaledJson(run, RESUMED)))
    expect(json).toMatchObject({
      journal: null,
      run_id: 'slow_1',
      export_name: 'slow',
      status: 'interrupted',
      state: 'interrupted',
      rivet_status: 'success',
      started_at: '2026-11-21T08:00:00Z',
      ended_at: null,
      noticed_at: '2026-11-21T08:01:00Z',
      resumed_by: 'slow_2',
      next_run: { run_id: 'slow_2', status: 'success' },
      source: 'postgres://127.0.0.1:5432/shop',
      prefix: 'file:///srv/shop/out/slow',
      harm: [],
    })
    expect(json.metrics).toMatchObject({ mode: 'chunked', chunk_size: 250, parallel: 2 })
    expect(json.chunks).toHaveLength(6)
    expect(json.chunks[2]).toEqual({
      chunk_index: 2,
      start_key: '501',
      end_key: '750',
      status: 'failed',
      attempts: 3,
      last_error: 'db error: ERROR: division by zero',
      rows: null,
      file_name: null,
      updated_at: '2026-11-21T08:00:03Z',
    })
    const bare = JSON.parse(stringifyJson(unjournaledJson(interruptedRun(), undefined)))
    expect(Object.keys(bare)).toEqual(Object.keys(json))
    expect(bare).toMatchObject({ resumed_by: null, next_run: null, source: null, metrics: null })
  })

  it('says when a run ended only where it ended by itself', () => {
    const unrecorded = interruptedRun({ state: 'unrecorded', status: 'success' })
    expect(unjournaledJson(unrecorded, undefined)).toMatchObject({
      status: 'success',
      ended_at: '2026-11-21T08:01:00Z',
      noticed_at: null,
    })
  })
})
