/** How a server that keeps traces is reached, from a command's options. */
import { isServer, type Location } from '../bridge/location.js'
import type { ServerAccess } from '../bridge/server.js'
import { RivetOtelError } from '../problem.js'
import { VERSION } from '../version.js'
import { type ConnectionOptions, connectionFlags, readHeaders } from './connection-options.js'
import type { Terminal } from './terminal.js'
import { printable } from './view/printable.js'

/** The options about a server to read from, as they stand on the command line. */
export interface ServerOptions extends ConnectionOptions {
  readonly wait?: string
}

/** How each of them is spelled. */
const FLAGS = {
  header: '--header',
  tenant: '--tenant',
  timeout: '--timeout',
  certificate: '--certificate',
  clientCertificate: '--client-certificate',
  clientKey: '--client-key',
  retryFor: '--retry-for',
  wait: '--wait',
} as const satisfies { readonly [name in keyof Required<ServerOptions>]: string }

const MS_BY_UNIT = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/**
 * How a server is reached.
 *
 * @throws {RivetOtelError} `USAGE` for a header whose variable or file is not there.
 * @example
 * await openRuns(location, { stdin, server: serverAccess(options, terminal) })
 */
export function serverAccess(options: ServerOptions, terminal: Terminal): ServerAccess {
  return {
    env: terminal.env,
    version: VERSION,
    onRetry: (message) => terminal.say(printable(message)),
    headers: readHeaders(FLAGS.header, options.header, terminal),
    tenant: options.tenant,
    ...connectionFlags(options),
  }
}

/**
 * Refuses options about a server where what is read is none.
 *
 * @throws {RivetOtelError} `USAGE`, naming the option.
 * @example
 * refuseServerOptions({ tenant: 'eu' }, parseLocation('traces.otlp.jsonl'))
 */
export function refuseServerOptions(options: ServerOptions, location: Location): void {
  if (isServer(location)) return
  for (const [name, flag] of Object.entries(FLAGS)) {
    if (options[name as keyof ServerOptions] === undefined) continue
    throw new RivetOtelError(
      'USAGE',
      `${flag} is about a server to read from; expected a location jaeger+http(s)://… or tempo+http(s)://…`,
    )
  }
}

/**
 * How long to wait, in ms: `10s`, `2m`, `500ms`; a number alone is milliseconds.
 *
 * @throws {RivetOtelError} `USAGE` for anything else.
 * @example
 * waitMs({ wait: '10s' }, 0) // 10_000
 */
export function waitMs({ wait }: Pick<ServerOptions, 'wait'>, otherwise: number): number {
  return wait === undefined ? otherwise : durationMs(FLAGS.wait, wait)
}

/**
 * A time, in ms: `10s`, `2m`, `500ms`; a number alone is milliseconds.
 *
 * @param flag for messages
 * @throws {RivetOtelError} `USAGE` for anything else.
 * @example
 * durationMs('--wait', '10s') // 10_000
 */
export function durationMs(flag: string, text: string): number {
  const [, count, unit = 'ms'] = /^(\d{1,9})(ms|s|m|h)?$/.exec(text) ?? []
  if (count !== undefined) return Number(count) * MS_BY_UNIT[unit as keyof typeof MS_BY_UNIT]
  throw new RivetOtelError(
    'USAGE',
    `${flag} ${printable(text)}: expected a time like 500ms, 10s or 2m`,
  )
}
