/**
 * What PostgreSQL's and the network's errors mean, in plain words, and what to do about them.
 *
 * A server may repeat in an error what it was sent, so its words are quoted without the passwords,
 * and no error of the library's is passed on as a cause.
 */

import { certificateTimeReason, networkReason } from '../http/network-reason.js'
import { withoutThese } from '../http/secrets.js'
import { withoutConnectionSecrets } from '../journal/connection-secrets.js'
import { type ProblemCode, RivetOtelError, reasonOf } from '../problem.js'
import { type PostgresHost, type PostgresSettings, shown } from './postgres-settings.js'

/** Who is spoken to when something fails. Holds secrets. */
export interface PostgresPlace {
  readonly settings: PostgresSettings
  /** The server, where only one of several is meant. */
  readonly host?: PostgresHost
}

/** Shorter ones cannot be hidden in a text without showing where they were. */
const SHORTEST_HIDDEN = 4
const MOST_CHARACTERS = 300
const LACKS_TLS = /does not support SSL/

/**
 * The error for what the library threw, while it connected or afterwards.
 *
 * @example
 * postgresProblem(error, { settings }).message
 * // 'postgres://db:5432/rivet cannot be reached: nothing listens there (connection refused)'
 */
export function postgresProblem(error: unknown, place: PostgresPlace): RivetOtelError {
  if (error instanceof RivetOtelError) return error
  const state = sqlState(error)
  const { location } = place.settings
  if (state === undefined) return unreachable(location, connectionReason(error, place))
  const known = stateProblem(state, place, wordsOf(error, place.settings))
  const hint = known.hint === undefined ? {} : { hint: known.hint }
  return new RivetOtelError(known.code, known.message, hint)
}

/**
 * The SQLSTATE of an error that a server sent; `undefined` for any other error.
 *
 * @example
 * sqlState(error) // '42P01'
 */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('severity' in error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/**
 * Whether an error is about a row that was read: of the classes "Data Exception" and "Internal
 * Error", the latter for damaged pages.
 *
 * @example
 * isAboutRow(error) // true
 */
export function isAboutRow(error: unknown): boolean {
  return /^(22|XX)/.test(sqlState(error) ?? '')
}

/**
 * Whether the time for connecting ran out; the library has no code for it.
 *
 * @example
 * isConnectTimeout(new Error('timeout expired')) // true
 */
export function isConnectTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'timeout expired'
}

/**
 * What a server says, on one line, without passwords; `''` where they cannot be hidden.
 *
 * @example
 * wordsOf(error, settings) // 'invalid page in block 3 of relation base/16384/16385'
 */
export function wordsOf(error: unknown, { hosts }: PostgresSettings): string {
  const passwords = hosts.flatMap(({ password = '' }) => (password === '' ? [] : [password]))
  const said = reasonOf(error)
  const isShort = (password: string) => password.length < SHORTEST_HIDDEN
  if (passwords.some((password) => isShort(password) && said.includes(password))) return ''
  const words = withoutThese(said, passwords)
  // Before it is cut: half of a connection string is not known for one.
  const line = [
    ...withoutConnectionSecrets(words)
      .replace(/[\p{C}\p{Z}]+/gu, ' ')
      .trim(),
  ]
  return line.length > MOST_CHARACTERS
    ? `${line.slice(0, MOST_CHARACTERS).join('')}…`
    : line.join('')
}

interface StateProblem {
  readonly code: ProblemCode
  readonly message: string
  readonly hint?: string
}

/** By SQLSTATE, see the appendix "PostgreSQL Error Codes" of its manual. */
function stateProblem(state: string, { settings }: PostgresPlace, words: string): StateProblem {
  const { location } = settings
  const [user, database] = [shown(settings.user), shown(settings.database)]
  const says = words === '' ? '' : `: ${words}`
  switch (state) {
    case '28P01':
      return {
        code: 'INVALID_CONFIGURATION',
        message: `${location} does not take the password of the user ${user}`,
        hint: 'it is read from the URL, else PGPASSWORD, else the password file (PGPASSFILE, ~/.pgpass)',
      }
    case '28000':
      return {
        code: 'INVALID_CONFIGURATION',
        message: `${location} does not let the user ${user} in${says}`,
        hint: 'its pg_hba.conf decides who may come from where, and whether with TLS (sslmode)',
      }
    case '3D000':
      return {
        code: 'NOT_FOUND',
        message: `${location} has no database ${database}`,
        hint: 'name rivet’s state database in the URL, as RIVET_STATE_URL does',
      }
    case '42501':
      return {
        code: 'INVALID_SOURCE',
        message: `the user ${user} may not read rivet’s state in ${location}${says}`,
        hint: `as its owner: GRANT SELECT ON run_journal TO "${user}", and GRANT USAGE ON its schema`,
      }
    case '40001':
    case '57014':
      return {
        code: 'SOURCE_BUSY',
        message: `${location} did not let this reader finish${says}`,
        hint: 'try again when it is less busy',
      }
    case '55P03':
      return {
        code: 'SOURCE_BUSY',
        message: `the table run_journal of ${location} is locked by somebody who changes it`,
        hint: 'try again in a moment',
      }
  }
  if (/^(08|53|57P)/.test(state)) {
    return {
      code: 'UNREACHABLE',
      message: `${location} cannot be reached${says}`,
      hint: 'is the server running, and does it take connections? try again in a moment',
    }
  }
  return { code: 'INVALID_SOURCE', message: `${location} cannot be read (${state})${says}` }
}

function unreachable(location: string, reason: string): RivetOtelError {
  return new RivetOtelError('UNREACHABLE', `${location} cannot be reached: ${reason}`, {
    hint: 'check host, port and sslmode of the URL, and that the server runs',
  })
}

function connectionReason(error: unknown, { settings, host }: PostgresPlace): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const name = host === undefined ? 'the server' : host.host
  switch (code) {
    case 'ENOENT':
      return `there is no socket in ${name}`
    case 'EACCES':
      return `the socket in ${name} may not be used (permission denied)`
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the connection was closed'
    default:
      return networkReason(code, name) ?? tlsReason(code, name) ?? libraryReason(error, settings)
  }
}

function tlsReason(code: string, name: string): string | undefined {
  switch (code) {
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'CERT_SIGNATURE_FAILURE':
      return 'its certificate is not from an authority that is trusted; name the file of its authority with sslrootcert'
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `its certificate is for another host than ${name}; use the name that is in it, or sslmode=verify-ca`
    default:
      return certificateTimeReason(code)
  }
}

/** The library's own words have no code. */
function libraryReason(error: unknown, settings: PostgresSettings): string {
  const words = wordsOf(error, settings)
  if (LACKS_TLS.test(words)) return 'it does not speak TLS, and sslmode asks for it'
  if (isConnectTimeout(error))
    return `no answer within ${settings.connectTimeoutMs / 1000} s (connect_timeout allows more)`
  if (/^Connection terminated/.test(words)) return 'the connection was closed'
  return words === '' ? 'the connection failed' : words
}
