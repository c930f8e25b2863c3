/**
 * The address in `run_status.source`: which engine, which server, which database.
 *
 * rivet writes `engine://host:port/database`, in lower case and without credentials, or, where it was
 * given a list of keywords instead of a URL, that list after `engine://`. What such a text does not say
 * for certain is absent, never a guess: of several hosts nobody knows which one answered, and a list of
 * keywords is not taken apart.
 */
import { isIPv6 } from 'node:net'

/** What is certain of a source. */
export interface SourceAddress {
  /** `postgres`, `mysql`, `mssql`, `oracle` or `mongo`. */
  readonly engine: string
  /** A name, or an IP address without brackets. */
  readonly host?: string
  /** 1 to 65535. */
  readonly port?: number
  /** In lower case, as rivet keeps it. */
  readonly database?: string
}

const ENGINE = /^(postgres|mysql|mssql|oracle|mongo):\/\//
const KEYWORDS = /[=;\s@?#]/
const HOST = /^[\p{L}\p{N}](?:[\p{L}\p{N}._-]*[\p{L}\p{N}.])?$/u
const PORT = /^[1-9]\d{0,4}$/
/** Encoded, or a path of more than one step, or something else than the URL of a database. */
const NO_DATABASE = /[%/\\]/

/**
 * Reads a source; `undefined` where it names no engine that rivet has.
 *
 * The path of an Oracle URL is a service and not a database. The host of a MongoDB URL may be the name of
 * a DNS record that lists the servers (`mongodb+srv`), and looks the same: it is absent.
 *
 * @example
 * sourceAddress('postgres://127.0.0.1:5432/shop')
 * // { engine: 'postgres', host: '127.0.0.1', port: 5432, database: 'shop' }
 */
export function sourceAddress(source: string): SourceAddress | undefined {
  const engine = ENGINE.exec(source)?.[1]
  if (engine === undefined) return undefined
  const rest = source.slice(engine.length + '://'.length)
  if (KEYWORDS.test(rest)) return { engine }
  const slash = rest.indexOf('/')
  const hosts = slash === -1 ? rest : rest.slice(0, slash)
  const path = slash === -1 ? '' : rest.slice(slash + 1)
  const database = engine === 'oracle' || path === '' || NO_DATABASE.test(path) ? undefined : path
  return {
    engine,
    ...(engine === 'mongo' ? {} : serverOf(hosts)),
    ...(database === undefined ? {} : { database }),
  }
}

function serverOf(hosts: string): Pick<SourceAddress, 'host' | 'port'> {
  const [, bracketed, name, afterHost = ''] = /^(?:\[([^\]]*)\]|([^[\]:]*))(.*)$/s.exec(hosts) ?? []
  const isHost =
    bracketed === undefined ? HOST.test(name ?? '') : isIPv6(bracketed) && !bracketed.includes('%')
  const host = bracketed ?? name
  if (!isHost || host === undefined) return {}
  if (afterHost === '') return { host }
  const port = afterHost.startsWith(':') ? afterHost.slice(1) : ''
  if (!PORT.test(port) || Number(port) > 65_535) return {}
  return { host, port: Number(port) }
}
