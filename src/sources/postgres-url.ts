/**
 * A `postgres://` URL, taken apart as libpq does it.
 *
 * It is no web address: it may name several hosts, a host may be a folder, and there is no fragment.
 * It knows no defaults and no environment. No message holds any part of a URL, because where one
 * cannot be taken apart a piece of the password may stand anywhere.
 */
import { RivetOtelError } from '../problem.js'

/**
 * What a URL says, by libpq's names: `user`, `password`, `host` and `port` (lists with commas),
 * `dbname`, and the parameters after `?`, which win over the rest.
 */
export type PostgresUrl = ReadonlyMap<string, string>

/** Parameters that are read. */
const READ = new Set([
  ...['user', 'password', 'passfile', 'host', 'port', 'dbname', 'connect_timeout', 'options'],
  ...['sslmode', 'sslnegotiation', 'sslrootcert', 'sslcert', 'sslkey', 'channel_binding'],
])

/** Parameters that change nothing that matters to somebody who only reads, over a connection of seconds. */
const WITHOUT_EFFECT = new Set([
  ...['application_name', 'fallback_application_name', 'client_encoding', 'target_session_attrs'],
  ...['keepalives', 'keepalives_idle', 'keepalives_interval', 'keepalives_count'],
  ...['keepalives_retries', 'tcp_user_timeout', 'load_balance_hosts', 'sslcompression', 'sslsni'],
])

/**
 * Takes a URL apart. A parameter that could not be obeyed is refused, for it may be there for the
 * safety of the connection.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION`, without any part of the URL.
 * @example
 * parsePostgresUrl('postgres://ana@db:5433/rivet').get('port') // '5433'
 */
export function parsePostgresUrl(url: string): PostgresUrl {
  const rest = url.replace(/^postgres(ql)?:\/\//i, '')
  if (rest === url) throw malformed('it does not begin with postgres://')
  const { credentials, place } = splitCredentials(rest)
  const {
    1: hosts = '',
    2: database = '',
    3: query = '',
  } = /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(place) ?? []

  const parsed = new Map<string, string>()
  const [user = '', ...password] = credentials.split(':')
  put(parsed, 'user', decoded(user, 'the user'))
  put(parsed, 'password', decoded(password.join(':'), 'the password'))
  const { names, ports } = parseHosts(hosts)
  put(parsed, 'host', names)
  put(parsed, 'port', ports)
  put(parsed, 'dbname', decoded(database, 'the database'))
  for (const [name, value] of parametersOf(query)) put(parsed, name, value)
  return parsed
}

function splitCredentials(rest: string): { credentials: string; place: string } {
  const end = /^[^@/]*(?=@)/.exec(rest)?.[0].length
  const place = end === undefined ? rest : rest.slice(end + 1)
  // Where a password is not encoded, a piece of it would be taken for a host or a database.
  if (place.includes('@')) throw malformed('there is an @ that does not end user and password')
  return { credentials: end === undefined ? '' : rest.slice(0, end), place }
}

function parseHosts(text: string): { names: string; ports: string } {
  const hosts = text.split(',').map((one) => {
    const {
      1: inBrackets,
      2: plain = '',
      3: port = '',
    } = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d*))?$/.exec(one) ?? fail('a host or its port')
    return { name: decoded(inBrackets ?? plain, 'a host'), port }
  })
  const ports = hosts.map(({ port }) => port)
  return {
    names: hosts.map(({ name }) => name).join(','),
    ports: ports.every((port) => port === '') ? '' : ports.join(','),
  }
}

function* parametersOf(query: string): Generator<[name: string, value: string]> {
  for (const pair of query === '' ? [] : query.split('&')) {
    const at = pair.indexOf('=')
    if (at === -1) throw malformed('there is a parameter without =')
    const name = decoded(pair.slice(0, at), 'a parameter')
    const value = decoded(pair.slice(at + 1), 'a parameter')
    // JDBC's way to ask for TLS, which libpq takes too.
    if (name === 'ssl' && value === 'true') yield ['sslmode', 'require']
    else if (READ.has(name)) yield [name, value]
    else if (!WITHOUT_EFFECT.has(name)) throw unknownParameter(name)
  }
}

function put(parsed: Map<string, string>, name: string, value: string): void {
  if (value !== '') parsed.set(name, value)
}

function decoded(text: string, what: string): string {
  try {
    const plain = decodeURIComponent(text)
    return plain.includes('\0') ? fail(what) : plain
  } catch {
    return fail(what)
  }
}

function fail(what: string): never {
  throw malformed(`${what} is not written as it must be`)
}

function malformed(problem: string): RivetOtelError {
  return new RivetOtelError(
    'INVALID_CONFIGURATION',
    `the PostgreSQL URL cannot be read: ${problem}; expected postgres://user:password@host:port/database`,
    { hint: 'in user and password write @ : / ? # % as %40 %3A %2F %3F %23 %25' },
  )
}

function unknownParameter(name: string): RivetOtelError {
  const shown = /^[a-z_]{1,40}$/.test(name) ? name : 'one of them'
  return new RivetOtelError(
    'INVALID_CONFIGURATION',
    `the PostgreSQL URL has a parameter that is not known here: ${shown}; expected one of ${[...READ].join(', ')}`,
  )
}
