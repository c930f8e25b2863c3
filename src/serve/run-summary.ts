/**
 * A run as one row of the page's list, however it was read; and where it stands among others.
 *
 * Passwords of connection strings are not in it: what it gives goes to a browser.
 */
import type { RunItem } from '../bridge/run-reader.js'
import { runEnd } from '../journal/run-end.js'
import { type JsonObject, stringifyJson } from '../json/lossless.js'
import {
  interruptedTraceRow,
  type RunRow,
  runRow,
  runRowJson,
  unjournaledRow,
} from '../view/run-row.js'
import type { RunSummary } from '../view/run-view.js'
import { shownJournal } from '../view/shown-journal.js'
import { shownRecords } from '../view/shown-records.js'

/** A run of the list. */
export interface ListedRun {
  readonly summary: RunSummary
  /** When it ended, in nanoseconds since 1970; `undefined` where it runs, or where nobody knows. */
  readonly endedUnixNano: bigint | undefined
  readonly isRunning: boolean
}

/** What can be listed of what a reader yields. */
export type ListedItem = Exclude<RunItem, { readonly kind: 'unreadable' | 'unseen' }>

/**
 * The row of what was read. One that came back in part is there too: its first concern says so.
 *
 * @example
 * listedRun({ kind: 'journal', journal, where: '' }).summary.run_id // 'orders_1'
 */
export function listedRun(item: ListedItem): ListedRun {
  const row = rowOf(item)
  return {
    summary: plain(runRowJson(row)),
    endedUnixNano: endOf(item),
    isRunning: item.kind === 'unjournaled' && item.run.state === 'running',
  }
}

function rowOf(item: ListedItem): RunRow {
  switch (item.kind) {
    case 'journal':
      return runRow(shownJournal(item.journal), item.namespace)
    case 'redacted': {
      const { journal, redaction } = item.run
      return { ...runRow(shownJournal(journal), item.namespace), redaction }
    }
    case 'broken': {
      const { fragment, namespace, status } = item.run
      const row = runRow(shownJournal(fragment), namespace)
      return { ...row, concerns: [status, ...row.concerns] }
    }
    case 'unjournaled':
      return unjournaledRow(shownRecords(item.run))
    case 'interrupted':
      return interruptedTraceRow(shownRecords(item.trace))
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

/** Integers that a number cannot hold become decimal text. */
function plain(row: JsonObject): RunSummary {
  const text = stringifyJson(
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === 'bigint' ? String(value) : value,
      ]),
    ),
  )
  return JSON.parse(text)
}
