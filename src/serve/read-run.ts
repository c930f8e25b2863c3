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

/** Reads runs from some places. */
export class RunsToRead {
  readonly #places: Places
  readonly #index: RunIndex
  readonly #waiting: (() => void)[] = []
  #underWay = 0

  constructor(places: Places, index: RunIndex) {
    this.#places = places
    this.#index = index
  }

  /**
   * Reads a run; `undefined` where it is in no place.
   *
   * @throws {RivetOtelError} where a place cannot be read; `SOURCE_BUSY` where too many wait.
   */
  read(name: RunName): Promise<RunView | undefined> {
    return this.#inTurn(() => this.#find(name, ({ reader, found }) => readRunView(reader, found)))
  }

  /**
   * Reads two runs and compares them, or tells which of them is in no place.
   *
   * @throws {RivetOtelError} as {@link read}.
   */
  compare(a: RunName, b: RunName): Promise<{ diff: RunDiff } | { missing: RunName }> {
    return this.#inTurn(async () => {
      const compared = await this.#find(a, async (first) => {
        const both = await this.#find(b, (second) => compareRuns(first, second))
        return both ?? { missing: b }
      })
      return compared ?? { missing: a }
    })
  }

  async #find<T>(name: RunName, use: (run: RunInPlace) => Promise<T>): Promise<T | undefined> {
    for (const place of this.#placesOf(name)) {
      const reader = await place.open(name.namespace)
      try {
        const item = await lastOf(reader, name)
        if (item !== undefined) return await use({ reader, found: await knownBeside(reader, item) })
      } finally {
        await reader.close()
      }
    }
    return undefined
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    await this.#turn()
    try {
      return await work()
    } finally {
      this.#underWay--
      this.#waiting.shift()?.()
    }
  }

  /** The place where it is listed first; one that is not listed may be anywhere. */
  #placesOf({ runId, namespace }: RunName): Place[] {
    const { from, received } = this.#places
    const listed = this.#index.originOf(runId, namespace)
    const places = listed === 'received' ? [received, from] : [from, received]
    return places.flatMap((place) => place ?? [])
  }

  async #turn(): Promise<void> {
    if (this.#underWay >= MOST_AT_ONCE) {
      if (this.#waiting.length >= MOST_WAITING)
        throw new RivetOtelError(
          'SOURCE_BUSY',
          'too many runs are being read; try again in a moment',
        )
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    this.#underWay++
  }
}

/** Where it is there several times, the last counts. */
async function lastOf(
  reader: RunReader,
  { runId, namespace }: RunName,
): Promise<FoundItem | undefined> {
  if (namespace !== '' && reader.holds === 'journals') return undefined
  let found: FoundItem | undefined
  for await (const item of reader.read({ runIds: [runId] })) {
    if (item.kind === 'unseen' || (item.kind === 'unreadable' && item.runId !== runId)) continue
    found = item
  }
  return found
}
