/** `rivet-otel correlate RUN_ID`: what else happened in the time of a run, among the spans of other services. */

import type { TraceBackend } from '../../backends/backend.js'
import { correlate as correlateRun } from '../../bridge/correlation/correlate.js'
import { findRun, type RunToCorrelate, type RunWanted } from '../../bridge/correlation/find-run.js'
import type { ChunkChoice } from '../../bridge/correlation/time-window.js'
import { isLatestReference } from '../../bridge/latest-reference.js'
import { isServer, parseLocation, type ServerLocation } from '../../bridge/location.js'
import { meaningOf } from '../../bridge/meant-run.js'
import {
  closeTraces,
  holdsJournals,
  type OpenedPlace,
  type Opening,
  openPlace,
} from '../../bridge/open-place.js'
import { runsOf } from '../../bridge/runs-of.js'
import { openServer } from '../../bridge/server.js'
import { readHttpUrl } from '../../http/http-url.js'
import { chunkIndexKey } from '../../journal/run-journal.js'
import { resourceFromEnvironment } from '../../mapping/resource.js'
import { RivetOtelError } from '../../problem.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import { refuseUnknownNames } from '../known-names.js'
import { type ReadingOptions, readingLocation, wantedNamespace } from '../places.js'
import { type ServerOptions, serverAccess, waitMs } from '../server-options.js'
import type { Terminal } from '../terminal.js'
import { correlationText } from '../view/correlation.js'
import { correlationJson } from '../view/correlation-json.js'
import { printable } from '../view/printable.js'

/** The options of `correlate`, as they stand on the command line. */
export type CorrelateOptions = ReadingOptions &
  ServerOptions & {
    readonly in?: string
    /** `true` where no index is given with it. */
    readonly chunk?: string | true
    readonly limit?: string
    readonly namespace?: string
    readonly grafana?: string
    readonly datasource?: string
    readonly json?: boolean
  }

const WIDTH_WITHOUT_TERMINAL = 120
const DEFAULT_LIMIT = 20
const MOST_LIMIT = 1000

/**
 * Prints what overlaps the run, or one of its chunks, and how to go on searching.
 *
 * @throws {RivetOtelError} for wrong use, where the run is not found, and where the server gives no
 *   usable answer.
 * @example
 * await correlate('orders_20261121T085339.134_11188', { in: 'tempo+http://localhost:3200' }, terminal)
 */
export async function correlate(
  reference: string,
  options: CorrelateOptions,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const place = serverOf(options)
  const limit = limitOf(options)
  const chunk = chunkOf(options)
  const grafana = grafanaOf(options, place)
  const namespace = wantedNamespace(options, terminal)
  const access = serverAccess(options, terminal)
  const opening = { stdin: terminal.stdin, server: access }
  const own = await openOwnPlace(options, terminal, opening)
  const backend = await openServer(place.kind, place.url, access)
  try {
    const wanted = { namespace, chunk, waitMs: waitMs(options, 0) }
    const run = await findRunIn({ own, backend }, reference, wanted)
    const { runId } = run
    for (const note of run.notes) terminal.say(printable(note))
    const correlation = await correlateRun({
      backend,
      run: { runId, namespace: run.namespace ?? namespace ?? '' },
      window: run.lookedAt,
      traceIds: run.traceIds,
      source: run.source,
      onProgress: (questions, spans) =>
        terminal.showProgress(`${questions} questions asked, ${spans} spans read …`),
    })
    for (const problem of correlation.problems) terminal.say(printable(problem))
    for (const problem of correlation.unseen) terminal.say(printable(problem))
    const shown = {
      run,
      correlation,
      location: backend.location,
      kind: place.kind,
      serviceName: String(resourceFromEnvironment(terminal.env)['service.name']),
      limit,
      ...(grafana !== undefined && { grafana }),
    }
    const look = { width: terminal.columns ?? WIDTH_WITHOUT_TERMINAL, color: terminal.hasColors }
    await terminal.print(options.json ? correlationJson(shown) : correlationText(shown, look))
    return ExitCode.DONE
  } finally {
    backend.close()
    if (own !== undefined) await close(own)
  }
}

/** The place that runs are read from; one that is not there is no error unless it was named. */
async function openOwnPlace(
  options: CorrelateOptions,
  terminal: Terminal,
  opening: Opening,
): Promise<OpenedPlace | undefined> {
  try {
    return await openPlace(readingLocation(options, terminal), opening, 'journals')
  } catch (error) {
    const isNamed = options.from !== undefined || options.config !== undefined
    if (!isNamed && error instanceof RivetOtelError && error.code === 'NOT_FOUND') return undefined
    throw error
  }
}

