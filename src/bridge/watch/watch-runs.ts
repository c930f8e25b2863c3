/**
 * The watcher: runs that come into a state database are sent as they come, until it is told to stop.
 *
 * A look takes what is new in pages, each of which goes through `exportRuns`. So redaction, revisions,
 * ledger and pace are those of an export. Memory holds one page of names, the runs to try again
 * (at most 10,000 and two pages) and what an export holds; nothing in it grows with the number of
 * runs, but for the names of those without a journal, and of loads.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { withoutConnectionSecrets } from '../../journal/connection-secrets.js'
import { redactorOf } from '../../journal/redaction.js'
import type { Arrival, ArrivedRun, StateDatabase } from '../../sources/run-feed.js'
import { graceAfter } from './grace.js'
import { OtherTraces } from './other-traces.js'
import { MOST_TO_RETRY, oldestOf, RunsToRetry } from './runs-to-retry.js'
import { type AttemptEnd, Sender, type WatchParts } from './sender.js'
import { Told } from './told.js'
import { CLOCK } from './watch-clock.js'
import type { WatchOptions } from './watch-options.js'
import { type WatchSummary, WatchTally } from './watch-summary.js'
import { WatchedSource } from './watched-source.js'
import { WatchedTarget } from './watched-target.js'

/** How many runs are taken up at once. */
const PAGE = 200
/** How long between two looks. */
const EVERY_MS = 5_000
/** How often the same runs may find the source or the target away before others are tried in their place. */
const MOST_IN_VAIN = 5

/**
 * Watches a state database until the signal comes, takes one last look, and says what it did.
 *
 * Nothing that comes later ends it: a database that is gone, a target that is away, a run that is
 * refused are told as events and tried again.
 *
 * @throws {RivetOtelError} where the database cannot be what was meant, at the first opening;
 *   `INVALID_CONFIGURATION` for a policy that cannot be used.
 * @example
 * const stopping = new AbortController()
 * process.once('SIGTERM', () => stopping.abort())
 * await watchRuns({
 *   open: () => openSqliteSource('.rivet_state.db'),
 *   delivery: await openOtlpFile('traces.otlp.jsonl'),
 *   signal: stopping.signal,
 *   onEvent: (event) => console.log(event.kind),
 * })
 */
export async function watchRuns(options: WatchOptions): Promise<WatchSummary> {
  redactorOf(options.redaction)
  const { clock = CLOCK, signal = new AbortController().signal, open, since } = options
  const { deadline = graceAfter(signal) } = options
  const told = new Told(options.onEvent)
  const tell = told.standing('source')
  const source = new WatchedSource({ open, since, tell, now: () => clock.now() })
  const target = new WatchedTarget(told.standing('target'))
  const [retries, tally] = [new RunsToRetry(), new WatchTally()]
  const besideOnly = new Set<string>()
  const parts = { options, clock, deadline, source, target, retries, tally, told, besideOnly }
  return new Watch(parts).run(signal)
}

class Watch {
  readonly #parts: WatchParts
  readonly #sender: Sender
  readonly #others: OtherTraces
  /** Taken up, and to be sent when the target is there. */
  #hand: readonly ArrivedRun[] = []
  #inVain = 0
  #hasMovedOn = false
  #toldAt = Number.NEGATIVE_INFINITY
  /** Not yet taken up, as far as it is known. */
  #behind = 0

  constructor(parts: WatchParts) {
    this.#parts = parts
    this.#sender = new Sender(parts)
    this.#others = new OtherTraces(parts)
  }

  async run(stopping: AbortSignal): Promise<WatchSummary> {
    const { clock, deadline, source, tally, retries, target } = this.#parts
    try {
      let isLast: boolean
      do {
        // The last look is one that begins after the signal: what came until then is seen.
        isLast = stopping.aborted
        await this.#look(isLast)
        if (!isLast) await clock.sleep(this.#pauseMs(), stopping)
      } while (!isLast && !deadline.aborted)
    } finally {
      await source.close()
    }
    return {
      runs: { ...tally.runs },
      ...this.#others.counts,
      ...tally.beside,
      waiting: this.#waiting + this.#others.waiting,
      refusedSoFar: retries.refusedOnes,
      isTargetAway: target.isAway || this.#others.isTargetAway,
    }
  }

  async #look(isLast: boolean): Promise<void> {
    const { source } = this.#parts
    // Who only waits for the target need not count, every few seconds, all that waits for it.
    const database = this.#mayGoOn ? await source.database() : undefined
    if (database !== undefined) {
      const isDone = (await this.#tryAgain(database)) && (await this.#takeUp(database))
      this.#behind = isDone ? 0 : ((await source.behind()) ?? this.#behind)
      if (this.#mayGoOn) await this.#others.pass(database, isLast)
    }
    await this.#tellWhereItStands({})
  }

  get #waiting(): number {
    return this.#hand.length + this.#parts.retries.size + this.#behind
  }

  async #tellWhereItStands(look: { readonly goesOn?: true }): Promise<void> {
    const { retries, told, clock } = this.#parts
    this.#toldAt = clock.now()
    const oldest = oldestOf([...this.#hand, ...retries.runs])
    told.tell({
      kind: 'look',
      ...look,
      waiting: this.#waiting,
      ...(oldest === undefined ? {} : { oldestUnixNano: oldest }),
    })
    await told.heard()
  }

  /** How long until the next look; for what is away it is no shorter than until that may be tried. */
  #pauseMs(): number {
    const { options, clock, source, target, retries } = this.#parts
    const { everyMs = EVERY_MS } = options
    const now = clock.now()
    if (source.isAway) return Math.min(everyMs, source.inMs || everyMs)
    return Math.min(everyMs, target.inMs(now) || retries.inMs(now))
  }

  get #mayGoOn(): boolean {
    const { deadline, target, clock } = this.#parts
    return !deadline.aborted && target.inMs(clock.now()) === 0
  }

