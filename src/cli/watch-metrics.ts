/**
 * What a watcher counts, as Prometheus reads it: how it goes for the watcher itself, and the last run
 * of each export. docs/monitoring.md lists every metric.
 *
 * It reads events and nothing else, and its memory does not grow with the number of runs. What is
 * not known has no sample, never 0.
 */
import { Counter, type Gauge, Registry } from 'prom-client'
import type { WatchEvent } from '../bridge/watch/watch-event.js'
import type { RunJournal } from '../journal/run-journal.js'
import { addGauge } from './metrics/gauge.js'
import { addLastRunMetrics } from './metrics/last-run-metrics.js'
import { LastRuns } from './metrics/last-runs.js'
import { addProcessMetrics } from './metrics/process-metrics.js'

/** The label `reason` of a run that is not sent and not tried again, by its result. */
const REASONS = {
  /** The target refused it too often, or can never take it. */
  failed: 'given_up',
  unreadable: 'unreadable',
  /** It could not be redacted, and so did not leave. */
  refused: 'redaction',
  empty: 'empty',
} as const

/** Runs to be tried again are few; beyond so many, one may be counted as seen twice. */
const MOST_PENDING = 20_000

/**
 * The metrics of one watcher.
 *
 * @example
 * const metrics = new WatchMetrics()
 * metrics.observe({ kind: 'source', isThere: true })
 * await metrics.text() // '# HELP rivet_otel_watch_runs_seen_total …'
 */
export class WatchMetrics {
  readonly #registry = new Registry()
  readonly #lastRuns: LastRuns
  /** The run_ids of those that are to be tried again. */
  readonly #pending = new Set<string>()
  #look: { readonly oldestUnixNano: bigint | undefined } | undefined

  readonly #seen = this.#counter('runs_seen_total', 'Runs that were taken up, each once.')
  readonly #sent = this.#counter('runs_sent_total', 'Runs that were sent and accepted.')
  readonly #present = this.#counter(
    'runs_present_total',
    'Runs that this watcher did not have to send: the target has them, or another export sends them.',
  )
  readonly #rejected = this.#counter(
    'runs_rejected_total',
    'Runs that are not at the target and not tried again, by reason: given_up, unreadable, redaction, empty.',
    ['reason'],
  )
  readonly #retries = this.#counter(
    'retries_total',
    'Attempts that did not settle a run, so that it is tried again.',
  )
  readonly #unlabelled = this.#counter(
    'unlabelled_runs_total',
    'Runs of exports without metrics of their own, because so many others have them.',
  )
  readonly #waiting = this.#gauge(
    'runs_waiting',
    'Runs that are known of and not settled, at the end of the last look.',
  )
  readonly #sourceUp = this.#gauge('source_up', '1 if the state database can be read, else 0.')
  readonly #targetUp = this.#gauge('target_up', '1 if the target takes runs, else 0.')
  readonly #lookedAt = this.#gauge(
    'last_look_timestamp_seconds',
    'When the last look at the state database ended, in seconds since 1970.',
  )

  /** @param mostExports how many exports have metrics of their own; default 1,000 */
  constructor(mostExports?: number) {
    this.#lastRuns = new LastRuns(mostExports)
    // From 0, so that the first one is an increase.
    for (const reason of Object.values(REASONS)) this.#rejected.inc({ reason }, 0)
    const lag = this.#gauge(
      'lag_seconds',
      'How long ago the oldest run ended that was taken up and is not settled; 0 if there is none.',
      () => {
        if (this.#look !== undefined) lag.set(secondsSince(this.#look.oldestUnixNano))
      },
    )
    addLastRunMetrics(this.#registry, this.#lastRuns)
    addProcessMetrics(this.#registry)
  }

  /** Counts something that happened. */
  observe(event: WatchEvent): void {
    switch (event.kind) {
      case 'journal':
        if (!this.#lastRuns.add(event.journal)) this.#unlabelled.inc()
        break
      case 'run':
        this.#count(event)
        break
      case 'source':
        this.#sourceUp.set(Number(event.isThere))
        break
      case 'target':
        this.#targetUp.set(Number(event.isThere))
        break
      case 'look':
        this.#waiting.set(event.waiting)
        this.#look = { oldestUnixNano: event.oldestUnixNano }
        if (!event.goesOn) this.#lookedAt.set(Date.now() / 1000)
        break
    }
  }

  /**
   * Takes a run for the metrics of its export and counts nothing: for those that were settled before
   * this watcher started.
   *
   * @param journal as it would leave: redacted
   */
  restore(journal: RunJournal): void {
    this.#lastRuns.add(journal)
  }

  /** The format of {@link WatchMetrics.text}, for the header `content-type`. */
  get contentType(): string {
    return this.#registry.contentType
  }

  /** All metrics in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  #count({ run, againInMs }: Extract<WatchEvent, { kind: 'run' }>): void {
    if ('subject' in run && run.subject !== undefined) {
      // Its run is counted with its journal.
      if (againInMs !== undefined) this.#retries.inc()
      return
    }
    const { runId } = run
    const wasPending = runId !== undefined && this.#pending.delete(runId)
    if (!wasPending) this.#seen.inc()
    if (againInMs !== undefined) {
      this.#retries.inc()
      if (runId !== undefined && this.#pending.size < MOST_PENDING) this.#pending.add(runId)
      return
    }
    switch (run.result) {
      case 'sent':
        this.#sent.inc()
        break
      case 'present':
      case 'repeated':
      case 'elsewhere':
        this.#present.inc()
        break
      case 'failed':
      case 'unreadable':
      case 'refused':
      case 'empty':
        this.#rejected.inc({ reason: REASONS[run.result] })
        break
    }
  }

  #counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
    const registers = [this.#registry]
    return new Counter({ name: `rivet_otel_watch_${name}`, help, labelNames, registers })
  }

  #gauge(name: string, help: string, collect?: () => void): Gauge {
    return addGauge(this.#registry, { name: `rivet_otel_watch_${name}`, help, collect })
  }
}

function secondsSince(unixNano: bigint | undefined): number {
  if (unixNano === undefined) return 0
  return Math.max(0, (Date.now() - Number(unixNano / 1_000_000n)) / 1000)
}
