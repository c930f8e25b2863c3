/**
 * Which of the rows that a SQLite feed handed out lately said which time: what tells a row that was
 * changed from one that is known.
 *
 * A row that is changed keeps its rowid and gets a new `finished_at`, which is about the time of the
 * change. So only rows that end late enough, by their text, have to be remembered: those within the
 * overlap of 60 s before the newest one, or the last 1,000 where those are more. A row whose time
 * lies ahead, or is none and sorts after every time, stays among them.
 *
 * It holds 20,000 rows at most. Where more than half as many lie within the overlap, it shrinks to the
 * latest of them by their text.
 */
import { timeIn } from './run-row.js'
import type { RowStamp } from './sqlite-feed-rows.js'

/** For what is written later than its time says: a writer that waits for a lock, two clocks. */
const OVERLAP_MS = 60_000
const USUAL = 1_000
const MOST = 20_000
/** Rows that are kept whatever their time says: that one of them is the same shows where to go on. */
const LAST_KEPT = 100

/** The rows that were handed out lately. */
export class RecentRows {
  readonly #stamps = new Map<bigint, string>()
  #from = ''
  #newestUnixNano: bigint | undefined

  /** The text from which on every row that was handed out is known. */
  get from(): string {
    return this.#from
  }

  /** Whether {@link advance} is due before more is added. */
  get isFull(): boolean {
    return this.#stamps.size >= MOST
  }

  /** When the newest of all rows ended that were added, in nanoseconds since 1970. */
  get newestUnixNano(): bigint | undefined {
    return this.#newestUnixNano
  }

  /** Whether this row was handed out as it is. */
  knows({ row, stamp }: RowStamp): boolean {
    return this.#stamps.get(row) === stamp
  }

  /** The time that a row said. */
  stampOf(row: bigint): string | undefined {
    return this.#stamps.get(row)
  }

  /** The rows that are remembered, the last one that was put in first. */
  lastFirst(): bigint[] {
    return [...this.#stamps.keys()].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0))
  }

  /** A row was handed out. */
  add({ row, stamp }: RowStamp): void {
    this.#stamps.set(row, stamp)
    const ended = timeIn({ text: stamp })
    if (ended === undefined) return
    if (this.#newestUnixNano === undefined || ended > this.#newestUnixNano)
      this.#newestUnixNano = ended
  }

  /**
   * Forgets what is not needed; only when every row from {@link from} on is known.
   *
   * @param nowMs a time that lies ahead does not count as the newest.
   */
  advance(nowMs: number): void {
    if (this.#stamps.size <= USUAL) return
    if (this.#newestUnixNano !== undefined) {
      const newestMs = Math.min(Number(this.#newestUnixNano / 1_000_000n), nowMs)
      const from = new Date(Math.max(0, newestMs - OVERLAP_MS))
      this.#forgetBefore(from.toISOString().slice(0, -5))
    }
    if (this.#stamps.size <= MOST / 2) return
    const stamps = [...this.#stamps.values()].sort()
    // The next text after this one, so that it also helps where all of them are the same.
    this.#forgetBefore(`${stamps[stamps.length - MOST / 4]}\u0001`)
  }

  #forgetBefore(from: string): void {
    if (from > this.#from) this.#from = from
    const last = new Set(this.lastFirst().slice(0, LAST_KEPT))
    for (const [row, stamp] of this.#stamps)
      if (stamp < this.#from && !last.has(row)) this.#stamps.delete(row)
  }
}
