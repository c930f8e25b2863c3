/**
 * Which rows a PostgreSQL feed handed out that it may meet again: those written by transactions that
 * are not older than the oldest one that is still under way.
 *
 * A version of a row is known by its run_id and the transaction that wrote it. As long as some
 * transaction stays open anywhere in the cluster, these get more; at 20,000 the older half is forgotten,
 * and its transactions count as done. What that could lose is a row from a savepoint that was set
 * before 10,000 later runs were committed; whole transactions that are open are known by name.
 */
import { distance, type Since, type Snapshot } from './postgres-snapshot.js'
import { ascending } from './selection.js'

const MOST = 20_000

/** The versions of rows that were handed out. */
export class SeenRows {
  readonly #xids = new Map<string, string>()
  #doneBefore = 0n

  /** Whether this version of the row was handed out. */
  has(runId: string, xid: string): boolean {
    return this.#xids.get(runId) === xid
  }

  /** @param start the snapshot from whose `xmin` on rows can be met again. */
  add(runId: string, xid: string, start: Snapshot, now: Snapshot): void {
    if (distance(xid, start.xmin) >= now.xmax - start.xmin) return
    this.#xids.set(runId, xid)
    if (this.#xids.size > MOST) this.#forgetHalf(start)
  }

  /** Everything that `start` shows was handed out: what can be new from now on. */
  settle(start: Snapshot, now: Snapshot): Since {
    const from = this.#doneBefore > start.xmin ? this.#doneBefore : start.xmin
    for (const [runId, xid] of this.#xids) {
      if (distance(xid, from) >= now.xmax - from && !start.open.includes(xid))
        this.#xids.delete(runId)
    }
    return { from, open: start.open }
  }

  #forgetHalf({ xmin }: Snapshot): void {
    const distances = [...this.#xids.values()].map((xid) => distance(xid, xmin)).sort(ascending)
    const middle = distances[MOST / 2] ?? 0n
    this.#doneBefore = xmin + middle + 1n
    for (const [runId, xid] of this.#xids)
      if (distance(xid, xmin) <= middle) this.#xids.delete(runId)
  }
}
