/**
 * The state database of a watcher, which may not be there yet, or not now.
 *
 * What is wrong with it is told once per reason and tried again at the next look, a server with a
 * backoff. Wrong use ends the watch at the first opening: a place that cannot be named so, or is
 * something else. After that nothing of it does.
 */
import { withoutConnectionSecrets } from '../../journal/connection-secrets.js'
import { RivetOtelError } from '../../problem.js'
import type { Arrival, RunFeed, StateDatabase } from '../../sources/run-feed.js'
import { Backoff } from './backoff.js'
import { Standing } from './standing.js'

/** What a source needs to be watched. */
export interface WatchedSourceOptions {
  /** Opens it; called again until it is there. */
  readonly open: () => Promise<StateDatabase>
  /** `now`: only what comes from now on; a time: what ended then or later; else everything. */
  readonly since: 'now' | bigint | undefined
  readonly tell: (isThere: boolean, problem?: string) => void
  /** In ms, of a clock that only goes forward. */
  readonly now: () => number
}

/** Whether a place that cannot be opened the first time may be one that is to come. */
const MAY_COME = ['NOT_FOUND', 'SOURCE_BUSY', 'UNREACHABLE'] as const

interface Opened {
  readonly database: StateDatabase
  readonly feed: RunFeed
}

/**
 * Use it from one place at a time.
 *
 * @example
 * const source = new WatchedSource({ open, since, tell, now: () => clock.now() })
 */
export class WatchedSource {
  readonly #options: WatchedSourceOptions
  readonly #standing: Standing
  readonly #backoff = new Backoff()
  readonly #startedUnixNano = BigInt(Date.now()) * 1_000_000n
  #opened: Opened | undefined
  #hasTried = false
  #since: bigint | undefined
  #toSkip: boolean

  constructor(options: WatchedSourceOptions) {
    this.#options = options
    this.#standing = new Standing(options.tell)
    this.#since = typeof options.since === 'bigint' ? options.since : undefined
    this.#toSkip = options.since === 'now'
  }

  /** Only runs that ended then or later are wanted, in nanoseconds since 1970. */
  get sinceUnixNano(): bigint | undefined {
    return this.#since
  }

  /** Whether it could not be read when it was last tried. */
  get isAway(): boolean {
    return this.#standing.isAway
  }

  /** In how many ms it may be tried; 0 is now. */
  get inMs(): number {
    return this.#backoff.inMs(this.#options.now())
  }

  /**
   * The database; `undefined` where it is not there now.
   *
   * @throws {RivetOtelError} at the first opening, for wrong use.
   */
  async database(): Promise<StateDatabase | undefined> {
    if (this.inMs > 0) return undefined
    // Whether one that was opened before can be read now shows when it is read.
    const isOpen = this.#opened !== undefined && !this.#toSkip
    const opened = isOpen ? this.#opened : await this.#guarded(() => this.#open())
    return opened?.database
  }

  /** The next arrivals; `undefined` where it is not there now. */
  async next(most: number): Promise<readonly Arrival[] | undefined> {
    const { feed } = this.#opened ?? {}
    return feed && (await this.#guarded(() => feed.next(most)))
  }

  /** How many more are to come; `undefined` where that cannot be told now. */
  async behind(): Promise<number | undefined> {
    const { feed } = this.#opened ?? {}
    return feed && this.inMs === 0 ? await this.#guarded(() => feed.behind()) : undefined
  }

  /**
   * It could not be read.
   *
   * @throws what was thrown, where that is a defect.
   */
  failed(error: unknown): void {
    if (!(error instanceof RivetOtelError)) throw error
    if (error.code === 'UNREACHABLE') this.#backoff.failed(this.#options.now())
    const { message, hint } = error
    const problem = hint === undefined ? message : `${message}; ${hint}`
    this.#standing.bad(withoutConnectionSecrets(problem))
  }

  async close(): Promise<void> {
    await this.#opened?.database.close()
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await work()
      this.#backoff.reset()
      this.#standing.good()
      return result
    } catch (error) {
      if (!this.#hasTried) this.#firstFailure(error)
      this.#hasTried = true
      this.failed(error)
      return undefined
    }
  }

  async #open(): Promise<Opened> {
    if (this.#opened === undefined) {
      const database = await this.#options.open()
      this.#opened = { database, feed: database.follow() }
    }
    if (this.#toSkip) await this.#opened.feed.skip()
    this.#toSkip = false
    this.#hasTried = true
    return this.#opened
  }

  /** Where there is nothing yet, all of it comes later; where it only cannot be read, its runs have a time. */
  #firstFailure(error: unknown): void {
    if (!(error instanceof RivetOtelError)) throw error
    const mayCome = MAY_COME.some((code) => code === error.code)
    if (!mayCome && !error.isNotYet) throw error
    const isNothingYet = error.code === 'NOT_FOUND' || error.isNotYet
    if (this.#toSkip && !isNothingYet) this.#since = this.#startedUnixNano
    this.#toSkip = false
  }
}
