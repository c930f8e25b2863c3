/**
 * What comes into a SQLite state database, or changes there.
 *
 * New rows are found by their rowid, whatever their times say. A row that rivet writes again keeps
 * its rowid; it is found by its new `finished_at`, among those that ended late enough (see
 * `sqlite-recent-rows.ts`), which an index answers without the pages of the journals.
 *
 * Another file in place of the database, or a `VACUUM` (which may number the rows anew), makes
 * another generation, and everything comes once more. Where the last rows were deleted, so that their
 * rowids may have been given again, it goes on after the last row that is still as it was.
 *
 * While the files lie there as they did when everything had been handed out, the database is not
 * opened. That is believed after the second look: a file system's clock may not have ticked
 * between two changes.
 *
 * Two things it does not see: an upsert whose new time says more than 60 s before the newest, in a
 * database of more than 1,000 runs; and another row with the rowid and the very time of a deleted one.
 */
import { arrivalOf, mayHaveEndedAfter } from './arrival.js'
import type { Arrival, RunFeed } from './run-feed.js'
import type { SqliteAccess } from './sqlite-access.js'
import type { SqliteConnection } from './sqlite-connection.js'
import {
  allStamps,
  countAfter,
  type FeedRow,
  type RowStamp,
  readRowsAfter,
  readRowsAt,
  schemaVersion,
  stampAt,
  stampsFrom,
} from './sqlite-feed-rows.js'
import { type DatabaseFiles, databaseMark, lookAtDatabase } from './sqlite-files.js'
import { RecentRows } from './sqlite-recent-rows.js'
import { checkJournalTable } from './sqlite-rows.js'
import { hasTimeIndex } from './sqlite-time-index.js'
import { type Sight, Stillness } from './stillness.js'

/** How far a feed has come in one generation of the database. */
interface Progress {
  readonly generation: string
  readonly isIndexed: boolean
  /** Every row up to this one was handed out. */
  readonly row: bigint
  readonly recent: RecentRows
  /** Only runs that ended after this time are handed out, in nanoseconds since 1970. */
  readonly after: bigint | undefined
}

/** What one look found. */
interface Page {
  /** Where the look began. */
  readonly from: Progress
  readonly added: readonly FeedRow[]
  readonly changed: readonly FeedRow[]
  readonly areAllChanged: boolean
  readonly isLast: boolean
}

interface Changes {
  readonly rows: readonly bigint[]
  /** How many there are, of which `rows` may be the first. */
  readonly count: number
}

/** The least rowid that SQLite knows; the first that it gives is 1. */
const BEFORE_ALL = -(2n ** 63n)

/** A feed of one database; its calls must not overlap. */
export class SqliteFeed implements RunFeed {
  readonly #access: SqliteAccess
  readonly #path: string
  readonly #location: string
  readonly #still = new Stillness()
  #progress: Progress | undefined
  /** When the newest run had ended that was skipped. */
  #skipped: bigint | undefined
  #beginnings = 0

  /** @param location how messages name the database. */
  constructor(access: SqliteAccess, path: string, location: string) {
    this.#access = access
    this.#path = path
    this.#location = location
  }

  get beginnings(): number {
    return this.#beginnings
  }

