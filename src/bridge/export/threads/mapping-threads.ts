/**
 * Threads that make encoded pages of journals.
 *
 * They only save time: what a thread cannot do, because it could not start or has died, is said to be
 * undone, and whoever asked does it himself.
 */
import { Worker } from 'node:worker_threads'
import type { UnreadBytes } from '../../../sources/journal-texts.js'
import type { JournalBatch, MappedBatch, MappingSetup, ThreadAnswer } from './mapped-batch.js'
import { WORKER_FILE } from './worker-file.js'

/** How much room a thread has for what is young, in MB: what most of a journal never outlives. */
const YOUNG_MB = 8
/** So many batches are on their way to a thread or back: it never waits for the next. */
const BATCHES_OF_A_THREAD = 3

/**
 * So many threads, which are on their way.
 *
 * @example
 * const threads = new MappingThreads(2, setup)
 * const mapped = await threads.map([{ where: 'line 1', bytes }])
 * await threads.close()
 */
export class MappingThreads {
  readonly #threads: MappingThread[] = []
  /** Memory for batches that none is in at the moment. */
  readonly #free: Uint8Array<ArrayBuffer>[] = []

  /** @param program what they run */
  constructor(count: number, setup: MappingSetup, program = WORKER_FILE) {
    const free = this.#free
    for (let i = 0; i < count; i++) this.#threads.push(new MappingThread(setup, program, free))
  }

  /** Whether one of them takes another batch before it has finished those that it has. */
  get haveRoom(): boolean {
    return this.#threads.some(({ isThere, waiting }) => isThere && waiting < BATCHES_OF_A_THREAD)
  }

  /** Maps journals with bytes; `undefined` where no thread could do it. */
  async map(pieces: readonly UnreadBytes[]): Promise<MappedBatch | undefined> {
    const [idlest] = this.#threads
      .filter(({ isThere }) => isThere)
      .sort((a, b) => a.waiting - b.waiting)
    return idlest?.map(batchOf(pieces, this.#free))
  }

  /** Ends them; what they have not done is undone. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }
}

class MappingThread {
  isThere = false
  /** Batches that it has, in their order. */
  readonly #batches: ((mapped: MappedBatch | undefined) => void)[] = []
  #worker: Worker | undefined

  constructor(setup: MappingSetup, program: URL, free: Uint8Array<ArrayBuffer>[]) {
    try {
      const worker = new Worker(program, {
        name: 'rivet-otel mapping',
        workerData: setup,
        // What is loaded into every program of the host has no business in this one.
        execArgv: [],
        env: { ...process.env, NODE_OPTIONS: '' },
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      })
      worker.on('message', ({ runs, bytes }: ThreadAnswer) => {
        free.push(bytes)
        this.#batches.shift()?.(runs)
        if (this.#batches.length === 0) worker.unref()
      })
      worker.on('error', () => this.#leave())
      worker.on('exit', () => this.#leave())
      // A thread that has nothing to do keeps no program running.
      worker.unref()
      this.#worker = worker
      this.isThere = true
    } catch {
      // What it was to be given cannot be sent to a thread.
    }
  }

  get waiting(): number {
    return this.#batches.length
  }

  map(batch: JournalBatch): Promise<MappedBatch | undefined> {
    return new Promise((resolve) => {
      this.#batches.push(resolve)
      this.#worker?.ref()
      this.#worker?.postMessage(batch, [batch.bytes.buffer])
    })
  }

  async close(): Promise<void> {
    await this.#worker?.terminate()
    this.#leave()
  }

  #leave(): void {
    this.isThere = false
    for (const resolve of this.#batches.splice(0)) resolve(undefined)
  }
}

/** A copy of the bytes, which a thread takes for itself. */
function batchOf(pieces: readonly UnreadBytes[], free: Uint8Array<ArrayBuffer>[]): JournalBatch {
  const length = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const last = free.pop()
  const all = last !== undefined && last.length >= length ? last : new Uint8Array(length)
  let end = 0
  const journals = pieces.map(({ where, bytes }) => {
    all.set(bytes, end)
    end += bytes.length
    return { where, end }
  })
  return { bytes: all, journals }
}
