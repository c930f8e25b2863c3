/** `rivet-otel serve`: runs in a browser, and a receiver of OTLP, until somebody ends it. */
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Location, pathOf } from '../../bridge/location.js'
import { isLoopback, type ListenAddress } from '../../http/listening.js'
import { RivetOtelError } from '../../problem.js'
import type { Place } from '../../serve/places/place.js'
import { type PlaceUse, placeFor } from '../../serve/places/place-for.js'
import { receivedPlace } from '../../serve/places/received-place.js'
import type { Receiver } from '../../serve/receiver/receiver.js'
import { openReceiver } from '../../serve/receiver/receiver.js'
import { RunIndex } from '../../serve/run-index.js'
import { type RunServer, serveRuns } from '../../serve/serve-runs.js'
import { VERSION } from '../../version.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import { parseListenAddress } from '../listen-address.js'
import { EMBEDDED_FILE, type ReadingOptions, readingLocation } from '../places.js'
import { type SelectionOptions, toSelection } from '../run-selection.js'
import { withoutSaidSecrets } from '../said-text.js'
import { refuseServerOptions, type ServerOptions, serverAccess, waitMs } from '../server-options.js'
import type { Terminal } from '../terminal.js'
import { printable } from '../view/printable.js'
import { shorten } from '../view/terminal-text.js'

/** The options of `serve`, as they stand on the command line. */
export interface ServeCommandOptions
  extends ReadingOptions,
    ServerOptions,
    Pick<SelectionOptions, 'last' | 'since' | 'all'> {
  readonly listen?: string
  readonly to?: string
  /** `false` where nothing is to be received. */
  readonly receive?: boolean
  readonly allowHost?: readonly string[]
  readonly json?: boolean
}

/** The port of OTLP over HTTP: whatever sends traces finds it there. */
const DEFAULT_ADDRESS = '127.0.0.1:4318'
const LISTED_BY_DEFAULT = 1_000
/** Some 100 MB of summaries. */
const LISTED_AT_MOST = 100_000
/** How long what is being read is waited for at the end, in ms. */
const GRACE_MS = 500

/**
 * Serves until the process is told to stop.
 *
 * @throws {RivetOtelError} for wrong use, a place that is none, and an address that cannot be had.
 * @example
 * await serve({ from: '.rivet_state.db', listen: '8080' }, terminal)
 */
export async function serve(
  options: ServeCommandOptions,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const listen = parseListenAddress('--listen', options.listen ?? DEFAULT_ADDRESS)
  const allowHosts = (options.allowHost ?? []).map(hostName)
  if (options.receive === false && options.to !== undefined)
    throw new RivetOtelError(
      'USAGE',
      '--to is where what is received is kept; --no-receive receives nothing',
    )
  const say = (message: string) => terminal.say(printable(message))
  const { selection, most } = listedOf(options)
  const index = new RunIndex(most)
  const location = readingLocation(options, terminal)
  refuseServerOptions(options, location)
  return terminal.untilStopped(async (signal) => {
    const from = await fromPlace(location, options, terminal, {
      opening: { stdin: terminal.stdin, server: serverAccess(options, terminal) },
      index,
      selection,
      mayCome: options.from === undefined,
      waitMs: waitMs(options, 0),
    })
    const receiver =
      options.receive === false ? undefined : await openReceiver({ file: fileOf(options), say })
    const { reportHtml } = await import('../../report/report-html.js')
    let server: RunServer | undefined
    try {
      server = await serveRuns({
        listen,
        allowHosts,
        index,
        places: {
          from,
          ...(receiver === undefined
            ? {}
            : { received: receivedPlace(receiver, index, selection) }),
        },
        receiver,
        report: (view) => reportHtml(view, { version: VERSION }),
        say,
      })
      await tell(server, { from, receiver, listen, options }, terminal)
      await stopped(signal)
    } finally {
      await Promise.race([server?.close(), sleep(GRACE_MS, undefined, { ref: false })])
      await receiver?.close()
    }
    // What was being read when the signal came is not waited for.
    terminal.end(ExitCode.DONE)
    return ExitCode.DONE
  })
}

function listedOf(options: ServeCommandOptions): {
  readonly selection: PlaceUse['selection']
  readonly most: number
} {
  const { last, since, all } = options
  const chosen = toSelection(
    {
      ...(last === undefined ? {} : { last }),
      ...(since === undefined ? {} : { since }),
      ...(all === undefined ? {} : { all }),
    },
    Date.now(),
  )
  const wanted = all || since !== undefined ? LISTED_AT_MOST : LISTED_BY_DEFAULT
  const most = Math.min(chosen.last ?? wanted, LISTED_AT_MOST)
  return {
    selection: {
      last: most,
      ...(all ? { sinceUnixNano: 0n } : {}),
      ...(chosen.sinceUnixNano === undefined ? {} : { sinceUnixNano: chosen.sinceUnixNano }),
    },
    most,
  }
}

/** The place that is read; what rivet itself would use may be there later. */
async function fromPlace(
  location: Location,
  options: ServeCommandOptions,
  terminal: Terminal,
  use: PlaceUse,
): Promise<Place> {
  const isMissing = use.mayCome && location.kind === 'path' && !existsSync(location.path)
  if (isMissing) {
    if (options.receive === false && options.config === undefined)
      throw new RivetOtelError('NOT_FOUND', `${location.path} does not exist`, {
        hint: 'Name what to show with --from, or the configuration beside the state database with -c rivet.yaml.',
      })
    terminal.say(
      `${printable(location.path)} does not exist; its runs are shown once it does${options.receive === false ? '' : ', until then only what is received'}`,
    )
  }
  return placeFor(location, { ...use, mayCome: isMissing })
}

function fileOf({ to = EMBEDDED_FILE }: ServeCommandOptions): string {
  return pathOf(to)
}

/** @throws {RivetOtelError} `USAGE` for what is no name of a machine. */
function hostName(text: string): string {
  const name = text.replace(/^\[|\]$/g, '')
  if (/^[\w.-]{1,253}$/.test(name) || /^[\da-f:.]{2,45}$/i.test(name)) return name
  throw new RivetOtelError(
    'USAGE',
    `--allow-host ${shorten(printable(withoutSaidSecrets(text)), 80)}: expected a name like rivet.example.com, without scheme and port`,
  )
}

interface Told {
  readonly from: Place
  readonly receiver: Receiver | undefined
  readonly listen: ListenAddress
  readonly options: ServeCommandOptions
}

async function tell(
  { url }: RunServer,
  { from, receiver, listen, options }: Told,
  terminal: Terminal,
): Promise<void> {
  const traces = `${url}/v1/traces`
  if (options.json) {
    const told = {
      url,
      from: from.location,
      receiver: receiver === undefined ? null : { url: traces, file: receiver.location },
    }
    await terminal.print(`${JSON.stringify(told)}\n`)
  } else await terminal.print(`${url}\n`)
  const shown = [`the runs of ${from.location}`]
  const received =
    receiver === undefined
      ? []
      : [`what is sent to ${traces}, which is kept in ${receiver.location}`]
  terminal.say(printable(`shows ${[...shown, ...received].join(', and ')}; Ctrl-C ends it`))
  if (!isLoopback(listen.host))
    terminal.say(
      `anybody who reaches ${printable(listen.host)} can read the runs${receiver === undefined ? '' : ' and send spans'}: there is no password. Another name than its address is answered with --allow-host.`,
    )
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