  async skip(): Promise<void> {
    const { files } = this.#look()
    const nowMs = Date.now()
    const progress = await this.#access.read((db) => {
      const start = this.#begin(db, generationOf(db, files), undefined)
      let { row } = start
      for (const stamp of allStamps(db)) {
        if (stamp.row > row) row = stamp.row
        start.recent.add(stamp)
        if (start.recent.isFull) start.recent.advance(nowMs)
      }
      start.recent.advance(nowMs)
      return { ...start, row }
    })
    this.#progress = progress
    this.#skipped = earlier(progress.recent.newestUnixNano, BigInt(nowMs) * 1_000_000n)
  }

  async next(most: number): Promise<readonly Arrival[]> {
    for (;;) {
      const { files, sight } = this.#look()
      if (this.#still.isSettled(sight)) return []
      const page = await this.#access.read((db) => this.#readPage(db, files, most))
      const arrivals = this.#take(page)
      if (page.isLast) this.#still.settle(sight)
      if (arrivals.length > 0 || page.isLast) return arrivals
    }
  }

  async behind(): Promise<number> {
    const { files, sight } = this.#look()
    if (this.#still.isSettled(sight)) return 0
    return this.#access.read((db) => {
      const from = this.#start(db, files)
      return countAfter(db, from.row) + changedRows(db, from, 0).count
    })
  }

  #look(): { files: DatabaseFiles; sight: Sight } {
    const files = lookAtDatabase(this.#path, this.#location)
    return { files, sight: this.#still.see(databaseMark(files), performance.now()) }
  }

  /** A task that may run twice, and so changes nothing here. */
  #readPage(db: SqliteConnection, files: DatabaseFiles, most: number): Page {
    const from = this.#start(db, files)
    const added = from.recent.isFull ? [] : readRowsAfter(db, from.row, most)
    const room = most - added.length
    if (room === 0) return { from, added, changed: [], areAllChanged: false, isLast: false }
    const { rows, count } = changedRows(db, from, room)
    const changed = readRowsAt(db, rows).sort(byStamp)
    const areAllChanged = count === rows.length
    return { from, added, changed, areAllChanged, isLast: areAllChanged && !from.recent.isFull }
  }

  #take({ from, added, changed, areAllChanged }: Page): Arrival[] {
    const rows = [...changed, ...added]
    // A beginning has a memory of its own.
    if (from.recent !== this.#progress?.recent) this.#beginnings++
    for (const row of rows) from.recent.add(row)
    if (areAllChanged) from.recent.advance(Date.now())
    this.#progress = { ...from, row: added.at(-1)?.row ?? from.row }
    return rows
      .filter(({ run }) => mayHaveEndedAfter(run, from.after))
      .map(({ run, stamp }) => arrivalOf(run, stamp))
  }

  /** Where to go on: the database may be another one, or its last rows others. */
  #start(db: SqliteConnection, files: DatabaseFiles): Progress {
    const generation = generationOf(db, files)
    const progress = this.#progress
    if (progress?.generation === generation) {
      const row = lastUnchanged(db, progress)
      if (row !== undefined) return { ...progress, row }
    }
    return this.#begin(db, generation, this.#skipped)
  }

  #begin(db: SqliteConnection, generation: string, after: bigint | undefined): Progress {
    checkJournalTable(db, this.#location)
    const recent = new RecentRows()
    return { generation, isIndexed: hasTimeIndex(db), row: BEFORE_ALL, recent, after }
  }
}

function generationOf(db: SqliteConnection, { identity }: DatabaseFiles): string {
  return `${identity} ${schemaVersion(db)}`
}

/**
 * The last row that is as it was when it was handed out: since then no rowid below it was given
 * again. `undefined` where there is none, and so no telling what else changed.
 */
function lastUnchanged(db: SqliteConnection, { row, recent }: Progress): bigint | undefined {
  const isUnchanged = (one: bigint) => stampAt(db, one) === recent.stampOf(one)
  if (row === BEFORE_ALL || isUnchanged(row)) return row
  return recent.lastFirst().find((one) => one < row && isUnchanged(one))
}

/** Rows that were handed out, and have another time since. */
function changedRows(db: SqliteConnection, progress: Progress, most: number): Changes {
  const { recent, row, isIndexed } = progress
  const rows: bigint[] = []
  let count = 0
  for (const stamp of stampsFrom(db, recent.from, row, isIndexed)) {
    if (!recent.knows(stamp) && ++count <= most) rows.push(stamp.row)
  }
  return { rows, count }
}

function byStamp(a: RowStamp, b: RowStamp): number {
  return a.stamp < b.stamp ? -1 : a.stamp > b.stamp ? 1 : 0
}

function earlier(time: bigint | undefined, limit: bigint): bigint | undefined {
  return time !== undefined && time > limit ? limit : time
}
