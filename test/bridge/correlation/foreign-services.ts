/** Spans of other services around a time, for tests: seeded, so that what overlaps a window is known. */
import { type Attributes, type Span, StatusCode, type Trace } from '../../../src/trace/trace.js'
import { type SeededRandom, seededRandom } from '../../e2e/seeded-random.js'

/** How the services are to be. */
export interface ForeignServices {
  readonly seed: number
  readonly services: number
  readonly traces: number
  readonly spansOfTrace: number
  /** In ns since 1970, whole microseconds. */
  readonly from: bigint
  readonly to: bigint
}

const MS = 1_000_000n

/** Traces of services, each with spans of one to three of them; times are whole microseconds. */
export function foreignTraces(options: ForeignServices): Trace[] {
  const random = seededRandom('foreign services', options.seed)
  return Array.from({ length: options.traces }, (_, i) => traceOf(i + 1, options, random)).flat()
}

function traceOf(number: number, options: ForeignServices, random: SeededRandom): Trace[] {
  const traceId = `f0${number.toString(16).padStart(30, '0')}`
  const around = between(options.from, options.to, random)
  const byService = new Map<string, Span[]>()
  for (let i = 0; i < options.spansOfTrace; i++) {
    const service = `service-${random.upTo(2) + (number % (options.services - 2))}`
    const start = between(around - 500n * MS, around + 500n * MS, random)
    const talks = random.upTo(5)
    const span: Span = {
      traceId,
      spanId: (number * 1000 + i + 1).toString(16).padStart(16, '0'),
      name: `${talks < 4 ? 'SELECT' : 'GET'} ${random.upTo(4)}`,
      kind: 3,
      startTimeUnixNano: start,
      endTimeUnixNano: start + lengthOf(random),
      attributes: serverOf(talks),
      events: [],
      links: [],
      ...(random.upTo(9) === 0 && { status: { code: StatusCode.ERROR, message: 'too slow' } }),
    }
    byService.set(service, [...(byService.get(service) ?? []), span])
  }
  return [...byService].map(([service, spans]) => ({
    resource: { 'service.name': service },
    scope: { name: 'test', version: '1' },
    spans,
  }))
}

/** The source of the shop's runs by new and old names, another database and another port of it, and others. */
function serverOf(which: number): Attributes {
  const postgres = { 'db.system.name': 'postgresql' }
  const choices: readonly Attributes[] = [
    { ...postgres, 'server.address': '127.0.0.1', 'server.port': 5432, 'db.namespace': 'shop' },
    {
      'db.system': 'postgresql',
      'net.peer.name': 'localhost',
      'net.peer.port': 5432,
      'db.name': 'shop',
    },
    { ...postgres, 'server.address': '127.0.0.1', 'server.port': 5432, 'db.namespace': 'billing' },
    { ...postgres, 'server.address': 'other.example', 'db.namespace': 'shop' },
    { 'server.address': 'api.example', 'server.port': 443 },
    {},
  ]
  return choices[which] ?? {}
}

/** 0.1 ms to about 10 s, as many of each magnitude. */
function lengthOf(random: SeededRandom): bigint {
  return BigInt(Math.round(100 * 10 ** (random.next() * 5))) * 1000n
}

function between(from: bigint, to: bigint, random: SeededRandom): bigint {
  const micros = Number((to - from) / 1000n)
  return from + BigInt(Math.floor(random.next() * micros)) * 1000n
}

/** What is expected to overlap a window, the closest first: written down apart from the code that is tested. */
export function expectedOrder(
  traces: readonly Trace[],
  window: { readonly start: bigint; readonly end: bigint },
  surrounding: readonly string[],
): string[] {
  const found = traces.flatMap(({ spans }) =>
    spans.flatMap((span) => {
      const { startTimeUnixNano: start, endTimeUnixNano: end, attributes } = span
      const overlap = min(end, window.end) - max(start, window.start)
      if (overlap <= 0n) return []
      const isServer = ['127.0.0.1', 'localhost'].includes(
        String(attributes['server.address'] ?? attributes['net.peer.name']),
      )
      const isShop = (attributes['db.namespace'] ?? attributes['db.name']) === 'shop'
      const isPostgres = (attributes['db.system.name'] ?? attributes['db.system']) === 'postgresql'
      const level = isServer ? (isShop ? 3 : 2) : isPostgres ? 1 : 0
      const isSurrounding = surrounding.includes(span.traceId) ? 1 : 0
      const key = [isSurrounding, level, overlap, end - start, -start].map(BigInt)
      return [{ key, id: `${span.traceId} ${span.spanId}` }]
    }),
  )
  found.sort((a, b) => {
    for (const [i, part] of a.key.entries()) {
      const other = b.key[i] ?? 0n
      if (part !== other) return part > other ? -1 : 1
    }
    return a.id < b.id ? -1 : 1
  })
  return found.map(({ id }) => id)
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
