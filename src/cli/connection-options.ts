/** Options about a connection over HTTP, whatever is at its other end. */
import { readFileSync } from 'node:fs'
import type { HttpFlags } from '../http/http-flags.js'
import { RivetOtelError, reasonOf } from '../problem.js'
import type { Terminal } from './terminal.js'

/** The options, as they stand on the command line. */
export interface ConnectionOptions {
  readonly header?: readonly string[]
  readonly tenant?: string
  readonly timeout?: string
  readonly certificate?: string
  readonly clientCertificate?: string
  readonly clientKey?: string
  readonly retryFor?: string
}

/**
 * What the options say, but for headers: those may be about one of two places.
 *
 * @example
 * connectionFlags({ timeout: '500' }).timeoutMs // '500'
 */
export function connectionFlags(options: ConnectionOptions): Omit<HttpFlags, 'headers'> {
  return {
    timeoutMs: options.timeout,
    certificate: options.certificate,
    clientCertificate: options.clientCertificate,
    clientKey: options.clientKey,
    retryForMs: options.retryFor,
  }
}

/**
 * Headers as the command line has them: `name=$VARIABLE` and `name=@file` keep a secret out of the
 * list of processes.
 *
 * @param flag for messages
 * @throws {RivetOtelError} `USAGE` where the variable is not set or the file cannot be read.
 * @example
 * readHeaders('--header', ['authorization=$TOKEN'], terminal) // ['authorization=Bearer …']
 */
export function readHeaders(
  flag: string,
  headers: readonly string[] | undefined,
  terminal: Terminal,
): readonly string[] | undefined {
  return headers?.map((header) => readHeader(flag, header, terminal))
}

function readHeader(flag: string, header: string, terminal: Terminal): string {
  const equals = header.indexOf('=')
  const name = header.slice(0, equals)
  const value = header.slice(equals + 1)
  // Of anything else no part is shown: `x-key: secret=`.
  if (!/^[\w-]+$/.test(name)) return header
  if (value.startsWith('$')) {
    const named = terminal.env[value.slice(1)]
    if (named !== undefined) return `${name}=${named}`
    throw variableNotSet(`${flag} ${name}`, value.slice(1))
  }
  if (value.startsWith('@')) {
    try {
      return `${name}=${readFileSync(value.slice(1), 'utf8').trim()}`
    } catch (error) {
      throw new RivetOtelError('NOT_FOUND', `${flag} ${name}: ${reasonOf(error)}`, { cause: error })
    }
  }
  return header
}

/** What is no name of a variable may be the secret itself. */
function variableNotSet(flag: string, name: string): RivetOtelError {
  return /^[A-Za-z_]\w*$/.test(name)
    ? new RivetOtelError('NOT_FOUND', `${flag}: the variable ${name} is not set`)
    : new RivetOtelError('USAGE', `${flag}: expected the name of a variable after the $`)
}
