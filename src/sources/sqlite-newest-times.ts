/**
 * When the newest runs in rivet's table `run_journal` in SQLite ended, found by rivet's index alone: what
 * it costs follows the runs that are wanted and the number of exports, and not the size of the database.
 *
 * rivet writes every time in one way, in UTC, and such texts sort as their times do, to the second. So a
 * second is looked for since when enough runs ended by such texts: the newest are among what ended then or
 * later. What is spelled otherwise (another zone, a leap second) sorts less than a day away from its
 * time, or before all digits where its year has a sign; what may be late enough of that comes too.
 */
import { readTimestamp } from '../journal/timestamp.js'
import type { SqliteConnection } from './sqlite-connection.js'
import { EACH_EXPORT, hasTimeIndex } from './sqlite-time-index.js'
import {
  PLAIN,
  type RowTime,
  rowTimes,
  SECOND,
  secondOf,
  TIME_COLUMNS,
  type TimesWanted,
} from './sqlite-times.js'

/** How far before the newest run is looked first, and how much further each time, in seconds. */
const FIRST_LOOK = 60n
const WIDER = 4n
const SECOND_NANOS = 1_000_000_000n
/** More than the zones of two times can differ. */
const TWO_DAYS_NANOS = 2n * 86_400n * SECOND_NANOS
/** After every time that has a year of four digits. */
const NEVER = 2n ** 120n
/** Sorts before every time with a year of four digits, and after every year with a sign. */
const DIGITS = '0'

/**
 * Whatever is a time and such a text has the order of its text among the like of it, to the second: it is
 * in UTC, and in no leap second.
 */
const IN_ORDER = ['+00:00', 'Z']
  .map((zone) => `finished_at GLOB '??????????T??:??:[0-5]?*${zone}'`)
  .join(' OR ')

/**
 * When runs ended, by row and in no order: all that may be among the newest `last` of those that are
 * wanted, and perhaps more; `undefined` where so few are wanted that there may be some among them whose
 * time is not known, and where there is no index.
 *
 * @param exports only runs of these; of all where it is absent
 * @example
 * await access.read((db) => newestTimes(db, ['orders'], { last: 10 }))
 */
export function newestTimes(
  db: SqliteConnection,
  exports: readonly string[] | undefined,
  wanted: TimesWanted & { readonly last: number },
): RowTime[] | undefined {
  if (wanted.last <= 0) return []
  if (!hasTimeIndex(db)) return undefined
  const asked = new Index(db, exports)
  const from = enoughFrom(asked, wanted)
  if (from === undefined) return undefined
  const { untilUnixNano } = wanted
  const until = untilUnixNano ?? NEVER
  const isNear = 'finished_at >= ? AND finished_at < ?'
  return [
    ...asked.times(
      `${isNear} AND (${isNear} OR NOT (${IN_ORDER}))`,
      // Those before all digits come below, and must not come twice.
      ...[secondOf(from - TWO_DAYS_NANOS) || DIGITS, secondOf(until + TWO_DAYS_NANOS)],
      ...[secondOf(from) || DIGITS, secondOf(until + SECOND_NANOS)],
    ),
    ...asked.times('finished_at < ?', DIGITS),
  ]
}

/** A second since when enough of the wanted runs ended, in nanoseconds since 1970. */
function enoughFrom(
  asked: Index,
  { sinceUnixNano, untilUnixNano, last }: TimesWanted & { readonly last: number },
): bigint | undefined {
  // Of the seconds in which the wanted time begins and ends, some runs may not be wanted.
  const since = sinceUnixNano === undefined ? undefined : sinceUnixNano + SECOND_NANOS
  const until = secondOf(untilUnixNano ?? NEVER)
  const newest = asked.newestSecond(until)
  if (newest === undefined) return undefined
  for (let width = FIRST_LOOK; ; width *= WIDER) {
    const wide = newest - width * SECOND_NANOS
    const isAll = since === undefined ? secondOf(wide) === '' : wide <= since
    const from = isAll && since !== undefined ? since : wide
    if (asked.hasPlain(secondOf(from), until, last)) return from
    if (isAll) return undefined
  }
}

/** The rows of some exports, by the index. */
class Index {
  readonly #db: SqliteConnection
  readonly #exports: string
  readonly #names: readonly string[]

  constructor(db: SqliteConnection, exports: readonly string[] | undefined) {
    this.#db = db
    this.#exports =
      exports === undefined
        ? EACH_EXPORT
        : 'WITH export(name) AS (SELECT DISTINCT value FROM json_each(?))'
    this.#names = exports === undefined ? [] : [JSON.stringify(exports)]
  }

  /** The last second before `until` in which a run ended, by the texts that are plain. */
  newestSecond(until: string): bigint | undefined {
    const [found] = this.#db.all(
      `${this.#exports} SELECT max(second) AS second FROM (SELECT
        (SELECT ${SECOND} FROM run_journal
          WHERE export_name IS export.name AND finished_at < ? AND ${PLAIN}
          ORDER BY finished_at DESC LIMIT 1) AS second
        FROM export)`,
      ...this.#names,
      until,
    )
    return readTimestamp(`${found?.second}Z`)?.unixNano
  }

  /** Whether so many ended in these seconds, the last one excluded, by the texts that are plain. */
  hasPlain(from: string, until: string, count: number): boolean {
    const [found] = this.#db.all(
      `${this.#exports} SELECT count(*) AS n FROM (SELECT 1 ${JOINED}
        AND finished_at >= ? AND finished_at < ? WHERE ${PLAIN} LIMIT ${Math.trunc(count)})`,
      ...[...this.#names, from, until],
    )
    return Number(found?.n) >= count
  }

  times(condition: string, ...texts: readonly string[]): RowTime[] {
    const sql = `${this.#exports} SELECT ${TIME_COLUMNS} ${JOINED} AND ${condition}`
    return rowTimes(this.#db, sql, ...this.#names, ...texts)
  }
}

const JOINED = 'FROM export CROSS JOIN run_journal ON export_name IS export.name'
