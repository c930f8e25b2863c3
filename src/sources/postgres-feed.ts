/**
 * What comes into rivet's state in PostgreSQL, or changes there.
 *
 * A row is new when the transaction that wrote it was not visible to the look before, see
 * `postgres-snapshot.ts`; its own time has no say. So it finds what is put in, what is written again
 * and what is committed late. Every look is a short transaction of its own; between them nothing is
 * kept open.
 *
 * One pass goes through all that is new, in batches by the time of the runs. What is committed
 * meanwhile is found in this pass or in the next one, and handed out once.
 *
 * Looking where no transaction has ended anywhere in the cluster is one query. Otherwise the table is
 * read once, without the journals that PostgreSQL stores apart.
 *
 * Another table, database or cluster, and a cluster that was set back, makes another generation, and
 * everything comes once more. It needs PostgreSQL 13, and works on a standby.
 */
import { arrivalOf, mayHaveEndedAfter } from './arrival.js'
import type { PostgresAccess, PostgresLook } from './postgres-access.js'
import {
  eachNewRow,
  type FeedRow,
  type Place,
  readGeneration,
  readNewRows,
} from './postgres-feed-rows.js'
import { SeenRows } from './postgres-seen-rows.js'
import { readSnapshot, type Since, type Snapshot } from './postgres-snapshot.js'
import type { Arrival, RunFeed } from './run-feed.js'

/** How far a feed has come in one generation of the database. */
interface Progress {
  readonly generation: string
  /** Transaction numbers only grow. */
  readonly xmax: bigint
  readonly since: Since | undefined
  readonly seen: SeenRows
  /** The pass that is under way. */
  readonly pass: { readonly start: Snapshot; readonly place: Place } | undefined
  /** Only runs that ended after this time are handed out, in nanoseconds since 1970. */
  readonly after: bigint | undefined
}

/** What one look found. */
interface Page {
  readonly from: Progress
  readonly now: Snapshot
  readonly rows: readonly FeedRow[]
}

/** What is read at once, and kept until it is asked for: about a megabyte. */
const BATCH_ROWS = 5_000

/** A feed of one database; its calls must not overlap. */
export class PostgresFeed implements RunFeed {
  readonly #access: PostgresAccess
  #progress: Progress | undefined
  #ready: Arrival[] = []
  /** The snapshot whose rows were all handed out. */
  #settled: string | undefined
  /** When the newest run had ended that was skipped. */
  #skipped: bigint | undefined
  #beginnings = 0

  constructor(access: PostgresAccess) {
    this.#access = access
  }

  get beginnings(): number {
    return this.#beginnings
  }

  async skip(): Promise<void> {
    const limit = BigInt(Date.now()) * 1_000_000n
    let newest: bigint | undefined
    const progress = await this.#access.read(async (db) => {
      const now = await readSnapshot(db)
      const from = begin(await readGeneration(db, this.#access.settings.location), now, undefined)
      await eachNewRow(db, undefined, now, undefined, ({ run, runId, xid }) => {
        from.seen.add(runId, xid, now, now)
        const ended = run.endedUnixNano ?? 0n
        if (newest === undefined || ended > newest) newest = ended
      })
      return { ...from, since: from.seen.settle(now, now) }
    })
    this.#progress = progress
    this.#ready = []
    this.#settled = undefined
    this.#skipped = newest !== undefined && newest > limit ? limit : newest
  }

  async next(most: number): Promise<readonly Arrival[]> {
    while (this.#ready.length === 0) {
      const page = await this.#access.read(async (db) => (await this.#readPage(db)) ?? 'nothing')
      if (page === 'nothing') break
      this.#take(page)
      if (this.#progress?.pass === undefined) break
    }
    return this.#ready.splice(0, most)
  }

  async behind(): Promise<number> {
    let count = this.#ready.length
    await this.#access.read(async (db) => {
      const now = await readSnapshot(db)
      if (this.#isSettledAt(now)) return
      const { since, pass, seen, after } = await this.#start(db, now)
      await eachNewRow(db, since, now, pass?.place, ({ run, runId, xid }) => {
        if (!seen.has(runId, xid) && mayHaveEndedAfter(run, after)) count++
      })
    })
    return count
  }

  #isSettledAt(now: Snapshot): boolean {
    return this.#progress?.pass === undefined && now.text === this.#settled
  }

  async #readPage(db: PostgresLook): Promise<Page | undefined> {
    const now = await readSnapshot(db)
    if (this.#isSettledAt(now)) return undefined
    const from = await this.#start(db, now)
    return { from, now, rows: await readNewRows(db, from.since, now, from.pass?.place, BATCH_ROWS) }
  }

  #take({ from, now, rows }: Page): void {
    const { seen, after } = from
    const start = from.pass?.start ?? now
    // A beginning has a memory of its own.
    if (seen !== this.#progress?.seen) this.#beginnings++
    for (const { run, stamp, runId, xid } of rows) {
      if (seen.has(runId, xid)) continue
      seen.add(runId, xid, start, now)
      if (mayHaveEndedAfter(run, after)) this.#ready.push(arrivalOf(run, stamp))
    }
    const place = rows.at(-1)
    const progress = { ...from, xmax: now.xmax }
    if (place !== undefined && rows.length === BATCH_ROWS) {
      this.#progress = { ...progress, pass: { start, place } }
      return
    }
    this.#progress = { ...progress, since: seen.settle(start, now), pass: undefined }
    this.#settled = start.text === now.text && now.isExact ? now.text : undefined
  }

  /** Where to go on: it may be another database. */
  async #start(db: PostgresLook, now: Snapshot): Promise<Progress> {
    const generation = await readGeneration(db, this.#access.settings.location)
    const progress = this.#progress
    return progress?.generation === generation && now.xmax >= progress.xmax
      ? progress
      : begin(generation, now, this.#skipped)
  }
}

function begin(generation: string, now: Snapshot, after: bigint | undefined): Progress {
  const rest = { since: undefined, seen: new SeenRows(), pass: undefined }
  return { generation, xmax: now.xmax, after, ...rest }
}
