/** Finds the one run that a command is about, and what its place knows beside it. */
import { type FoundItem, type FoundRun, knownBeside } from '../bridge/known-beside.js'
import { isLatestReference } from '../bridge/latest-reference.js'
import { meantRunId } from '../bridge/meant-run.js'
import type { RunReader } from '../bridge/run-reader.js'
import { RivetOtelError } from '../problem.js'
import type { Terminal } from './terminal.js'
import { printable } from './view/printable.js'

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
  const exact = await readNamed(reader, reference)
  const read =
    exact.newest === undefined ? await readMeant(reader, reference, exact, terminal) : exact
  const { runId, newest, places } = read
  if (newest === undefined)
    throw new RivetOtelError('NOT_FOUND', `run ${printable(runId)} is gone from ${reader.location}`)
  if (places.length > 1) {
    const where = places.map(printable).join(', ')
    terminal.say(`${printable(runId)} is there ${places.length} times (${where}); this is the last`)
  }
  return knownBeside(reader, newest)
}

/** What a place has of one run. */
interface RunRead {
  readonly runId: string
  readonly newest: FoundItem | undefined
  readonly places: readonly string[]
  /** What could not be read, and may have been of it. */
  readonly elsewhere: readonly string[]
}

/** A run that is named in full is read at once: of a server without any search, and waited for. */
async function readNamed(reader: RunReader, reference: string): Promise<RunRead> {
  if (isLatestReference(reference) && !(await reader.present([reference])).has(reference))
    return { runId: reference, newest: undefined, places: [], elsewhere: [] }
  return readRun(reader, reference)
}

async function readMeant(
  reader: RunReader,
  reference: string,
  { elsewhere }: RunRead,
  terminal: Terminal,
): Promise<RunRead> {
  const runId = await meantRunId(reader, reference).catch((error: unknown) => {
    for (const problem of elsewhere) terminal.say(printable(problem))
    throw error
  })
  const read = await readRun(reader, runId)
  for (const problem of read.elsewhere) terminal.say(printable(problem))
  return read
}

async function readRun(reader: RunReader, runId: string): Promise<RunRead> {
  let newest: FoundItem | undefined
  const places: string[] = []
  const elsewhere: string[] = []
  for await (const item of reader.read({ runIds: [runId] })) {
    if (item.kind === 'unseen') elsewhere.push(item.problem)
    else if (item.kind !== 'unreadable' || item.runId === runId) {
      newest = item
      places.push(item.where)
    } else elsewhere.push(`${reader.location} ${item.where}: ${item.problem}`)
  }
  return { runId, newest, places, elsewhere }
}
