/**
 * What has to do with a run, and how much: why a span matches, and the order of those that do.
 *
 * Pure. The order is total: the same spans come in the same order, however they came in.
 */
import type { ServerFacts } from '../../mapping/server-attributes.js'
import { plainAddress, systemName } from '../../mapping/server-attributes.js'
import type { SourceAddress } from '../../state/source-address.js'
import type { TimeWindow } from './time-window.js'

/** What a span has in common with the run beside its time, the closest first. */
export type Reason = 'surrounding trace' | 'same database' | 'same server' | 'same system'

/** A span of another service. */
export interface ForeignSpan extends TimeWindow {
  readonly traceId: string
  readonly spanId: string
  readonly service: string
  /** The name of the span. */
  readonly operation: string
  /** One of OpenTelemetry's words; absent where it is unspecified. */
  readonly kind?: string
  readonly isError: boolean
  readonly statusMessage?: string
  readonly server: ServerFacts
}

/** A span that overlaps the window. */
export interface RankedSpan extends ForeignSpan {
  /** Empty where it has nothing but the time in common. */
  readonly reasons: readonly Reason[]
  /** How much of the window it takes, in ns; 1 for a moment inside of it. */
  readonly overlapNanos: bigint
}

/** What spans are compared with. */
export interface Context {
  /** Absent where nobody knows it. */
  readonly source?: SourceAddress
  /** The traces that surround the run. */
  readonly surrounding: ReadonlySet<string>
}

const REASONS: readonly Reason[] = [
  'surrounding trace',
  'same database',
  'same server',
  'same system',
]

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1', '0:0:0:0:0:0:0:1'])

/**
 * Why a span may have to do with the run.
 *
 * Addresses are compared as texts; those of a machine's own loopback are taken for one. A port counts
 * where both name one, a database only on the same server.
 *
 * @example
 * reasonsOf(span, { source: { engine: 'postgres', host: 'db1', database: 'shop' }, surrounding: new Set() })
 * // ['same database']
 */
export function reasonsOf(
  { traceId, server }: Pick<ForeignSpan, 'traceId' | 'server'>,
  { source, surrounding }: Context,
): Reason[] {
  const inTrace: Reason[] = surrounding.has(traceId) ? ['surrounding trace'] : []
  const common = source === undefined ? undefined : inCommon(server, source)
  return common === undefined ? inTrace : [...inTrace, common]
}

function inCommon(server: ServerFacts, source: SourceAddress): Reason | undefined {
  const { host, port, database } = source
  const isSameHost = host !== undefined && server.addresses.map(alias).includes(alias(host))
  const isOtherPort =
    port !== undefined && server.port !== undefined && server.port !== String(port)
  if (isSameHost && !isOtherPort)
    return isSameDatabase(server.database, database) ? 'same database' : 'same server'
  return server.system === systemName(source.engine) ? 'same system' : undefined
}

/**
 * The addresses to ask a server for: those of the source, as others may spell them.
 *
 * @example
 * addressesOf({ engine: 'postgres', host: 'localhost' }) // ['localhost', '127.0.0.1', '::1']
 */
export function addressesOf(source: SourceAddress | undefined): string[] {
  if (source?.host === undefined) return []
  return LOOPBACK.has(plainAddress(source.host))
    ? [...new Set([source.host, 'localhost', '127.0.0.1', '::1'])]
    : [source.host]
}

function alias(address: string): string {
  const plain = plainAddress(address)
  return LOOPBACK.has(plain) ? 'localhost' : plain
}

/** PostgreSQL's may be `database|schema`, SQL Server's `instance|database`. rivet keeps lower case. */
function isSameDatabase(database: string | undefined, wanted: string | undefined): boolean {
  if (database === undefined || wanted === undefined) return false
  const name = wanted.toLowerCase()
  return database.toLowerCase() === name || database.toLowerCase().split('|').includes(name)
}

/**
 * How much of a window a span takes, in ns; `undefined` where it takes nothing of it.
 *
 * @example
 * overlapOf({ startUnixNano: 0n, endUnixNano: 7n }, { startUnixNano: 5n, endUnixNano: 9n }) // 2n
 */
export function overlapOf(span: TimeWindow, window: TimeWindow): bigint | undefined {
  const from = span.startUnixNano > window.startUnixNano ? span.startUnixNano : window.startUnixNano
  const to = span.endUnixNano < window.endUnixNano ? span.endUnixNano : window.endUnixNano
  if (to > from) return to - from
  const isMoment = span.startUnixNano === span.endUnixNano
  return isMoment && from === to && to < window.endUnixNano ? 1n : undefined
}

/**
 * The order of spans: what they have in common with the run, how much of the window they take, how long
 * they took, when they began, and their ids.
 *
 * @example
 * spans.toSorted(byRank)
 */
export function byRank(a: RankedSpan, b: RankedSpan): number {
  return (
    byReasons(a.reasons, b.reasons) ||
    descending(a.overlapNanos, b.overlapNanos) ||
    descending(a.endUnixNano - a.startUnixNano, b.endUnixNano - b.startUnixNano) ||
    descending(b.startUnixNano, a.startUnixNano) ||
    ascending(a.traceId, b.traceId) ||
    ascending(a.spanId, b.spanId)
  )
}

/**
 * The order of reasons, the closest first; for whatever else is ordered by them.
 *
 * @example
 * byReasons(['same server'], []) // -1
 */
export function byReasons(a: readonly Reason[], b: readonly Reason[]): number {
  for (const reason of REASONS) {
    const difference = Number(b.includes(reason)) - Number(a.includes(reason))
    if (difference !== 0) return difference
  }
  return 0
}

/**
 * Compares for an order with the largest first.
 *
 * @example
 * [1n, 2n].sort(descending) // [2n, 1n]
 */
export function descending(a: bigint, b: bigint): number {
  return a > b ? -1 : a < b ? 1 : 0
}

/**
 * Compares texts by their code units: the same everywhere.
 *
 * @example
 * ['b', 'a'].sort(ascending) // ['a', 'b']
 */
export function ascending(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
