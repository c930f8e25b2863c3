/** The pages of `watch --listen`: what a watcher tells, counted and served. */
import { recentRuns } from '../bridge/watch/recent-runs.js'
import type { WatchEvent } from '../bridge/watch/watch-event.js'
import type { RedactionPolicy } from '../journal/redaction.js'
import type { JournalSource } from '../sources/source.js'
import { parseListenAddress } from './listen-address.js'
import { WatchHealth } from './watch-health.js'
import { WatchMetrics } from './watch-metrics.js'
import { openWatchServer, type WatchServer } from './watch-server.js'

/** What the pages need. */
export interface WatchPagesOptions {
  /** Where to listen, as it stands on the command line; `true` for the default. */
  readonly listen: string | true
  readonly everyMs: number
  readonly redaction: RedactionPolicy
  /** Ends what is done at the start. */
  readonly signal: AbortSignal
  /** Told of what goes wrong with the server. */
  readonly say: (message: string) => void
}

const DEFAULT_ADDRESS = '127.0.0.1:9464'
const MOST_EXPORTS = 1000

/** The pages of one watcher. */
export class WatchPages {
  readonly #options: WatchPagesOptions
  readonly #health: WatchHealth
  readonly #metrics = new WatchMetrics(MOST_EXPORTS)
  #server: WatchServer | undefined

  private constructor(options: WatchPagesOptions) {
    this.#options = options
    this.#health = new WatchHealth(options.everyMs)
  }

  /**
   * Begins to serve.
   *
   * @throws {RivetOtelError} `USAGE` for an address that is none, `INVALID_CONFIGURATION` where it
   *   cannot listen there.
   * @example
   * const pages = await WatchPages.open({ listen: true, everyMs: 5000, redaction: {}, signal, say })
   */
  static async open(options: WatchPagesOptions): Promise<WatchPages> {
    const pages = new WatchPages(options)
    const { listen, say } = options
    pages.#server = await openWatchServer({
      listen: parseListenAddress('--listen', listen === true ? DEFAULT_ADDRESS : listen),
      health: pages.#health,
      metrics: pages.#metrics,
      say,
    })
    return pages
  }

  /** Where they are served. */
  get url(): string {
    return this.#server?.url ?? ''
  }

  /** Takes note of something that happened. */
  observe(event: WatchEvent): void {
    this.#health.observe(event)
    this.#metrics.observe(event)
  }

  /** Reads how the exports stand, whose newest runs were settled before. */
  async restore(source: JournalSource): Promise<void> {
    const { redaction, signal } = this.#options
    const onJournal = (journal: Parameters<WatchMetrics['restore']>[0]) =>
      this.#metrics.restore(journal)
    await recentRuns({ source, redaction, onJournal, mostExports: MOST_EXPORTS, signal })
  }

  async close(): Promise<void> {
    await this.#server?.close()
  }
}
