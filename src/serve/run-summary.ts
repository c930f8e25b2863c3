/** A run as the index keeps it: its row of the page's list, and where it stands among others. */
import type { RunItem } from '../bridge/run-reader.js'
import { runEnd } from '../journal/run-end.js'
import type { RunSummary } from '../view/run-view.js'
import { runSummaryOf } from '../view/run-view-of.js'

/** A run of the list. */
export interface ListedRun {
  /** Without passwords: it goes to a browser. */
  readonly summary: RunSummary
  /** When it ended, in nanoseconds since 1970; `undefined` where it runs, or where nobody knows. */
  readonly endedUnixNano: bigint | undefined
  readonly isRunning: boolean
}

/** What can be listed of what a reader yields. */
export type ListedItem = Exclude<RunItem, { readonly kind: 'unreadable' | 'unseen' }>

/**
 * What was read, as the index keeps it.
 *
 * @example
 * listedRun({ kind: 'journal', journal, where: '' }).summary.run_id // 'orders_1'
 */
export function listedRun(item: ListedItem): ListedRun {
  return {
    summary: runSummaryOf(item),
    endedUnixNano: endOf(item),
    isRunning: item.kind === 'unjournaled' && item.run.state === 'running',
  }
}

function endOf(item: ListedItem): bigint | undefined {
  switch (item.kind) {
    case 'journal':
      return runEnd(item.journal)
    case 'redacted':
      return runEnd(item.run.journal)
    case 'broken':
      return runEnd(item.run.fragment)
    case 'unjournaled':
      return item.run.endedUnixNano
    case 'interrupted':
      return item.trace.noticedUnixNano ?? item.trace.startUnixNano
  }
}
