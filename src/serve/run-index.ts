/**
 * The runs that the page lists, from all places together: summaries in memory, and nothing else of a run.
 *
 * It reads nothing; the places tell it. A run that both kinds of places have is shown once, as the place
 * that is read from has it. It keeps the newest so many of each kind. Who takes {@link RunIndex.runs}
 * and then all news has what is listed.
 */
import { keyOfRun } from '../bridge/run-name.js'
import { withoutConnectionSecrets } from '../journal/connection-secrets.js'
import { oldestFirst, type RunPlace } from '../sources/selection.js'
import type { RunSummary } from '../view/run-view.js'
import type { ListedRun } from './run-summary.js'
import { type IndexNews, keyOf, Told } from './told.js'

/** Where a run was seen: in the place that is read from, or among what was received. */
export type Origin = 'from' | 'received'

/** All of them. */
export const ORIGINS: readonly Origin[] = ['from', 'received']
/** Of each origin: a file can be nothing but faults. */
const MOST_PROBLEMS = 50
/** Later than any time that a timestamp can say. */
const NOT_ENDED = 2n ** 120n

/** What is known of one origin. */
class Shelf {
  readonly runs = new Map<string, ListedRun>()
  /** What is wrong with the place as a whole. */
  standing: string | undefined
  /** What could not be read of it, by where that stands. */
  readonly unreadable = new Map<string, string>()
  moreUnreadable = 0
  hasOlder = false
  /** Whether its runs are journals, which have no namespace. */
  holdsJournals = false
}

/**
 * The index.
 *
 * @example
 * const index = new RunIndex(1000)
 * index.onNews((news) => console.log(news.kind))
 * index.put('from', [listedRun(item)])
 * index.tell() // 'run'
 */
export class RunIndex {
  readonly #most: number
  readonly #shelves = { from: new Shelf(), received: new Shelf() }
  readonly #listeners = new Set<(news: IndexNews) => void>()
  readonly #whenChanged = new Set<() => void>()
  readonly #told = new Told()
  #hasChanged = false

  /** @param most how many runs of each origin are kept, the newest; at least 1 */
  constructor(most: number) {
    this.#most = most
  }

  /** How many runs of each origin are kept at most. */
  get most(): number {
    return this.#most
  }

