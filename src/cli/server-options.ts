/** How a server that keeps traces is reached, from a command's options. */
import { readFileSync } from 'node:fs'
import type { Location } from '../bridge/location.js'
import type { ServerAccess } from '../bridge/server.js'
import { RivetOtelError, reasonOf } from '../problem.js'
import { VERSION } from '../version.js'
import type { Terminal } from './terminal.js'
import { printable } from './view/terminal-text.js'

/** The options about a server to read from, as they stand on the command line. */
export interface ServerOptions {
  readonly header?: readonly string[]
  readonly tenant?: string
  readonly timeout?: string
  readonly certificate?: string
  readonly clientCertificate?: string
  readonly clientKey?: string
  readonly retryFor?: string
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
    headers: options.header?.map((header) => readHeader(FLAGS.header, header, terminal)),
    tenant: options.tenant,
    timeoutMs: options.timeout,
    certificate: options.certificate,
    clientCertificate: options.clientCertificate,
    clientKey: options.clientKey,
    retryForMs: options.retryFor,
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
  if (location.kind === 'jaeger' || location.kind === 'tempo') return
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

/**
 * A header as the command line has it: `name=$VARIABLE` and `name=@file` keep a secret out of the
 * list of processes.
 *
 * @param flag for messages
 * @throws {RivetOtelError} `USAGE` where the variable is not set or the file cannot be read.
 * @example
 * readHeader('--header', 'authorization=$TOKEN', terminal) // 'authorization=Bearer …'
 */
export function readHeader(flag: string, header: string, terminal: Terminal): string {
  const equals = header.indexOf('=')
  const name = header.slice(0, equals)
  const value = header.slice(equals + 1)
  if (equals > 0 && value.startsWith('$')) {
    const named = terminal.env[value.slice(1)]
    if (named !== undefined) return `${name}=${named}`
    throw new RivetOtelError('USAGE', `${flag} ${name}: the variable ${value.slice(1)} is not set`)
  }
  if (equals > 0 && value.startsWith('@')) {
    try {
      return `${name}=${readFileSync(value.slice(1), 'utf8').trim()}`
    } catch (error) {
      throw new RivetOtelError('USAGE', `${flag} ${name}: ${reasonOf(error)}`, { cause: error })
    }
  }
  return header
}
