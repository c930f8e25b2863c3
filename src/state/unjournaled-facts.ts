/**
 * What is known in numbers of a run without a journal: the one place where they are counted.
 *
 * Unknown is `undefined`, never 0: a number stands only where a row says it. Nothing here is
 * measured; a run that was killed has an end that others noticed, and no duration.
 */
import type { Integer } from '../journal/events.js'
import { exactInteger } from '../json/lossless.js'
import type { ChunkTask, UnjournaledListing, UnjournaledRun } from './unjournaled-run.js'

/** The numbers of a run without a journal. */
export interface UnjournaledFacts {
  /** Rows of its files, else of the chunks that it completed; known only where those of every one are. */
  readonly rows: Integer | undefined
  /** Bytes of its files; known only where those of every file are. */
  readonly bytes: Integer | undefined
  /** How many files it and its chunks name. */
  readonly files: number | undefined
  /** How many chunks it had planned; `undefined` where it kept no account of them, or another run has. */
  readonly chunksPlanned: number | undefined
  /** How many of them it had begun: what a journal counts as its chunks; `undefined` likewise. */
  readonly chunksBegun: number | undefined
  /**
   * Its chunks by their status, the statuses in the order in which a chunk goes through them. Where another
   * run has taken up some of them, only those that this one completed are known.
   */
  readonly chunksByStatus: ReadonlyMap<string, readonly ChunkTask[]>
  /** Whether another run has taken up chunks of it. */
  readonly haveChunksGoneOn: boolean
  /**
   * Whole milliseconds, cut off; only of a run that ended by itself, because only there the end was
   * written down when it came.
   */
  readonly durationMs: number | undefined
  /** The last time at which a chunk or a file of it was written down, in nanoseconds since 1970. */
  readonly lastSeenUnixNano: bigint | undefined
}

const IN_ORDER = ['completed', 'failed', 'running', 'pending']

/**
 * Counts what is known of a run without a journal.
 *
 * @example
 * unjournaledFacts(run).chunksByStatus.get('failed')?.length // 2
 */
export function unjournaledFacts(run: UnjournaledRun): UnjournaledFacts {
  const { chunkTasks, files } = run
  const { hasChunksGoneOn = false } = run
  const isKnown = ({ status }: ChunkTask) => !hasChunksGoneOn || status === 'completed'
  const chunksByStatus = byStatus(chunkTasks.filter(isKnown))
  const pending = chunksByStatus.get('pending')?.length ?? 0
  const completed = chunksByStatus.get('completed') ?? []
  const names = [...files, ...chunkTasks].flatMap(({ fileName }) => fileName ?? [])
  const areCounted = chunkTasks.length > 0 && !hasChunksGoneOn
  return {
    rows: sum(files.map(({ rows }) => rows)) ?? sum(completed.map(({ rows }) => rows)),
    bytes: sum(files.map(({ bytes }) => bytes)),
    files: names.length > 0 ? new Set(names).size : undefined,
    chunksPlanned: areCounted ? chunkTasks.length : undefined,
    chunksBegun: areCounted ? chunkTasks.length - pending : undefined,
    chunksByStatus,
    haveChunksGoneOn: hasChunksGoneOn,
    durationMs: durationOf(run),
    lastSeenUnixNano: latest([
      ...chunkTasks.map(({ updatedUnixNano }) => updatedUnixNano),
      ...files.map(({ createdUnixNano }) => createdUnixNano),
    ]),
  }
}

/**
 * The status of a run without a journal, as lists and selections have it: `interrupted` also where
 * another run finished its work and rivet calls both a success.
 *
 * @example
 * unjournaledStatus(run) // 'interrupted'
 */
export function unjournaledStatus({ state, status }: UnjournaledListing): string {
  return state === 'unrecorded' ? status : state
}

function byStatus(chunkTasks: readonly ChunkTask[]): Map<string, ChunkTask[]> {
  const groups = new Map<string, ChunkTask[]>()
  for (const task of chunkTasks) {
    const group = groups.get(task.status)
    if (group === undefined) groups.set(task.status, [task])
    else group.push(task)
  }
  const rank = (status: string) => {
    const at = IN_ORDER.indexOf(status)
    return at === -1 ? IN_ORDER.length : at
  }
  return new Map([...groups].sort(([a], [b]) => rank(a) - rank(b)))
}

function durationOf({ state, startedUnixNano, endedUnixNano }: UnjournaledRun): number | undefined {
  if (state !== 'unrecorded' || endedUnixNano === undefined) return undefined
  return endedUnixNano < startedUnixNano
    ? undefined
    : Number((endedUnixNano - startedUnixNano) / 1_000_000n)
}

function sum(numbers: readonly (Integer | undefined)[]): Integer | undefined {
  let total = 0n
  for (const number of numbers) {
    if (number === undefined) return undefined
    total += BigInt(number)
  }
  return numbers.length === 0 ? undefined : exactInteger(total)
}

function latest(times: readonly (bigint | undefined)[]): bigint | undefined {
  let last: bigint | undefined
  for (const time of times)
    if (time !== undefined && (last === undefined || time > last)) last = time
  return last
}
