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

/**
 * An address as rivet spells it: the inverse of {@link sourceAddress}. Where only the engine is certain,
 * there is none.
 *
 * @example
 * sourceText({ engine: 'postgres', host: '::1', port: 5432, database: 'shop' })
 * // 'postgres://[::1]:5432/shop'
 */
export function sourceText({ engine, host, port, database }: SourceAddress): string | undefined {
  if (host === undefined && database === undefined) return undefined
  // Looks for a colon first, because what Node asks of an address is slow when it is asked for the first time.
  const isBracketed = host?.includes(':') && isIPv6(host)
  const name = isBracketed ? `[${host}]` : (host ?? '')
  const server = host === undefined || port === undefined ? name : `${name}:${port}`
  return `${engine}://${server}${database === undefined ? '' : `/${database}`}`
}

/**
 * The name of a source that whoever knows nothing but its address has too: where it is certain, the
 * address itself.
 *
 * @param engine what the metrics say it is; goes before what the address says.
 * @example
 * sourceName('postgres://127.0.0.1:5432/shop', 'postgres') // 'postgres://127.0.0.1:5432/shop'
 * sourceName('mongo://127.0.0.1:27017/shop') // 'mongo, database shop'
 * sourceName('postgres://host=db1 user=ana', 'postgres') // 'postgres'
 */
export function sourceName(source = '', engine?: string): string | undefined {
  const known = knownSource(source, engine)
  if (known === undefined) return undefined
  // What is not certain of one engine may be so of another: only what a trace says counts.
  const certain = sourceAddress(sourceText(known) ?? '') ?? { engine: known.engine }
  const { host, database } = certain
  if (host !== undefined) return sourceText(certain)
  return database === undefined ? certain.engine : `${certain.engine}, database ${database}`
}

/**
 * What is certain of a source of which two places tell: rivet's metrics the engine, the address the rest.
 *
 * @example
 * knownSource('', 'mysql') // { engine: 'mysql' }
 */
export function knownSource(source = '', sourceType?: string): SourceAddress | undefined {
  const address = sourceAddress(source)
  const engine = sourceType ?? address?.engine
  return engine === undefined ? undefined : { ...address, engine }
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
