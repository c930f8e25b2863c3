/** `rivet-otel watch`: runs go out as rivet finishes them, until somebody ends it. */

import type { Location } from '../../bridge/location.js'
import { graceAfter } from '../../bridge/watch/grace.js'
import { watchRuns } from '../../bridge/watch/watch-runs.js'
import type { WatchSummary } from '../../bridge/watch/watch-summary.js'
import { resourceFromEnvironment } from '../../mapping/resource.js'
import { RivetOtelError } from '../../problem.js'
import type { StateDatabase } from '../../sources/run-feed.js'
import { openSqliteSource } from '../../sources/sqlite.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import { rememberedForLong } from '../ledger-options.js'
import { parseListenAddress } from '../listen-address.js'
import { namespaceOf, type ReadingOptions, readingLocation } from '../places.js'
import { type RedactionOptions, redactionPolicy } from '../redaction-options.js'
import { readTime } from '../run-selection.js'
import { withoutSaidSecrets } from '../said-text.js'
import { durationMs } from '../server-options.js'
import { openTarget, type TargetOptions } from '../target.js'
import type { Terminal } from '../terminal.js'
import { printable } from '../view/printable.js'
import type { WatchMonitor, WatchMonitorOptions } from '../watch-monitor.js'
import { timeOfDay, WatchReport } from '../watch-report.js'

/** The options of `watch`, as they stand on the command line. */
export interface WatchCommandOptions extends ReadingOptions, TargetOptions, RedactionOptions {
  readonly namespace?: string
  readonly since?: string
  readonly every?: string
  readonly ledger?: string
  readonly dryRun?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
  /** `true` where no address is given. */
  readonly listen?: string | true
}

const EVERY = '--every'
const EVERY_MS = 5_000
const SHORTEST_MS = 100
const LONGEST_MS = 24 * 3_600_000
/** Where a watcher that is to listen does, unless told otherwise. */
const DEFAULT_ADDRESS = '127.0.0.1:9464'

/**
 * Watches until the process is told to stop.
 *
 * @throws {RivetOtelError} for wrong use, and where the source or the target cannot be used at all.
 * @example
 * await watch({ to: 'http://localhost:4318' }, terminal)
 */
export async function watch(
  options: WatchCommandOptions,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  try {
    return await terminal.untilStopped((signal) => watchUntil(signal, options, terminal))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
    // No other command leaves work undone then: whoever keeps this one running is to know that it ended.
    terminal.say('rivet-otel: nobody reads standard output any more, so the watch is over')
    return ExitCode.NOT_ALL_WELL
  }
}

async function watchUntil(
  signal: AbortSignal,
  options: WatchCommandOptions,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const { json: isJson = false, quiet: isQuiet = false, dryRun: isDryRun = false } = options
  const deadline = graceAfter(signal)
  const place = placeOf(readingLocation(options, terminal), terminal, deadline)
  const since = sinceOf(options.since)
  const everyMs = everyMsOf(options.every)
  const redaction = redactionPolicy(options, terminal)
  // That a request is tried again is nothing to tell; that it was of no use is told once.
  const use = { signal: deadline, tryOnce: signal, onRetry: () => {} }
  const dated = { ...terminal, say: (text: string) => terminal.say(`${timeOfDay()} ${text}`) }
  const target = await openTarget(options, dated, use)
  const { delivery, memory } = await rememberedForLong(target, options, dated)
  const { location: to } = delivery
  const report = new WatchReport({ from: place.location, to, isJson, isQuiet, isDryRun }, terminal)
  const say = (message: string) => report.warn(message)
  let monitor: WatchMonitor | undefined
  let summary: WatchSummary
  try {
    monitor = await monitorOf(options.listen, { everyMs, open: place.open, redaction, say })
    await report.begin(sinceInWords(since), everyMs, monitor?.url)
    signal.addEventListener('abort', () => void report.stopping().catch(() => {}), { once: true })
    summary = await watchRuns({
      open: place.open,
      delivery,
      ...(memory === undefined ? {} : { memory }),
      namespace: namespaceOf(options, terminal),
      resource: resourceFromEnvironment(terminal.env),
      redaction,
      ...(since === undefined ? {} : { since }),
      everyMs,
      signal,
      deadline,
      onEvent: (event) => {
        monitor?.observe(event)
        return report.add(event)
      },
    })
  } finally {
    await monitor?.close()
    await delivery.close()
  }
  await report.end(summary)
  return exitCodeOfWatch(summary)
}

async function monitorOf(
  listen: string | true | undefined,
  more: Omit<WatchMonitorOptions, 'listen'>,
): Promise<WatchMonitor | undefined> {
  if (listen === undefined) return undefined
  const { monitorWatch } = await import('../watch-monitor.js')
  const address = listen === true ? DEFAULT_ADDRESS : listen
  return monitorWatch({ listen: parseListenAddress('--listen', address), ...more })
}

interface Place {
  readonly location: string
  readonly open: () => Promise<StateDatabase>
}

function placeOf(location: Location, { env }: Terminal, signal: AbortSignal): Place {
  switch (location.kind) {
    case 'path':
      return { location: location.path, open: () => openSqliteSource(location.path) }
    case 'postgres': {
      const { url } = location
      const open = async () => {
        const { openPostgresSource } = await import('../../sources/postgres.js')
        return openPostgresSource(url, { env, signal })
      }
      return { location: withoutSaidSecrets(url), open }
    }
    default:
      throw new RivetOtelError(
        'USAGE',
        '--from: only a state database can be watched; expected a file or postgres://…',
        { hint: 'rivet-otel export sends what other places hold, once.' },
      )
  }
}

function sinceOf(text: string | undefined): 'now' | bigint | undefined {
  if (text === undefined || text === 'now') return text
  try {
    return readTime('--since', text, Date.now())
  } catch (error) {
    if (!(error instanceof RivetOtelError)) throw error
    throw new RivetOtelError(error.code, `${error.message}, or now`)
  }
}

function sinceInWords(since: 'now' | bigint | undefined): string {
  if (since === undefined) return 'what is not there yet, and every run as it comes'
  if (since === 'now')
    return 'only runs that come from now on; those that end while no watcher runs are left out'
  return `runs that ended since ${new Date(Number(since / 1_000_000n)).toISOString()}`
}

function everyMsOf(text: string | undefined): number {
  if (text === undefined) return EVERY_MS
  const ms = durationMs(EVERY, text)
  if (ms >= SHORTEST_MS && ms <= LONGEST_MS) return ms
  throw new RivetOtelError(
    'USAGE',
    `${EVERY} ${printable(text)}: expected a time from 100ms to 24h`,
  )
}

function exitCodeOfWatch(summary: WatchSummary): ExitCodeValue {
  const { runs, interrupted, loads, besideFailed = 0 } = summary
  const { waiting, refusedSoFar, isTargetAway } = summary
  if (isTargetAway && waiting > 0) return ExitCode.UNREACHABLE
  const failedOthers = (interrupted?.failed ?? 0) + (loads?.failed ?? 0) + besideFailed
  return runs.failed + runs.unreadable + runs.refused + refusedSoFar + failedOthers > 0
    ? ExitCode.NOT_ALL_WELL
    : ExitCode.DONE
}
