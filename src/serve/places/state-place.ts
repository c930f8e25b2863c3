/**
 * The runs of a state database, as they come.
 *
 * The newest journals are read once, as many as are listed; what comes after that comes through the
 * database's feed. Runs without a journal are looked for now and then, and read when what `run_status`
 * says of them has changed, or while they run. Now and then it is asked too whether the journals are
 * there that were read. Where some are gone, and where the database is another one, everything is
 * read anew.
 */
import { setImmediate as turn } from 'node:timers/promises'
import type { RunReader } from '../../bridge/run-reader.js'
import { runsOf } from '../../bridge/runs-of.js'
import { RivetOtelError } from '../../problem.js'
import type { RunFeed, StateDatabase } from '../../sources/run-feed.js'
import { Newest, type RunPlace } from '../../sources/selection.js'
import type { Selection } from '../../sources/source.js'
import type { UnjournaledListing } from '../../state/unjournaled-run.js'
import type { RunIndex } from '../run-index.js'
import { type ListedRun, listedRun } from '../run-summary.js'
import type { LookSurroundings, Place } from './place.js'
import { Unjournaled } from './unjournaled.js'

/** What a state database is shown with. */
export interface StatePlaceOptions {
  readonly location: string
  readonly open: () => Promise<StateDatabase>
  readonly index: RunIndex
  /** Whether one that is open answers several who ask, each with short questions: it is opened once. */
  readonly isShared?: boolean
  /** Whether it may be missing, and then has no runs. */
  readonly isOptional?: boolean
  /** Only runs that ended then or later, in nanoseconds since 1970. */
  readonly sinceUnixNano?: bigint | undefined
}

/** How many arrivals are taken up at once; each is a name. */
const ARRIVALS = 1_000
/** How many journals are read before they are shown. */
const PAGE = 100
const EVERY_MS = 1_000

interface Opened {
  readonly database: StateDatabase
  readonly feed: RunFeed
}

/** A state database, perhaps one that is not there yet. */
export class StatePlace implements Place {
  readonly everyMs = EVERY_MS
  readonly #options: StatePlaceOptions
  #opened: Promise<Opened> | undefined
  /** Whether everything was read once, and only what comes is left to read. */
  #isFollowing = false
  /** Of the feed, when everything was read. */
  #beginnings = 0
  /** Runs that came and are not read yet, the newest last. */
  #toRead: string[] = []
  /** Runs whose journals could not be read. */
  #unreadable = new Set<string>()
  #unjournaled = new Unjournaled()
  /** Where rows of `run_status` stood that could not be read. */
  #unreadableRows: ReadonlySet<string> = new Set()

  constructor(options: StatePlaceOptions) {
    this.#options = options
    options.index.holds('from', 'journals')
  }

  get location(): string {
    return this.#options.location
  }

  get isOptional(): boolean {
    return this.#options.isOptional === true
  }

  async look({ signal }: LookSurroundings): Promise<boolean> {
    const opened = await this.#open()
    if (opened === undefined) return false
    const { database, feed } = opened
    if (this.#isFollowing) await this.#takeArrivals(feed, signal)
    const isAnew = !this.#isFollowing || feed.beginnings !== this.#beginnings
    if (isAnew) await this.#readNewest(opened, signal)
    const hadNews = isAnew || this.#toRead.length > 0
    while (this.#toRead.length > 0 && !signal.aborted) {
      await this.#readJournals(database, { runIds: this.#toRead.slice(-PAGE) }, signal)
      if (!signal.aborted) this.#toRead.length = Math.max(0, this.#toRead.length - PAGE)
    }
    if (!signal.aborted && this.#unjournaled.isDue(database.mark?.(), performance.now())) {
      if (await this.#areSomeGone(database)) await this.#readNewest(opened, signal)
      if (!signal.aborted) await this.#readUnjournaled(database)
    }
    return hadNews
  }

  /** One that is shared may have been copied to be read, which for a large one takes longest of all. */
  async open(): Promise<RunReader> {
    const opened = this.#options.isShared ? await this.#open() : undefined
    if (opened === undefined) return runsOf(await this.#options.open())
    return runsOf({ ...opened.database, close: async () => {} })
  }

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined)
    await opened?.database.close()
  }

  /** `undefined` where it need not be there, and is not. */
  async #open(): Promise<Opened | undefined> {
    this.#opened ??= this.#begin()
    try {
      return await this.#opened
    } catch (error) {
      this.#opened = undefined
      const isMissing = error instanceof RivetOtelError && error.code === 'NOT_FOUND'
      if (this.#options.isOptional && isMissing) return undefined
      throw error
    }
  }

  async #begin(): Promise<Opened> {
    const database = await this.#options.open()
    return { database, feed: database.follow() }
  }

