/** `export --verify`: what was just sent is read back and compared with its journals. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { SpanStream, TraceBackend } from '../backends/backend.js'
import { isOverTls, isServer, type Location, parseLocation } from '../bridge/location.js'
import { closeTraces, type Opening, openTraces } from '../bridge/open-place.js'
import type { RunOutcome, SkippedRun } from '../bridge/summary.js'
import { verifyRuns } from '../bridge/verify-runs.js'
import type { RedactionPolicy } from '../journal/redaction.js'
import { RivetOtelError } from '../problem.js'
import type { JournalSource } from '../sources/source.js'
import { connectionFlags, readHeaders } from './connection-options.js'
import { namespaceOf } from './places.js'
import { serverAccess, waitMs } from './server-options.js'
import type { TargetOptions } from './target.js'
import type { Terminal } from './terminal.js'
import { VerifyReport } from './verify-report.js'

/** The options about reading back, as they stand on the command line. */
export interface ReadBackOptions extends TargetOptions {
  /** `true` where no location is given with it. */
  readonly verify?: string | true
  readonly readHeader?: readonly string[]
  readonly wait?: string
  readonly namespace?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** How long runs that were just sent are waited for, unless --wait says otherwise. */
const WAITED_FOR_MS = 10_000

/**
 * Refuses options about reading back that contradict the others.
 *
 * @throws {RivetOtelError} `USAGE`, naming the option.
 * @example
 * checkReadBackOptions({ wait: '10s' }) // throws: it goes with --verify only
 */
export function checkReadBackOptions(options: ReadBackOptions): void {
  waitMs(options, WAITED_FOR_MS)
  if (options.verify !== undefined) {
    if (!options.dryRun) return
    throw new RivetOtelError('USAGE', '--dry-run sends nothing that --verify could read back')
  }
  for (const [flag, value] of [
    ['--read-header', options.readHeader],
    ['--wait', options.wait],
  ] as const) {
    if (value === undefined) continue
    throw new RivetOtelError(
      'USAGE',
      `${flag} is about what --verify reads back; give it with --verify`,
    )
  }
}

/**
 * A place to read back from, which was looked at before anything was sent.
 *
 * @example
 * const readBack = await ReadBack.plan(options, target.file, terminal)
 * // send the runs, then:
 * const verified = await readBack?.verify(source, runs, redaction)
 */
export class ReadBack {
  readonly #place: Location
  readonly #options: ReadBackOptions
  readonly #terminal: Terminal

  private constructor(place: Location, options: ReadBackOptions, terminal: Terminal) {
    this.#place = place
    this.#options = options
    this.#terminal = terminal
  }

  /**
   * Where `--verify` reads; `undefined` where nothing is to be verified.
   *
   * @param file the file that is written to; `undefined` for an endpoint, which cannot be read
   * @throws {RivetOtelError} for a place that cannot be read back from, and for wrong settings of it.
   * @example
   * const readBack = await ReadBack.plan({ verify: 'tempo+http://localhost:3200' }, undefined, terminal)
   */
  static async plan(
    options: ReadBackOptions,
    file: string | undefined,
    terminal: Terminal,
  ): Promise<ReadBack | undefined> {
    const place = placeOf(options, file)
    if (place === undefined) return undefined
    const readBack = new ReadBack(place, options, terminal)
    // A file may only come to be with what is sent.
    if (place.kind !== 'path' || existsSync(resolve(terminal.cwd, place.path)))
      closeTraces(await readBack.#open())
    return readBack
  }

  /**
   * Verifies the runs that were sent, or were there already.
   *
   * @param redaction what was taken out of the journals when they were sent
   * @throws {RivetOtelError} where the place cannot be read.
   * @example
   * const verified = await readBack.verify(source, report.names, redaction)
   */
  async verify(
    source: JournalSource,
    runs: readonly (RunOutcome | SkippedRun)[],
    redaction: RedactionPolicy,
  ): Promise<VerifyReport> {
    const sent = new Set(
      runs.flatMap((run) =>
        'traceIds' in run && (run.result === 'sent' || run.result === 'present') ? [run.runId] : [],
      ),
    )
    const traces = await this.#open()
    try {
      const report = new VerifyReport(this.#terminal, traces.location, this.#options.json === true)
      const verdicts = verifyRuns({
        source,
        selection: { runIds: [...sent] },
        traces,
        namespace: namespaceOf(this.#options, this.#terminal),
        waitMs: waitMs(this.#options, WAITED_FOR_MS),
        redaction,
      })
      for await (const verdict of verdicts) {
        if (verdict.runId !== undefined) sent.delete(verdict.runId)
        report.add(verdict)
      }
      for (const runId of sent) report.add({ kind: 'unreadable', where: runId, problem: GONE })
      for (const run of runs)
        if (run.result === 'elsewhere')
          report.add({ kind: 'unreadable', where: run.runId, problem: ELSEWHERE })
      return report
    } finally {
      closeTraces(traces)
    }
  }

  #open(): Promise<SpanStream | TraceBackend> {
    return openTraces(this.#place, opening(this.#options, this.#terminal))
  }
}

const ELSEWHERE = 'another export is sending it, so it was not verified'
const GONE = 'its journal is gone since it was sent, so there is nothing to compare with'

/**
 * The options that the target is to have: those that only the place to read back from can use are
 * left out.
 *
 * @example
 * targetOptions({ to: 'a.otlp.jsonl', verify: 'tempo+http://localhost:3200', tenant: 'eu' })
 */
export function targetOptions(options: ReadBackOptions): TargetOptions {
  if (typeof options.verify !== 'string' || !isServer(parseLocation(options.verify))) return options
  const { tenant, timeout, retryFor, certificate, clientCertificate, clientKey, ...own } = options
  if (options.to !== undefined && parseLocation(options.to).kind === 'path') return own
  const isPlain = /^http:/i.test(options.to ?? '')
  if (!isReadOverTls(options) || !isPlain) return options
  const { certificate: _ca, clientCertificate: _cert, clientKey: _key, ...others } = options
  return others
}

function placeOf({ verify }: ReadBackOptions, file: string | undefined): Location | undefined {
  if (verify === undefined) return undefined
  if (verify !== true) return parseLocation(verify)
  if (file !== undefined) return { kind: 'path', path: file }
  throw new RivetOtelError(
    'USAGE',
    '--verify: an OTLP endpoint cannot be read; expected the server behind it',
    {
      hint: 'For example --verify tempo+http://localhost:3200 or --verify jaeger+http://localhost:16686.',
    },
  )
}

/** The endpoint has `--header`; the server behind it has headers of its own. */
function opening(options: ReadBackOptions, terminal: Terminal): Opening {
  const { timeoutMs, retryForMs, ...certificates } = connectionFlags(options)
  return {
    stdin: terminal.stdin,
    server: {
      ...serverAccess({}, terminal),
      headersFlag: '--read-header',
      headers: readHeaders('--read-header', options.readHeader, terminal),
      tenant: options.tenant,
      timeoutMs,
      retryForMs,
      ...(isReadOverTls(options) ? certificates : {}),
    },
  }
}

function isReadOverTls({ verify }: ReadBackOptions): boolean {
  return typeof verify === 'string' && isOverTls(verify)
}
