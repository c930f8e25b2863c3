/** Finds the one run that a command is about, and what its place knows beside it. */
import { type FoundItem, type FoundRun, knownBeside } from '../bridge/known-beside.js'
import type { RunReader } from '../bridge/run-reader.js'
import { runIdOf } from '../bridge/run-reference.js'
import { RivetOtelError } from '../problem.js'
import { refuseUnknownNames } from './known-names.js'
import type { Terminal } from './terminal.js'
import { printable } from './view/terminal-text.js'

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
  if (newest !== undefined) return knownBeside(reader, newest)
  for (const problem of elsewhere) terminal.say(printable(problem))
  await refuseUnknownNames(reader, selection, [])
  throw new RivetOtelError('NOT_FOUND', `run ${printable(runId)} is gone from ${reader.location}`)
}
