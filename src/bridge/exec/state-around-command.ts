/**
 * The state database around a command: which runs and loads came into it while the command ran.
 *
 * What is wrong with it never keeps the command from running. Before, it is given a limit; where it
 * could not be read then, the runs are told by their own times afterwards.
 */

import { runPeriod } from '../../mapping/run-period.js'
import { EntryTimes } from '../../mapping/times.js'
import { RivetOtelError } from '../../problem.js'
import type { RunFeed, StateDatabase } from '../../sources/run-feed.js'
import type { UnjournaledListing } from '../../state/unjournaled-run.js'

/** Opens the state database; the signal ends what takes too long. */
export type OpenState = (signal: AbortSignal) => Promise<StateDatabase>

/** What a command left. */
export interface RunsLeft {
  readonly database: StateDatabase
  /** In about the order in which they came; then those that were killed. */
  readonly runIds: readonly string[]
  /** Those of them that were killed and began after the command; they have no journal. */
  readonly killed: ReadonlySet<string>
  /** When the command ran; loads that finished then belong to it, too. */
  readonly period: CommandPeriod
  /** Whether there are such loads. */
  readonly hasLoads: boolean
}

/** When a command ran, in nanoseconds since 1970; the end is not part of it. */
export interface CommandPeriod {
  readonly startUnixNano: bigint
  readonly endUnixNano: bigint
}

/** How the database was before the command. */
type Before =
  | { readonly kind: 'followed'; readonly database: StateDatabase; readonly feed: RunFeed }
  /** There was none: all that is in it afterwards is new. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'unread'; readonly problem: unknown }

const MOST_AT_ONCE = 1000

/**
 * The database, as it was before the command.
 *
 * @example
 * const state = await StateAroundCommand.begin(open, 2000)
 * // run the command, then:
 * const { database, runIds } = await state.runsLeft({ startUnixNano, endUnixNano }, 10_000)
 * await state.close()
 */
export class StateAroundCommand {
  readonly #open: OpenState
  readonly #before: Before
  #database: StateDatabase | undefined

  private constructor(open: OpenState, before: Before) {
    this.#open = open
    this.#before = before
    if (before.kind === 'followed') this.#database = before.database
  }

  /** Looks at the database for so many ms at most; throws nothing. */
  static async begin(open: OpenState, limitMs: number): Promise<StateAroundCommand> {
    try {
      const opened = await within(limitMs, (signal) => openFeed(open, signal, true))
      return new StateAroundCommand(open, { kind: 'followed', ...opened })
    } catch (error) {
      const isAbsent = error instanceof RivetOtelError && isNothingYet(error)
      const before: Before = isAbsent ? { kind: 'absent' } : { kind: 'unread', problem: error }
      return new StateAroundCommand(open, before)
    }
  }

  /** Why it could not be read before the command. */
  get problem(): unknown {
    return this.#before.kind === 'unread' ? this.#before.problem : undefined
  }

  /** Whether there was none before the command. */
  get wasAbsent(): boolean {
    return this.#before.kind === 'absent'
  }

  /**
   * The runs that came while the command ran, and whether loads did.
   *
   * @param limitMs how long it is waited for the database
   * @throws {RivetOtelError} where it cannot be read.
   */
  async runsLeft(period: CommandPeriod, limitMs: number): Promise<RunsLeft> {
    const before = this.#before
    const { startUnixNano } = period
    const { database, feed } =
      before.kind === 'followed'
        ? before
        : await within(limitMs, (signal) => openFeed(this.#open, signal, false))
    this.#database = database
    const runIds =
      before.kind === 'unread'
        ? await begunSince(database, startUnixNano)
        : await within(limitMs, () => arrivedIn(feed))
    const killed = await killedSince(database, startUnixNano)
    return {
      database,
      runIds: [...runIds, ...killed.map(({ runId }) => runId)],
      killed: new Set(
        killed.filter((run) => run.startedUnixNano >= startUnixNano).map(({ runId }) => runId),
      ),
      period,
      hasLoads: await hasLoads(database, period),
    }
  }

  async close(): Promise<void> {
    await this.#database?.close()
  }
}

interface Opened {
  readonly database: StateDatabase
  readonly feed: RunFeed
}

/** What comes too late is closed again: nobody waits for it any longer. */
async function openFeed(open: OpenState, signal: AbortSignal, toSkip: boolean): Promise<Opened> {
  const database = await open(signal)
  try {
    const feed = database.follow()
    if (toSkip) await feed.skip()
    signal.throwIfAborted()
    return { database, feed }
  } catch (error) {
    await database.close()
    throw error
  }
}

async function within<T>(limitMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ending = new AbortController()
  const working = work(ending.signal)
  working.catch(() => {})
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new RivetOtelError(
          'SOURCE_BUSY',
          `the state database gave no answer within ${limitMs / 1000} s`,
        ),
      )
      ending.abort()
    }, limitMs)
  })
  try {
    return await Promise.race([working, late])
  } finally {
    clearTimeout(timer)
  }
}

function isNothingYet({ code, isNotYet }: RivetOtelError): boolean {
  return code === 'NOT_FOUND' || isNotYet
}

async function arrivedIn(feed: RunFeed): Promise<string[]> {
  const runIds = new Set<string>()
  for (;;) {
    const arrivals = await feed.next(MOST_AT_ONCE)
    if (arrivals.length === 0) return [...runIds]
    for (const arrival of arrivals) if (arrival.kind === 'run') runIds.add(arrival.runId)
  }
}

async function begunSince(database: StateDatabase, sinceUnixNano: bigint): Promise<string[]> {
  const runIds: string[] = []
  for await (const item of database.read({ sinceUnixNano })) {
    if (item.kind === 'unreadable') continue
    const { entries, run_id } = item.journal
    if (
      entries.length > 0 &&
      runPeriod(entries, new EntryTimes(entries)).startUnixNano >= sinceUnixNano
    )
      runIds.push(run_id)
  }
  return runIds
}

/** A run that was killed is known for one when the next of its export begins. */
async function killedSince(
  { records }: StateDatabase,
  sinceUnixNano: bigint,
): Promise<UnjournaledListing[]> {
  const killed: UnjournaledListing[] = []
  if (records === undefined) return killed
  for await (const run of records.listUnjournaled({ sinceUnixNano }))
    if (run.kind === 'unjournaled' && run.state === 'interrupted') killed.push(run)
  return killed
}

async function hasLoads(
  { records }: StateDatabase,
  { startUnixNano, endUnixNano }: CommandPeriod,
): Promise<boolean> {
  if (records === undefined) return false
  const selection = { sinceUnixNano: startUnixNano, untilUnixNano: endUnixNano }
  for await (const load of records.loads(selection))
    if (load.kind === 'load' && load.status !== 'writing') return true
  return false
}
