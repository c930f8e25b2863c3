/**
 * Reads a run for the page, or two that are compared, from wherever they are listed, anew each time.
 *
 * Few are read at once: each may be large, and somebody may click fast.
 */
import { compareRuns, type RunInPlace } from '../bridge/compare-runs.js'
import { type FoundItem, knownBeside } from '../bridge/known-beside.js'
import { readRunView } from '../bridge/read-run-view.js'
import type { RunName } from '../bridge/run-name.js'
import type { RunReader } from '../bridge/run-reader.js'
import { RivetOtelError } from '../problem.js'
import type { RunDiff } from '../view/run-diff.js'
import type { RunView } from '../view/run-view.js'
import type { Place } from './places/place.js'
import type { Origin, RunIndex } from './run-index.js'

/** The places that there are. */
export type Places = { readonly [origin in Origin]?: Place }

const MOST_AT_ONCE = 2
const MOST_WAITING = 16
/** How long one may be read, with its wait for a turn, in ms: a server has this long to answer. */
const LONGEST_MS = 60_000

/**
 * A run was not read in the time that one has.
 *
 * @example
 * if (error instanceof TooSlow) return refused(504, error.message)
 */
export class TooSlow extends Error {
  override readonly name = 'TooSlow'
}

/**
 * Reads runs from some places.
 *
 * @example
 * const runs = new RunsToRead({ from: place }, index)
 * await runs.read({ runId: 'orders_1', namespace: '' }, signal)
 */
export class RunsToRead {
  readonly #places: Places
  readonly #index: RunIndex
  readonly #longestMs: number
  readonly #waiting: (() => void)[] = []
  #underWay = 0

  /** @param longestMs how long one may be read, in ms */
  constructor(places: Places, index: RunIndex, longestMs = LONGEST_MS) {
    this.#places = places
    this.#index = index
    this.#longestMs = longestMs
  }

  /**
   * Reads a run; `undefined` where it is in no place.
   *
   * @param gone comes when nobody waits for the answer any longer
   * @throws {RivetOtelError} where a place cannot be read; `SOURCE_BUSY` where too many wait.
   * @throws {TooSlow} where it takes too long.
   */
  read(name: RunName, gone: AbortSignal): Promise<RunView | undefined> {
    return this.#inTurn(gone, (signal) =>
      this.#find(name, signal, ({ reader, found }) => readRunView(reader, found)),
    )
  }

  /**
   * Reads two runs and compares them, or tells which of them is in no place.
   *
   * @throws {RivetOtelError} as {@link read}.
   * @throws {TooSlow} as {@link read}.
   */
  compare(
    a: RunName,
    b: RunName,
    gone: AbortSignal,
  ): Promise<{ diff: RunDiff } | { missing: RunName }> {
    return this.#inTurn(gone, async (signal) => {
      const compared = await this.#find(a, signal, async (first) => {
        const both = await this.#find(b, signal, (second) => compareRuns(first, second))
        return both ?? { missing: b }
      })
      return compared ?? { missing: a }
    })
  }

  /** A place that fails does not hide that another one has the run. */
  async #find<T>(
    name: RunName,
    signal: AbortSignal,
    use: (run: RunInPlace) => Promise<T>,
  ): Promise<T | undefined> {
    const problems: unknown[] = []
    for (const place of this.#placesOf(name)) {
      try {
        const used = await useIn(place, name, signal, use)
        if (used !== undefined) return used.result
      } catch (error) {
        signal.throwIfAborted()
        if (!isMissing(place, error)) problems.push(error)
      }
    }
    if (problems.length > 0) throw problems[0]
    return undefined
  }

  /**
   * Who asked is answered as soon as it takes too long; the turn ends when the work has, which is told to
   * stop.
   */
  async #inTurn<T>(gone: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const slow = new AbortController()
    const timer = setTimeout(() => slow.abort(this.#tooSlow()), this.#longestMs)
    const signal = AbortSignal.any([gone, slow.signal])
    let stop = () => {}
    const stopped = new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason)
      signal.addEventListener('abort', stop)
    })
    stopped.catch(() => {})
    try {
      await this.#turn(signal)
      const working = work(signal).finally(() => this.#endTurn())
      return await Promise.race([working, stopped])
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
    }
  }

  /** The place where it is listed first; one that is not listed may be anywhere. */
  #placesOf({ runId, namespace }: RunName): Place[] {
    const { from, received } = this.#places
    const listed = this.#index.originOf(runId, namespace)
    const places = listed === 'received' ? [received, from] : [from, received]
    return places.flatMap((place) => place ?? [])
  }

  /** Whoever waits gets the turn of one that ends, so that nobody comes between. */
  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#underWay < MOST_AT_ONCE) {
      this.#underWay++
      return
    }
    if (this.#waiting.length >= MOST_WAITING)
      throw new RivetOtelError('SOURCE_BUSY', 'too many runs are being read; try again in a moment')
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1)
        reject(signal.reason)
      }
      const begin = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      this.#waiting.push(begin)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  #endTurn(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#underWay--
    else next()
  }

  #tooSlow(): TooSlow {
    const { from, received } = this.#places
    const locations = [from, received].flatMap((place) => place?.location ?? [])
    return new TooSlow(
      `the run could not be read within ${this.#longestMs / 1000} s from ${locations.join(' and ')}; try again, or ask there why it takes so long`,
    )
  }
}

/** What use is made of a run in a place; `undefined` where it is not there. */
async function useIn<T>(
  place: Place,
  name: RunName,
  signal: AbortSignal,
  use: (run: RunInPlace) => Promise<T>,
): Promise<{ readonly result: T } | undefined> {
  const reader = await place.open(name.namespace)
  let closing: Promise<void> | undefined
  const close = () => (closing ??= reader.close())
  // It ends what a server is asked just then.
  const leave = () => void close().catch(() => {})
  signal.addEventListener('abort', leave)
  try {
    signal.throwIfAborted()
    const item = await lastOf(reader, name, signal)
    if (item === undefined) return undefined
    return { result: await use({ reader, found: await knownBeside(reader, item) }) }
  } finally {
    signal.removeEventListener('abort', leave)
    await close()
  }
}

/** Whether a place is not there, and need not be. */
function isMissing({ isOptional = false }: Place, error: unknown): boolean {
  if (!isOptional || !(error instanceof RivetOtelError)) return false
  return error.code === 'NOT_FOUND' || error.isNotYet
}

/** Where it is there several times, the last counts. */
async function lastOf(
  reader: RunReader,
  { runId, namespace }: RunName,
  signal: AbortSignal,
): Promise<FoundItem | undefined> {
  if (namespace !== '' && reader.holds === 'journals') return undefined
  let found: FoundItem | undefined
  for await (const item of reader.read({ runIds: [runId] })) {
    signal.throwIfAborted()
    if (item.kind === 'unseen' || (item.kind === 'unreadable' && item.runId !== runId)) continue
    found = item
  }
  return found
}
