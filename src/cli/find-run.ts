/** Finds the one run that a command is about, and what its place knows beside it. */
import { type NextRun, nextRun } from '../bridge/next-run.js'
import type { RunItem, RunReader } from '../bridge/run-reader.js'
import { runIdOf } from '../bridge/run-reference.js'
import { RivetOtelError } from '../problem.js'
import type { RunRecord } from '../state/run-record.js'
import { refuseUnknownNames } from './known-names.js'
import type { Terminal } from './terminal.js'
import { printable } from './view/terminal-text.js'

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
 * Finds a run by a reference; where it is there several times, the last counts, and that is said.
 *
 * @param reference a run_id, or one of the ways of {@link runIdOf}
 * @throws {RivetOtelError} where there is no such run, naming the near ones.
 * @example
 * const { item, record } = await findRun(reader, 'orders@latest', terminal)
 */
export async function findRun(
  reader: RunReader,
  reference: string,
  terminal: Terminal,
): Promise<FoundRun> {
  const runId = await runIdOf(reader, reference)
  const selection = { runIds: [runId] }
  const found: FoundItem[] = []
  const elsewhere: string[] = []
  for await (const item of reader.read(selection)) {
    if (item.kind === 'unseen') elsewhere.push(item.problem)
    else if (item.kind !== 'unreadable' || item.runId === runId) found.push(item)
    else elsewhere.push(`${reader.location} ${item.where}: ${item.problem}`)
  }
  const newest = found.at(-1)
  if (found.length > 1) {
    const places = found.map(({ where }) => printable(where)).join(', ')
    terminal.say(`${printable(runId)} is there ${found.length} times (${places}); this is the last`)
  }
  if (newest !== undefined) return { item: newest, ...(await knownBeside(newest, reader)) }
  for (const problem of elsewhere) terminal.say(printable(problem))
  await refuseUnknownNames(reader, selection, [])
  throw new RivetOtelError('NOT_FOUND', `run ${printable(runId)} is gone from ${reader.location}`)
}

async function knownBeside(item: FoundItem, reader: RunReader): Promise<Omit<FoundRun, 'item'>> {
  if (item.kind === 'unjournaled') return { next: await nextRun(reader, item.run) }
  if (item.kind !== 'journal') return {}
  const { run_id: runId, export_name: exportName } = item.journal
  const { namespace } = item
  return { record: await reader.record({ runId, exportName, namespace }) }
}