async function close(place: OpenedPlace): Promise<void> {
  if (holdsJournals(place)) await place.close()
  else closeTraces(place)
}

/** The places that a run is looked for in, the one with its journal first. */
interface Places {
  readonly own: OpenedPlace | undefined
  readonly backend: TraceBackend
}

/** A run_id in full goes before what else the text may mean, and is found without any search. */
async function findRunIn(
  { own, backend }: Places,
  reference: string,
  wanted: Omit<RunWanted, 'runId'>,
): Promise<RunToCorrelate> {
  const places = [...(own === undefined ? [] : [own]), backend]
  const isLatest = isLatestReference(reference)
  for (const place of places) {
    // What is hardly a run_id is not waited for.
    const found = await findRun(place, {
      ...wanted,
      runId: reference,
      ...(isLatest && { waitMs: 0 }),
    })
    if (found !== undefined) return found
  }
  const problems: RivetOtelError[] = []
  for (const place of places) {
    const meant = await meaningOf(runsOf(place, wanted), reference)
    if (typeof meant !== 'string') problems.push(meant)
    else {
      const found = await findRun(place, { ...wanted, runId: meant })
      if (found !== undefined) return found
    }
  }
  return refuseUnknown(reference, own, backend.location, problems)
}

async function refuseUnknown(
  runId: string,
  own: OpenedPlace | undefined,
  server: string,
  problems: readonly RivetOtelError[],
): Promise<never> {
  if (isLatestReference(runId)) {
    const said = problems.map(({ message }) => message).join('; ')
    throw new RivetOtelError('USAGE', said, { hint: problems.at(-1)?.hint ?? '' })
  }
  if (own !== undefined && holdsJournals(own)) {
    const there = { location: `${own.location}, nor in ${server}`, list: () => own.list() }
    await refuseUnknownNames(there, { runIds: [runId] }, [])
  }
  throw new RivetOtelError('USAGE', `no run ${printable(runId)} in ${server}`, {
    hint: 'A run that was sent with a namespace is found with --namespace; --from or -c names where runs are read.',
  })
}

function serverOf({ in: text }: CorrelateOptions): ServerLocation {
  const location = text === undefined ? undefined : parseLocation(text)
  if (location !== undefined && isServer(location)) return location
  throw new RivetOtelError(
    'USAGE',
    `--in: expected the server with the spans of other services, jaeger+http(s)://… or tempo+http(s)://…${text === undefined ? '' : ', got something else'}`,
    { hint: 'For example --in tempo+http://localhost:3200' },
  )
}

function limitOf({ limit }: CorrelateOptions): number {
  if (limit === undefined) return DEFAULT_LIMIT
  const number = /^\d{1,4}$/.test(limit) ? Number(limit) : 0
  if (number >= 1 && number <= MOST_LIMIT) return number
  throw new RivetOtelError(
    'USAGE',
    `--limit ${printable(limit)}: expected a number from 1 to ${MOST_LIMIT}`,
  )
}

function chunkOf({ chunk }: CorrelateOptions): ChunkChoice | undefined {
  if (chunk === undefined) return undefined
  if (chunk === true) return 'longest'
  if (/^-?\d{1,19}$/.test(chunk)) return { index: chunkIndexKey(BigInt(chunk)) }
  throw new RivetOtelError(
    'USAGE',
    `--chunk ${printable(chunk)}: expected the index of a chunk, or nothing for the longest`,
  )
}

function grafanaOf({ grafana, datasource }: CorrelateOptions, { kind }: ServerLocation) {
  if (grafana === undefined && datasource === undefined) return undefined
  if (grafana === undefined)
    throw new RivetOtelError(
      'USAGE',
      '--datasource is about a page of Grafana; give it with --grafana',
    )
  if (datasource !== undefined && !/^[\w-]{1,100}$/.test(datasource)) {
    throw new RivetOtelError(
      'USAGE',
      '--datasource: expected the uid of a data source, letters, digits, - and _',
    )
  }
  const { url } = readHttpUrl({ text: grafana.trim(), name: '--grafana', isFlag: true })
  url.search = ''
  return { url, kind, datasource: datasource ?? kind }
}
