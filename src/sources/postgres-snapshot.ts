/**
 * PostgreSQL's snapshots and transaction numbers: which rows can have come since an earlier look.
 *
 * A snapshot `xmin:xmax:open` says that every transaction below `xmin` has ended, that none from
 * `xmax` on has, and which between the two have not (https://www.postgresql.org/docs/current/functions-info.html,
 * `pg_snapshot`). So a row that one snapshot shows and an earlier one did not was written by a
 * transaction from the earlier `xmin` on, however late it was committed.
 *
 * Snapshots count in 64 bits, rows keep the last 32 of them, also when they are old and frozen. Within
 * the window from one snapshot's `xmin` to another's `xmax` a row that is 2^32 transactions older may
 * stand as well, and is then taken for a new one: once too often, never once too few.
 */
import type { PostgresLook, PostgresParameter } from './postgres-access.js'

/** What was committed at one moment. */
export interface Snapshot {
  /** As the server writes it. Where it {@link isExact}, an equal one shows the same rows. */
  readonly text: string
  readonly xmin: bigint
  readonly xmax: bigint
  /** The transactions in between that had not ended, as rows name them. A standby names none. */
  readonly open: readonly string[]
  readonly isExact: boolean
}

/** Which transactions may have written a row that is new: those from `from` on, and the `open` ones. */
export interface Since {
  readonly from: bigint
  readonly open: readonly string[]
}

const ROUND = 2n ** 32n

/**
 * The snapshot of a look.
 *
 * @example
 * await access.read((db) => readSnapshot(db)) // { xmin: 748n, xmax: 750n, … }
 */
export async function readSnapshot(db: PostgresLook): Promise<Snapshot> {
  const [row] = await db.all(
    'SELECT pg_current_snapshot()::text AS text, pg_is_in_recovery() AS is_standby',
  )
  const text = String(row?.text)
  const [xmin = '0', xmax = '0', open = ''] = text.split(':')
  return {
    text,
    xmin: BigInt(xmin),
    xmax: BigInt(xmax),
    open: open === '' ? [] : open.split(',').map((xid) => String(BigInt(xid) % ROUND)),
    isExact: row?.is_standby !== true || xmin === xmax,
  }
}

/**
 * The condition that a row may have come since, with its parameters `$1` to `$3`.
 *
 * @param since `undefined` for every row.
 * @param now the snapshot that shows the row.
 * @example
 * db.all(`SELECT run_id FROM run_journal WHERE ${MAY_BE_NEW}`, ...newSince(since, now))
 */
export function newSince(since: Since | undefined, now: Snapshot): PostgresParameter[] {
  if (since === undefined) return ['0', `${ROUND}`, []]
  return [`${since.from % ROUND}`, `${now.xmax - since.from}`, since.open]
}

/** See {@link newSince}. */
export const MAY_BE_NEW = `(((xmin::text::bigint - $1::bigint) & ${ROUND - 1n}) < $2::bigint
  OR xmin::text::bigint = ANY($3::bigint[]))`

/**
 * How far after `from` a row's transaction is, where it is after it.
 *
 * @param xid as the row names it.
 * @example
 * distance('749', 748n) // 1n
 */
export function distance(xid: string, from: bigint): bigint {
  return BigInt.asUintN(32, BigInt(xid) - from)
}
