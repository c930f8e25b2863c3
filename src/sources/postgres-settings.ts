/**
 * Everything that a connection to PostgreSQL needs: from the URL, else from the `PG…` variables, else
 * as libpq has it by default.
 *
 * It opens no connection. A service file (`PGSERVICE`) is not read.
 */
import { existsSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import type { ConnectionOptions } from 'node:tls'
import {
  type Environment,
  fail,
  quotedSetting,
  type Setting,
  wholeNumber,
} from '../http/setting.js'
import { passwordFor } from './postgres-password.js'
import { securityAttempts } from './postgres-security.js'
import { parsePostgresUrl } from './postgres-url.js'

/** One server to try. Holds a secret. */
export interface PostgresHost {
  /** A name, an address, or the folder of a socket. */
  readonly host: string
  readonly port: number
  readonly password: string | undefined
  /** How to speak to it, one way after the other; `false` is without TLS. */
  readonly security: readonly (ConnectionOptions | false)[]
}

/** What a connection needs. Holds secrets. */
export interface PostgresSettings {
  /** The place for messages: hosts, ports and database, no secret. */
  readonly location: string
  /** At least one; the first that can be reached is taken. */
  readonly hosts: readonly PostgresHost[]
  readonly user: string
  readonly database: string
  /** Settings of the session, as `-c name=value`; rivet's `search_path` may be among them. */
  readonly options: string
  readonly sslNegotiation: 'postgres' | 'direct'
  /** `channel_binding=require`. It is asked for; that it was used cannot be seen. */
  readonly bindsChannel: boolean
  /** For one attempt, from the first packet until the server is ready for questions; 0 for ever. */
  readonly connectTimeoutMs: number
}

/** Gives a setting by libpq's name: from the URL, else from its variable. */
export type SettingReader = (name: string) => Setting | undefined

const VARIABLES: Readonly<Record<string, string>> = {
  user: 'PGUSER',
  password: 'PGPASSWORD',
  passfile: 'PGPASSFILE',
  host: 'PGHOST',
  port: 'PGPORT',
  dbname: 'PGDATABASE',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  options: 'PGOPTIONS',
  sslmode: 'PGSSLMODE',
  sslnegotiation: 'PGSSLNEGOTIATION',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  channel_binding: 'PGCHANNELBINDING',
}

const DEFAULT_PORT = 5432
/** libpq waits for ever; somebody who looks at a command would rather know. */
const CONNECT_TIMEOUT_S = 10
const SOCKET_FOLDERS = ['/var/run/postgresql', '/tmp']

/**
 * The settings of a connection.
 *
 * @param url `postgres://…` or `postgresql://…`
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` for a setting that cannot be used.
 * @example
 * postgresSettings('postgres://ana@db/rivet', process.env).location // 'postgres://db:5432/rivet'
 */
export function postgresSettings(url: string, env: Environment): PostgresSettings {
  const read = settingReader(url, env)
  const home = env.HOME ?? homedir()
  const user = read('user')?.text ?? userInfo().username
  const database = read('dbname')?.text ?? user
  const places = placesOf(read)
  return {
    location: `postgres://${places.map(shownPlace).join(',')}/${shown(database)}`,
    hosts: places.map((place) => ({
      ...place,
      password: passwordFor({ ...place, user, database }, read, home),
      security: place.host.startsWith('/') ? [false] : securityAttempts(read, home),
    })),
    user,
    database,
    options: read('options')?.text ?? '',
    sslNegotiation: oneOf(read('sslnegotiation'), ['postgres', 'direct']) ?? 'postgres',
    bindsChannel: oneOf(read('channel_binding'), ['disable', 'prefer', 'require']) === 'require',
    connectTimeoutMs: 1000 * connectTimeout(read('connect_timeout')),
  }
}

/**
 * A name for messages: readable in any script, and with nothing that would act on a terminal or look
 * like more of a URL.
 *
 * @example
 * shown('täglich 1') // 'täglich%201'
 */
export function shown(name: string): string {
  return name.replace(/[\p{C}\p{Z}/?#@%]/gu, (character) =>
    character.isWellFormed() ? encodeURIComponent(character) : '',
  )
}

function settingReader(url: string, env: Environment): SettingReader {
  const parsed = parsePostgresUrl(url)
  return (name) => {
    const inUrl = parsed.get(name)
    if (inUrl !== undefined) {
      return { text: inUrl, name: `${name} of the PostgreSQL URL`, isFlag: true }
    }
    const variable = VARIABLES[name] ?? ''
    const text = env[variable] ?? ''
    return text === '' ? undefined : { text, name: variable, isFlag: false }
  }
}

/** Of several hosts each has its port, or all have the one. */
function placesOf(read: SettingReader): { host: string; port: number }[] {
  const hostSetting = read('host')
  const portSetting = read('port')
  const ports = (portSetting?.text ?? '').split(',').map((text) =>
    wholeNumber(text === '' || portSetting === undefined ? undefined : { ...portSetting, text }, {
      ...{ what: 'a port', least: 1, most: 65_535, otherwise: DEFAULT_PORT },
    }),
  )
  const hosts = (hostSetting?.text ?? '').split(',')
  if (ports.length > 1 && ports.length !== hosts.length) {
    throw fail(portSetting, `expected one port, or as many as hosts (${hosts.length})`)
  }
  return hosts.map((host, i) => {
    const port = ports[i] ?? ports[0] ?? DEFAULT_PORT
    return { host: host === '' ? defaultHost(port) : host, port }
  })
}

function defaultHost(port: number): string {
  return SOCKET_FOLDERS.find((folder) => existsSync(`${folder}/.s.PGSQL.${port}`)) ?? 'localhost'
}

/** libpq takes 0 and what is below for no limit. */
function connectTimeout(setting: Setting | undefined): number {
  return wholeNumber(setting, {
    what: 'seconds',
    least: 0,
    most: 86_400,
    otherwise: CONNECT_TIMEOUT_S,
  })
}

/** A setting that is one of a few words. */
function oneOf<Word extends string>(
  setting: Setting | undefined,
  words: readonly Word[],
): Word | undefined {
  if (setting === undefined) return undefined
  const word = words.find((one) => one === setting.text)
  if (word !== undefined) return word
  throw fail(setting, `expected ${words.join(' or ')}, got ${quotedSetting(setting.text)}`)
}

function shownPlace({ host, port }: { host: string; port: number }): string {
  if (host.startsWith('/')) return encodeURIComponent(host).concat(`:${port}`)
  return host.includes(':') ? `[${shown(host)}]:${port}` : `${shown(host)}:${port}`
}