  /** What comes while it reads comes through the feed as well. */
  async #readNewest({ database, feed }: Opened, signal: AbortSignal): Promise<void> {
    const { index, sinceUnixNano } = this.#options
    this.#isFollowing = false
    await feed.skip()
    this.#beginnings = feed.beginnings
    this.#toRead = []
    this.#unreadable.clear()
    index.forgetUnreadable('from')
    const period = sinceUnixNano === undefined ? {} : { sinceUnixNano }
    // One more than are listed tells whether there are older ones.
    const there = await this.#readJournals(database, { ...period, last: index.most + 1 }, signal)
    if (signal.aborted) return
    const kept = [...index.known('from')].filter(
      ({ summary: { journal, run_id } }) => !journal || there.has(run_id),
    )
    index.replace('from', kept)
    this.#unjournaled = new Unjournaled()
    this.#isFollowing = true
  }

  async #areSomeGone({ records }: StateDatabase): Promise<boolean> {
    if (records === undefined) return false
    const known = [...this.#options.index.known('from')].flatMap(({ summary }) =>
      summary.journal ? summary.run_id : [],
    )
    const runIds = [...new Set([...known, ...this.#unreadable])]
    const there = await records.journaled(runIds)
    return runIds.some((runId) => !there.has(runId))
  }

  /** Adds what came to what is to be read: the newest, the newest last. */
  async #takeArrivals(feed: RunFeed, signal: AbortSignal): Promise<void> {
    const { index, sinceUnixNano } = this.#options
    const newest = new Newest<RunPlace>(index.most)
    let count = 0
    try {
      for (;;) {
        const arrivals = signal.aborted ? [] : await feed.next(ARRIVALS)
        if (arrivals.length === 0) return
        for (const arrival of arrivals) {
          if (arrival.kind === 'unreadable')
            index.unreadable('from', arrival.where, arrival.problem)
          else if (sinceUnixNano === undefined || (arrival.endedUnixNano ?? 0n) >= sinceUnixNano) {
            newest.add(arrival)
            count++
          }
        }
        // A source may answer without ever waiting, and requests must have their turn.
        await turn()
      }
    } finally {
      // What was handed out does not come again, whatever happened after that.
      const came = newest.oldestFirst().flatMap(({ runId }) => runId ?? [])
      this.#toRead = [...new Set([...this.#toRead, ...came])]
      if (count > index.most) index.leaveOutOlder('from')
    }
  }

  /** The run_ids of those that were read. */
  async #readJournals(
    database: StateDatabase,
    selection: Selection,
    signal: AbortSignal,
  ): Promise<Set<string>> {
    const { index } = this.#options
    const there = new Set<string>()
    const runs: ListedRun[] = []
    let count = 0
    for await (const item of database.read(selection)) {
      if (signal.aborted) return there
      if (item.kind === 'unreadable') {
        index.unreadable('from', item.where, item.problem)
        if (item.runId !== undefined) this.#unreadable.add(item.runId)
      } else {
        const run = listedRun(item)
        index.readable('from', item.where)
        this.#unreadable.delete(run.summary.run_id)
        there.add(run.summary.run_id)
        runs.push(run)
      }
      if (++count % PAGE !== 0) continue
      index.put('from', runs.splice(0))
      // Also what cannot be read takes time, and requests must have their turn.
      await turn()
    }
    index.put('from', runs)
    return there
  }

  async #readUnjournaled({ records }: StateDatabase): Promise<void> {
    if (records === undefined) return
    const { index, sinceUnixNano } = this.#options
    const period = sinceUnixNano === undefined ? {} : { sinceUnixNano }
    const listed: UnjournaledListing[] = []
    const unreadable = new Map<string, string>()
    for await (const run of records.listUnjournaled({ ...period, last: index.most })) {
      if (run.kind === 'unjournaled') listed.push(run)
      else unreadable.set(run.where, run.problem)
    }
    for (const where of this.#unreadableRows)
      if (!unreadable.has(where)) index.readable('from', where)
    for (const [where, problem] of unreadable) index.unreadable('from', where, problem)
    this.#unreadableRows = new Set(unreadable.keys())
    const there = new Set(listed.map(({ runId }) => runId))
    const known = [...index.known('from')].map(({ summary }) => summary)
    index.remove(
      'from',
      known.filter(({ journal, run_id }) => !journal && !there.has(run_id)),
    )
    const runIds = this.#unjournaled.changed(listed)
    if (runIds.length === 0) return
    const runs: ListedRun[] = []
    for await (const run of records.unjournaled({ runIds })) {
      if (run.kind === 'unjournaled') runs.push(listedRun({ kind: 'unjournaled', run, where: '' }))
      else index.unreadable('from', run.where, run.problem)
    }
    // Of one that ended a moment ago the journal counts, which may have come before.
    const journals = new Set(known.flatMap(({ journal, run_id }) => (journal ? run_id : [])))
    index.put(
      'from',
      runs.filter(({ summary }) => !journals.has(summary.run_id)),
    )
  }
}
