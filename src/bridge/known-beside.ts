/** What a place knows of a run beside what was read of it. */
import type { NextRun } from '../state/next-run.js'
import type { RunRecord } from '../state/run-record.js'
import { nextRun } from './next-run.js'
import type { RunItem, RunReader } from './run-reader.js'

/** A run, whole or in part, or what is wrong with it. */
export type FoundItem = Exclude<RunItem, { readonly kind: 'unseen' }>

/** A run, and what its place knows beside it. */
export interface FoundRun {
  readonly item: FoundItem
  /** What came after a run that was interrupted. */
  readonly next?: NextRun | undefined
  /** What is known of a run beside its journal. */
  readonly record?: RunRecord | undefined
}

/**
 * A run that was read, with what its place knows beside it.
 *
 * @throws {RivetOtelError} where the place cannot be read.
 * @example
 * const { item, record } = await knownBeside(reader, item)
 */
export async function knownBeside(reader: RunReader, item: FoundItem): Promise<FoundRun> {
  if (item.kind === 'unjournaled') return { item, next: await nextRun(reader, item.run) }
  if (item.kind !== 'journal' && item.kind !== 'redacted') return { item }
  const { run_id: runId, export_name: exportName } =
    item.kind === 'journal' ? item.journal : item.run.journal
  const { namespace } = item
  return { item, record: await reader.record({ runId, exportName, namespace }) }
}
