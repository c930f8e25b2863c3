/** Views of runs for tests: of journals, and made up where no journal would be large or strange enough. */

import type { AttemptView, RunView } from '../../src/view/run-view.js'
import { runViewOf } from '../../src/view/run-view-of.js'
import { shopJournal } from '../journal/example-journals.js'

/** The view of the first real run of an export. */
export function shopView(exportName: string): RunView {
  return runViewOf({ item: { kind: 'journal', journal: shopJournal(exportName) } })
}

/** A run of so many chunks, one after the other by tens, of which every thousandth failed. */
export function largeView(chunks: number): RunView {
  const view = shopView('orders')
  const attempts = Array.from({ length: chunks }, (_, i) => attempt(i))
  return {
    ...view,
    summary: { ...view.summary, chunks, files: chunks },
    axis: { start_at: '2026-11-21T08:53:39Z', duration_ms: chunks * 5 + 1000 },
    attempts,
    files: attempts.map(({ files, rows }) => ({ name: files[0] ?? '', rows, bytes: 1_000_000 })),
  }
}

function attempt(chunk: number): AttemptView {
  const failed = chunk % 1000 === 999
  return {
    chunk,
    start_ms: chunk * 5,
    duration_ms: 20 + ((chunk * 7919) % 97),
    timing: 'measured',
    keys: [String(chunk * 25_000 + 1), String((chunk + 1) * 25_000)],
    rows: failed ? null : 25_000,
    files: failed ? [] : [`orders_20261121_085339_chunk${chunk}.parquet`],
    failed,
    error: failed ? 'db error: ERROR: canceling statement due to statement timeout' : null,
    attempt: failed ? 1 : null,
    recovered: false,
    again: false,
    longest: chunk === 97,
  }
}
