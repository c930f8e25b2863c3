/**
 * Threads that make encoded pages of journals.
 *
 * They only save time: what a thread cannot do, because it could not start or has died, is said to be
 * undone, and whoever asked does it himself.
 */
import { Worker } from 'node:worker_threads'
import type { JournalBatch, MappedBatch, MappingSetup } from './mapped-batch.js'
import { WORKER_FILE } from './worker-file.js'

/** How much room a thread has for what is young, in MB: what most of a journal never outlives. */
const YOUNG_MB = 8

/**
 * So many threads, which are on their way.
 *
 * @example
 * const threads = new MappingThreads(2, setup)
 * const mapped = await threads.map(batch)
 * await threads.close()
 */
export class MappingThreads {
  readonly #threads: MappingThread[] = []

  /** @param program what they run */
  constructor(count: number, setup: MappingSetup, program = WORKER_FILE) {
    for (let i = 0; i < count; i++) this.#threads.push(new MappingThread(setup, program))
  }

  /** Maps a batch, whose bytes are gone then; `undefined` where no thread could do it. */
  async map(batch: JournalBatch): Promise<MappedBatch | undefined> {
    const [idlest] = this.#threads
      .filter(({ isThere }) => isThere)
      .sort((a, b) => a.waiting - b.waiting)
    return idlest?.map(batch)
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

  constructor(setup: MappingSetup, program: URL) {
    try {
      const worker = new Worker(program, {
        name: 'rivet-otel mapping',
        workerData: setup,
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      })
      worker.on('message', (mapped: MappedBatch) => this.#batches.shift()?.(mapped))
      worker.on('error', () => this.#leave())
      worker.on('exit', () => this.#leave())
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
