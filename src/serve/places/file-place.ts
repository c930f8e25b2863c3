/**
 * The runs of a file: journals, or traces. The file is read again, whole, when it has changed.
 *
 * A file that is being written is left alone until it has been still for a moment, but not for ever.
 */
import { stat } from 'node:fs/promises'
import type { RunReader } from '../../bridge/run-reader.js'
import { RivetOtelError } from '../../problem.js'
import { Newest, type RunPlace } from '../../sources/selection.js'
import type { Origin, RunIndex } from '../run-index.js'
import { type ListedRun, listedRun } from '../run-summary.js'
import type { Place } from './place.js'

/** What a file is shown with. */
export interface FilePlaceOptions {
  /** As messages name it. */
  readonly location: string
  readonly path: string
  readonly origin: Origin
  readonly open: (namespace?: string) => Promise<RunReader>
  readonly index: RunIndex
  /** Whether it may be missing, and then holds no runs. */
  readonly isOptional?: boolean
  /** Only runs that ended then or later, in nanoseconds since 1970. */
  readonly sinceUnixNano?: bigint | undefined
  /** Tells whenever something was written to it that is whole; gives back how to stop it. */
  readonly onWritten?: (told: () => void) => () => void
}

const EVERY_MS = 1_000
/** How long one that is still being written is waited for, in ms. */
const LONGEST_WAIT_MS = 10_000
/** How a file lies that is not there, and need not be. */
const NOTHING = ''

/** A file. */
export class FilePlace implements Place {
  readonly everyMs = EVERY_MS
  readonly #options: FilePlaceOptions
  /** How it lay when it was last looked at, and when it was last read. */
  #seen: string | undefined
  #read: string | undefined
  /** Since when it is known to have changed, in ms. */
  #changedAt: number | undefined
  /** Whether what is there now is whole, for all that is known. */
  #isWhole = true

  constructor(options: FilePlaceOptions) {
    this.#options = options
  }

  get location(): string {
    return this.#options.location
  }

  get isOptional(): boolean {
    return this.#options.isOptional === true
  }

  async look(): Promise<boolean> {
    const { path, index, origin } = this.#options
    const sight = await this.#lookAt(path)
    const isStill = sight === this.#seen
    this.#seen = sight
    if (sight === this.#read) return false
    const now = performance.now()
    this.#changedAt ??= now
    if (!this.#isWhole && !isStill && now - this.#changedAt < LONGEST_WAIT_MS) return false
    this.#isWhole = false
    this.#changedAt = undefined
    if (sight === NOTHING) index.replace(origin, [])
    else await this.#readAll()
    this.#read = sight
    return true
  }

  onWake(wake: () => void): () => void {
    const { onWritten = () => () => {} } = this.#options
    return onWritten(() => {
      this.#isWhole = true
      wake()
    })
  }

  open(namespace: string): Promise<RunReader> {
    return this.#options.open(namespace)
  }

  async close(): Promise<void> {}

  /** A text that changes when the file does. */
  async #lookAt(path: string): Promise<string> {
    try {
      const { size, mtimeNs, ino } = await stat(path, { bigint: true })
      return `${size} ${mtimeNs} ${ino}`
    } catch (error) {
      const { code = 'an error' } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT')
        throw new RivetOtelError('INVALID_SOURCE', `${this.location} cannot be read (${code})`)
      if (this.#options.isOptional) return NOTHING
      throw new RivetOtelError('NOT_FOUND', `${this.location} does not exist any more`)
    }
  }

  async #readAll(): Promise<void> {
    const { open, index, origin, sinceUnixNano } = this.#options
    const newest = new Newest<RunPlace & { readonly run: ListedRun }>(index.most)
    let count = 0
    const reader = await open()
    index.forgetUnreadable(origin)
    try {
      for await (const item of reader.read(sinceUnixNano === undefined ? {} : { sinceUnixNano })) {
        if (item.kind === 'unreadable')
          index.unreadable(origin, `${this.location} ${item.where}`.trim(), item.problem)
        else if (item.kind === 'unseen') index.unreadable(origin, this.location, item.problem)
        else {
          const run = listedRun(item)
          newest.add({ runId: run.summary.run_id, endedUnixNano: run.endedUnixNano, run })
          count++
        }
      }
    } finally {
      await reader.close()
    }
    index.holds(origin, reader.holds)
    index.replace(
      origin,
      newest.oldestFirst().map(({ run }) => run),
    )
    if (count > index.most) index.leaveOutOlder(origin)
  }
}