  /** Is told of everything that is new from now on, by {@link tell}; gives back how to stop it. */
  onNews(listener: (news: IndexNews) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Is called whenever there may be something to tell; gives back how to stop it. */
  onChange(listener: () => void): () => void {
    this.#whenChanged.add(listener)
    return () => void this.#whenChanged.delete(listener)
  }

  /** Tells what is different from what was told last. */
  tell(): void {
    if (this.#hasChanged) this.#tellOf(this.#list())
  }

  /** Whether an origin's runs are journals: these have no namespace, whatever they were sent with. */
  holds(origin: Origin, what: 'journals' | 'traces'): void {
    this.#shelves[origin].holdsJournals = what === 'journals'
    this.#changed()
  }

  /** Runs that are new, or as they are now. */
  put(origin: Origin, runs: readonly ListedRun[]): void {
    const shelf = this.#shelves[origin]
    for (const run of runs) {
      const key = keyOf(run.summary)
      const before = shelf.runs.get(key)?.summary
      const isKnown = before !== undefined && isSame(before, run.summary)
      // The same object is told once.
      shelf.runs.set(key, isKnown ? { ...run, summary: before } : run)
    }
    this.#dropOldest(shelf)
    this.#changed()
  }

  /** Everything that an origin has now: what is not among it is gone. */
  replace(origin: Origin, runs: readonly ListedRun[]): void {
    const keys = new Set(runs.map(({ summary }) => keyOf(summary)))
    const shelf = this.#shelves[origin]
    for (const key of shelf.runs.keys()) if (!keys.has(key)) shelf.runs.delete(key)
    shelf.hasOlder = false
    this.put(origin, runs)
  }

  /** Runs that are gone, by their place's word. */
  remove(origin: Origin, runs: Iterable<RunSummary>): void {
    for (const run of runs) this.#shelves[origin].runs.delete(keyOf(run))
    this.#changed()
  }

  /** What is known of an origin's runs. */
  known(origin: Origin): Iterable<ListedRun> {
    return this.#shelves[origin].runs.values()
  }

  /** Older runs are there and were not even read. */
  leaveOutOlder(origin: Origin): void {
    this.#shelves[origin].hasOlder = true
    this.#changed()
  }

  /** What is wrong with a place as a whole; `undefined` where nothing is. */
  standing(origin: Origin, problem: string | undefined): void {
    this.#shelves[origin].standing = problem
    this.#changed()
  }

  /** Something that could not be read, and where it stands; passwords in it are masked. */
  unreadable(origin: Origin, unmaskedWhere: string, unmaskedProblem: string): void {
    const where = withoutConnectionSecrets(unmaskedWhere)
    const problem = withoutConnectionSecrets(unmaskedProblem)
    const shelf = this.#shelves[origin]
    const isNew = shelf.unreadable.get(where) !== problem
    if (!isNew) return
    this.#changed()
    if (shelf.unreadable.size >= MOST_PROBLEMS && !shelf.unreadable.has(where)) {
      shelf.moreUnreadable++
      return
    }
    shelf.unreadable.set(where, problem)
  }

  /** What stands there can be read now. */
  readable(origin: Origin, where: string): void {
    const { unreadable } = this.#shelves[origin]
    if (unreadable.delete(withoutConnectionSecrets(where))) this.#changed()
  }

  /** Forgets what could not be read: the place is read anew. */
  forgetUnreadable(origin: Origin): void {
    this.#shelves[origin].unreadable.clear()
    this.#shelves[origin].moreUnreadable = 0
    this.#changed()
  }

  /** The runs, the newest last. All that is different is told before: what is told later came later. */
  runs(): RunSummary[] {
    const runs = this.#list()
    this.#tellOf(runs)
    return runs
  }

  /** What cannot be read, and what is left out, one sentence each. */
  problems(): string[] {
    return ORIGINS.flatMap((origin) => {
      const { standing, unreadable, moreUnreadable, hasOlder, runs } = this.#shelves[origin]
      const isLeftOut = hasOlder || runs.size > this.#most
      const more = `and ${moreUnreadable} more that cannot be read`
      return [
        ...(standing === undefined ? [] : [standing]),
        ...[...unreadable].map(([where, problem]) => `${where}: ${problem}`),
        ...(moreUnreadable > 0 ? [more] : []),
        ...(isLeftOut ? [this.#olderLeftOut(origin)] : []),
      ]
    })
  }

  /** Where a run is to be read; `undefined` where it is not listed. */
  originOf(runId: string, namespace: string): Origin | undefined {
    const key = keyOfRun({ runId, namespace })
    return ORIGINS.find((origin) => this.#shelves[origin].runs.has(key))
  }

  #olderLeftOut(origin: Origin): string {
    const what = origin === 'from' ? 'older runs' : 'older runs that were received'
    return `${what} are left out: the newest ${this.#most} are listed (--last takes more)`
  }

  #list(): RunSummary[] {
    const { from, received } = this.#shelves
    const read = this.#newest(from)
    const keys = new Set(read.map(({ summary }) => keyOf(summary)))
    // Journals have no namespace: a run that was sent with one is the same there.
    const isCovered = ({ run_id: runId, namespace }: RunSummary) =>
      keys.has(keyOf({ run_id: runId, namespace })) ||
      (from.holdsJournals && keys.has(keyOfRun({ runId, namespace: '' })))
    const others = this.#newest(received).filter(({ summary }) => !isCovered(summary))
    return sorted([...read, ...others]).map(({ summary }) => summary)
  }

  /** Some more are kept than are shown: whoever drops one at a time sorts all of them each time. */
  #dropOldest(shelf: Shelf): void {
    if (shelf.runs.size <= this.#most * 1.1) return
    const kept = this.#newest(shelf)
    shelf.runs.clear()
    for (const run of kept) shelf.runs.set(keyOf(run.summary), run)
    shelf.hasOlder = true
  }

  #newest(shelf: Shelf): ListedRun[] {
    const runs = [...shelf.runs.values()]
    return runs.length <= this.#most ? runs : sorted(runs).slice(-this.#most)
  }

  #changed(): void {
    this.#hasChanged = true
    for (const listener of this.#whenChanged) listener()
  }

  #tellOf(runs: readonly RunSummary[]): void {
    this.#hasChanged = false
    for (const news of this.#told.now(runs, this.problems()))
      for (const listener of this.#listeners) listener(news)
  }
}

function isSame(a: RunSummary, b: RunSummary): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function sorted(runs: readonly ListedRun[]): ListedRun[] {
  return runs
    .map((run) => ({ run, ...placeOf(run) }))
    .sort(oldestFirst)
    .map(({ run }) => run)
}

/** Those that are running come last, whenever they began. */
function placeOf({ summary, endedUnixNano, isRunning }: ListedRun): RunPlace {
  return { runId: summary.run_id, endedUnixNano: isRunning ? NOT_ENDED : endedUnixNano }
}
