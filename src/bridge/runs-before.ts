/**
 * The runs of the same export before a run: what it is compared with.
 *
 * They only add to the run. What cannot be read of them is said in sentences, and costs neither the run
 * nor the others.
 */
import { withoutConnectionSecrets } from '../journal/connection-secrets.js'
import { runEnd } from '../journal/run-end.js'
import { RivetOtelError } from '../problem.js'
import type { FoundItem } from './known-beside.js'
import type { RunReader } from './run-reader.js'
import type { RunSelection } from './run-selection.js'

/** A run that was read. */
export type ReadRun = Exclude<FoundItem, { readonly kind: 'unreadable' }>

/** The runs before a run, and why some may be missing. */
export interface RunsBefore {
  /** The oldest first, without the run itself; none that is still running. */
  readonly runs: readonly ReadRun[]
  /** What could not be read and may be one of them, one sentence each. */
  readonly problems: readonly string[]
  /** What a search says that it may miss, whatever it finds, one sentence each. */
  readonly unseen: readonly string[]
}

/** How many runs before it a run is seen with, where nobody says otherwise. */
export const RUNS_BEFORE = 30
/** How far back a server is searched: a run may be the only one in a year. */
const SEARCHED_NANOS = 30n * 86_400n * 1_000_000_000n
/** Later than any time that a timestamp can say. */
const NEVER = 2n ** 120n

/**
 * Reads the runs of the same export and namespace that ended before a run, at most so many, the newest
 * of them. Where traces of several namespaces are in one place, those of others count among them.
 *
 * @example
 * const { runs } = await runsBefore(reader, item, 30)
 */
export async function runsBefore(
  reader: RunReader,
  run: ReadRun,
  most = RUNS_BEFORE,
): Promise<RunsBefore> {
  const { runId, exportName, namespace, endedUnixNano } = placeOf(run)
  if (most <= 0 || exportName === '') return { runs: [], problems: [], unseen: [] }
  const runs: ReadRun[] = []
  const problems: string[] = []
  const unseen: string[] = []
  try {
    for await (const item of reader.read(selectionOf(reader, exportName, endedUnixNano, most))) {
      if (item.kind === 'unseen') unseen.push(item.problem)
      else if (item.kind === 'unreadable') problems.push(`${item.where}: ${item.problem}`)
      else {
        const place = placeOf(item)
        const isOther = place.runId !== runId && place.namespace === namespace
        if (isOther && place.hasEnded) runs.push(item)
      }
    }
  } catch (error) {
    if (!(error instanceof RivetOtelError)) throw error
    problems.push(error.message)
  }
  return {
    runs: runs.slice(-most),
    problems: problems.map(withoutConnectionSecrets),
    unseen: unseen.map(withoutConnectionSecrets),
  }
}

function selectionOf(
  { holds, listsAll }: RunReader,
  exportName: string,
  endedUnixNano: bigint | undefined,
  most: number,
): RunSelection {
  const isSearched = holds === 'traces' && !listsAll
  // Any time excludes the runs that have not ended, as this one may be.
  const untilUnixNano = endedUnixNano ?? (isSearched ? now() : NEVER)
  return {
    exports: [exportName],
    last: most,
    untilUnixNano,
    ...(isSearched ? { sinceUnixNano: untilUnixNano - SEARCHED_NANOS } : {}),
  }
}

function now(): bigint {
  return BigInt(Date.now()) * 1_000_000n
}

interface Place {
  readonly runId: string
  readonly exportName: string
  readonly namespace: string
  readonly endedUnixNano: bigint | undefined
  readonly hasEnded: boolean
}

function placeOf(run: ReadRun): Place {
  switch (run.kind) {
    case 'journal': {
      const { journal, namespace = '' } = run
      return { ...placeOfJournal(journal), namespace }
    }
    case 'redacted':
      return { ...placeOfJournal(run.run.journal), namespace: run.namespace }
    case 'broken': {
      const { runId, exportName, namespace, fragment } = run.run
      return { ...placeOfJournal(fragment), runId, exportName, namespace }
    }
    case 'unjournaled': {
      const { runId, exportName, endedUnixNano, state } = run.run
      const hasEnded = state !== 'running'
      return { runId, exportName, namespace: '', endedUnixNano, hasEnded }
    }
    case 'interrupted': {
      const { runId, exportName, namespace, noticedUnixNano, startUnixNano } = run.trace
      const endedUnixNano = noticedUnixNano ?? startUnixNano
      return { runId, exportName, namespace, endedUnixNano, hasEnded: true }
    }
  }
}

function placeOfJournal(journal: Parameters<typeof runEnd>[0]): Omit<Place, 'namespace'> {
  const { run_id: runId, export_name: exportName } = journal
  return { runId, exportName, endedUnixNano: runEnd(journal), hasEnded: true }
}
