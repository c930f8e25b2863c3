/**
 * What `--listen` adds to a watcher: metrics and health of what happens, behind a small HTTP server.
 *
 * It only listens. Where it cannot find out how the exports stood before the watcher started, their
 * metrics begin with the next run, and the watcher says itself what is the matter with the source.
 */
import { recentRuns } from '../bridge/watch/recent-runs.js'
import type { WatchEvent } from '../bridge/watch/watch-event.js'
import type { ListenAddress } from '../http/listening.js'
import type { RedactionPolicy } from '../journal/redaction.js'
import { RivetOtelError } from '../problem.js'
import type { JournalSource } from '../sources/source.js'
import { MOST_EXPORTS } from './metrics/last-runs.js'
import { WatchHealth } from './watch-health.js'
import { WatchMetrics } from './watch-metrics.js'
import { openWatchServer } from './watch-server.js'

/** What is needed to monitor a watcher. */
export interface WatchMonitorOptions {
  readonly listen: ListenAddress
  /** The time between looks, in ms. */
  readonly everyMs: number
  /** Opens the state database once more, so that the watcher's own reading need not wait. */
  readonly open: () => Promise<JournalSource>
  readonly redaction?: RedactionPolicy
  readonly say: (message: string) => void
}

/** A watcher that is monitored. */
export interface WatchMonitor {
  /** Where its server listens. */
  readonly url: string
  /** To be told of everything that happens. */
  observe(event: WatchEvent): void
  /** Ends it at once. */
  close(): Promise<void>
}

/**
 * Starts to monitor a watcher.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` where it cannot listen there.
 * @example
 * const monitor = await monitorWatch({ listen: parseListenAddress('--listen', '9464'), everyMs, open, say })
 * await watchRuns({ …, onEvent: (event) => monitor.observe(event) })
 * await monitor.close()
 */
export async function monitorWatch(options: WatchMonitorOptions): Promise<WatchMonitor> {
  const { listen, everyMs, say } = options
  const metrics = new WatchMetrics(MOST_EXPORTS)
  const health = new WatchHealth(everyMs)
  const server = await openWatchServer({ listen, health, metrics, say })
  const past = new Past(options, metrics)
  past.find()
  return {
    url: server.url,
    observe: (event) => {
      health.observe(event)
      metrics.observe(event)
      past.observe(event)
    },
    close: async () => {
      await Promise.all([server.close(), past.close()])
    },
  }
}

/** How the exports stood before the watcher started: found out once, when the source is there. */
class Past {
  readonly #options: WatchMonitorOptions
  readonly #metrics: WatchMetrics
  readonly #closing = new AbortController()
  #finding: Promise<void> | undefined
  #isFound = false
  #isSourceThere = true

  constructor(options: WatchMonitorOptions, metrics: WatchMetrics) {
    this.#options = options
    this.#metrics = metrics
  }

  observe(event: WatchEvent): void {
    if (event.kind === 'source') this.#isSourceThere = event.isThere
    if (this.#isSourceThere && (event.kind === 'source' || event.kind === 'look')) this.find()
  }

  /** Begins to, unless that was done, is being done, or is of no use any more. */
  find(): void {
    if (this.#isFound || this.#finding !== undefined || this.#closing.signal.aborted) return
    this.#finding = this.#read()
      .then(() => {
        this.#isFound = true
      })
      .catch((error: unknown) => {
        // The source may be there another time; a defect will not go away.
        this.#isFound = !(error instanceof RivetOtelError)
      })
      .finally(() => {
        this.#finding = undefined
      })
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#finding
  }

  async #read(): Promise<void> {
    const { open, redaction } = this.#options
    const source = await open()
    try {
      await recentRuns({
        source,
        ...(redaction === undefined ? {} : { redaction }),
        onJournal: (journal) => this.#metrics.restore(journal),
        mostExports: MOST_EXPORTS,
        signal: this.#closing.signal,
      })
    } finally {
      await source.close()
    }
  }
}
