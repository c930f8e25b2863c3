/**
 * Which server and which database a span of any program talks to: the attributes of OpenTelemetry's
 * conventions, today's names and those before them.
 *
 * Only what the span says: nothing is looked up, and two names of one machine are two servers here.
 */
import type { Attributes, AttributeValue } from '../trace/trace.js'

/**
 * The names of each thing, today's first. `peer.service` and what follows it are names that people give
 * a server. Source: the semantic conventions, 1.4 to 1.45.
 */
export const SERVER_ATTRIBUTES = {
  address: [
    'server.address',
    'net.peer.name',
    'network.peer.address',
    'net.sock.peer.addr',
    'net.peer.ip',
    'peer.service',
  ],
  port: ['server.port', 'net.peer.port', 'network.peer.port', 'net.sock.peer.port'],
  database: ['db.namespace', 'db.name'],
  system: ['db.system.name', 'db.system'],
} as const

/** What a span says of the server that it talks to; empty where it says nothing. */
export interface ServerFacts {
  /** Names and addresses in lower case; more than one where a name and an IP address are known. */
  readonly addresses: readonly string[]
  readonly port?: string
  /** As written; PostgreSQL's may be `database|schema`. */
  readonly database?: string
  /** One name for each product: `postgresql`, `mysql`, `microsoft.sql_server` … */
  readonly system?: string
}

/** Old names of products, and rivet's own, as today's. */
const SYSTEMS = new Map([
  ['postgres', 'postgresql'],
  ['mssql', 'microsoft.sql_server'],
  ['oracle', 'oracle.db'],
  ['mongo', 'mongodb'],
])

/**
 * Reads what a span says of its server.
 *
 * @example
 * serverFacts({ 'net.peer.name': 'DB1', 'db.system': 'mssql' })
 * // { addresses: ['db1'], system: 'microsoft.sql_server' }
 */
export function serverFacts(attributes: Attributes): ServerFacts {
  const addresses = SERVER_ATTRIBUTES.address.flatMap((name) => textOf(attributes[name]) ?? [])
  const [port, database, system] = [
    first(attributes, SERVER_ATTRIBUTES.port),
    first(attributes, SERVER_ATTRIBUTES.database),
    first(attributes, SERVER_ATTRIBUTES.system),
  ]
  return {
    addresses: [...new Set(addresses.map(plainAddress))],
    ...(port !== undefined && { port }),
    ...(database !== undefined && { database }),
    ...(system !== undefined && { system: systemName(system) }),
  }
}

/**
 * The name of a database product as today's conventions have it.
 *
 * @example
 * systemName('mongo') // 'mongodb'
 */
export function systemName(system: string): string {
  const name = system.toLowerCase()
  return SYSTEMS.get(name) ?? name
}

/**
 * An address to compare: in lower case, without the dot of a full name or the brackets of IPv6.
 *
 * @example
 * plainAddress('[::1]') // '::1'
 */
export function plainAddress(address: string): string {
  return address
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}

function first(attributes: Attributes, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = textOf(attributes[name])
    if (text !== undefined) return text
  }
  return undefined
}

function textOf(value: AttributeValue | undefined): string | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}