  /** Sends what is in hand, and then what is due; whether new ones may be taken up after that. */
  async #tryAgain(database: StateDatabase): Promise<boolean> {
    if (!(await this.#sendHand(database))) return false
    const { retries, clock } = this.#parts
    const { together, alone } = retries.due(clock.now(), PAGE)
    for (const runs of [together, ...alone.map((run) => [run])]) {
      if (runs.length === 0) continue
      if (!this.#mayGoOn) return false
      const end = await this.#sender.send(database, runs)
      for (const { runId } of end.gone) retries.drop(runId)
      if (end.goesOn) continue
      // They are not in the way of those that come after them.
      this.#putOff(end.left)
      return false
    }
    return true
  }

  /** Takes up new runs, page by page; whether there are no more. */
  async #takeUp(database: StateDatabase): Promise<boolean> {
    const { retries, source, target, told } = this.#parts
    while (this.#mayGoOn) {
      if (retries.isFull) {
        target.overburdened(
          `${MOST_TO_RETRY} runs wait to be tried again; nothing new is taken up until some of them are settled`,
        )
        return false
      }
      const arrivals = await source.next(PAGE)
      if (arrivals === undefined) return false
      if (arrivals.length === 0) return true
      this.#hand = this.#sender.unsettled(this.#wanted(arrivals))
      this.#inVain = 0
      if (!(await this.#sendHand(database))) return false
      // A source may answer without ever waiting, and signals and timers must have their turn.
      await turn()
      await told.heard()
      await this.#tellInBetween()
    }
    return false
  }

  /** A look over much that is new takes long. */
  async #tellInBetween(): Promise<void> {
    const { clock, options, source } = this.#parts
    if (clock.now() - this.#toldAt < (options.everyMs ?? EVERY_MS)) return
    this.#behind = (await source.behind()) ?? this.#behind
    await this.#tellWhereItStands({ goesOn: true })
  }

  /** The runs of a page that are wanted, each once. What was known of them before is forgotten. */
  #wanted(arrivals: readonly Arrival[]): readonly ArrivedRun[] {
    const { source, retries } = this.#parts
    const since = source.sinceUnixNano
    const runs = new Map<string, ArrivedRun>()
    for (const arrival of arrivals) {
      if (arrival.kind === 'unreadable') {
        this.#sender.skip({
          where: withoutConnectionSecrets(arrival.where),
          result: 'unreadable',
          problem: withoutConnectionSecrets(arrival.problem),
        })
      } else if (since === undefined || (arrival.endedUnixNano ?? since) >= since) {
        retries.drop(arrival.runId)
        runs.set(arrival.runId, arrival)
      }
    }
    return [...runs.values()]
  }

  async #sendHand(database: StateDatabase): Promise<boolean> {
    if (this.#hand.length === 0) return true
    if (!this.#mayGoOn) return false
    const end = await this.#sender.send(database, this.#hand)
    this.#hand = end.left
    if (this.#isInTheWay(end)) {
      this.#putOff(this.#hand)
      this.#hand = []
    }
    return end.goesOn
  }

  /**
   * Whether what is left in hand may keep others from being sent: the target took some beside it, or
   * was away, or the source broke off, for it alone, for all one knows. That is found out once until
   * anything is taken.
   */
  #isInTheWay({ left, hasTaken, goesOn }: AttemptEnd): boolean {
    const { target, deadline } = this.#parts
    if (hasTaken) this.#hasMovedOn = false
    if (left.length === 0 || goesOn || deadline.aborted) return false
    this.#inVain++
    if (hasTaken && target.isAway) return true
    if (this.#inVain < MOST_IN_VAIN || this.#hasMovedOn) return false
    this.#hasMovedOn = true
    return true
  }

  #putOff(runs: readonly ArrivedRun[]): void {
    for (const run of runs) this.#parts.retries.putOff(run, this.#parts.clock.now())
  }
}
