/** What a reader yields: a run in whatever state it is, and the run that it is about. */
import type { BrokenRun, RedactedRun } from '../mapping/imported-run.js'
import type { InterruptedTrace } from '../mapping/interrupted-trace.js'
import type { SourceItem } from '../sources/source.js'
import type { UnjournaledItem } from './with-unjournaled.js'

/** A run that was read, could not be read, or came back from traces redacted or in part. */
export type RunItem =
  | (SourceItem & {
      /** What it was sent with; only of traces. */
      readonly namespace?: string
    })
  | {
      readonly kind: 'redacted'
      readonly run: RedactedRun
      readonly where: string
      /** What it was sent with. */
      readonly namespace: string
    }
  | { readonly kind: 'broken'; readonly run: BrokenRun; readonly where: string }
  /** A run that left no journal; only of a state database. */
  | UnjournaledItem
  /** A run that was killed and left a trace that is no journal's; of a server only where it is named. */
  | { readonly kind: 'interrupted'; readonly trace: InterruptedTrace; readonly where: string }
  /** Runs that a search may have missed, and how they are found. */
  | { readonly kind: 'unseen'; readonly problem: string }

/**
 * The run that an item is about; `undefined` where that is not known, or where it is about none.
 *
 * @example
 * runIdOfItem(item) // 'orders_20261121T085339.134_11188'
 */
export function runIdOfItem(item: RunItem): string | undefined {
  switch (item.kind) {
    case 'journal':
      return item.journal.run_id
    case 'interrupted':
      return item.trace.runId
    case 'unreadable':
      return item.runId
    case 'unseen':
      return undefined
    default:
      return item.run.runId
  }
}
