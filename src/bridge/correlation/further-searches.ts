/**
 * The same search for a person to go on with: TraceQL for Tempo, pages of Jaeger's user interface, and
 * a page of Grafana.
 *
 * What stands in them is as it is in the server; who prints them takes secrets out first.
 */
import { spanQuery } from '../../backends/tempo-span-query.js'
import type { SourceAddress } from '../../state/source-address.js'
import type { ServerKind } from '../location.js'
import { addressesOf } from './ranking.js'
import type { TimeWindow } from './time-window.js'

/** What the searches are about. */
export interface SearchSubject {
  readonly window: TimeWindow
  readonly source?: SourceAddress
  /** The service of runs, which is left out. */
  readonly serviceName: string
  /** The services that had most to do with the run, and when the span that had most of all began. */
  readonly services: readonly SearchedService[]
}

/** A service to search, from when on. */
export interface SearchedService {
  readonly service: string
  /** In ns since 1970; before the window where a span was under way already. */
  readonly startUnixNano: bigint
}

/** A search for one service in Jaeger's user interface. */
export interface JaegerPage {
  readonly service: string
  readonly url: string
}

/** The window in whole seconds, which is what searches have; both ends included. */
export interface SearchedSeconds {
  readonly fromUnixSeconds: number
  readonly toUnixSeconds: number
}

/** Where Grafana is, and what it calls the server. */
export interface GrafanaPlace {
  /** Its address, without what belongs to a page. */
  readonly url: URL
  readonly kind: ServerKind
  /** The uid of the data source. */
  readonly datasource: string
}

const NANOS = 1_000_000_000n
const MOST_PAGES = 3
const RESULTS = 100

/**
 * The spans of others as TraceQL: those that talk to the same server where it is known, else all.
 *
 * @example
 * furtherTraceQl(subject) // '{ resource.service.name != "rivet" && … }'
 */
export function furtherTraceQl({
  source,
  serviceName,
}: Pick<SearchSubject, 'source' | 'serviceName'>): string {
  return spanQuery({ notOf: serviceName, addresses: addressesOf(source) })
}

/**
 * The seconds that hold the whole window.
 *
 * @example
 * searchedSeconds({ startUnixNano: 1_500_000_000n, endUnixNano: 1_600_000_000n })
 * // { fromUnixSeconds: 1, toUnixSeconds: 2 }
 */
export function searchedSeconds({ startUnixNano, endUnixNano }: TimeWindow): SearchedSeconds {
  return {
    fromUnixSeconds: Number(startUnixNano / NANOS),
    toUnixSeconds: Number((endUnixNano + NANOS - 1n) / NANOS),
  }
}

/**
 * Pages of Jaeger's user interface, one for each of the first services, because it searches within one.
 *
 * @param base the address of the server, with its base path if it has one
 * @example
 * jaegerPages('http://localhost:16686', subject)[0]?.url
 * // 'http://localhost:16686/search?service=api&start=…&end=…&limit=100&lookback=custom'
 */
export function jaegerPages(
  base: string,
  { window, services }: Pick<SearchSubject, 'window' | 'services'>,
): JaegerPage[] {
  return services.slice(0, MOST_PAGES).map(({ service, startUnixNano }) => {
    const start = startUnixNano < window.startUnixNano ? startUnixNano : window.startUnixNano
    return {
      service,
      url: pageBelow(base, 'search', {
        service,
        start: String(start / 1000n),
        end: String(window.endUnixNano / 1000n + 1n),
        limit: String(RESULTS),
        lookback: 'custom',
      }),
    }
  })
}

/**
 * The page of Grafana's Explore with the same search; Grafana 10 and newer.
 *
 * @example
 * grafanaPage({ url: new URL('http://localhost:3000'), kind: 'tempo', datasource: 'tempo' }, subject)
 */
export function grafanaPage(
  { url: base, kind, datasource }: GrafanaPlace,
  subject: SearchSubject,
): string {
  const { fromUnixSeconds, toUnixSeconds } = searchedSeconds(subject.window)
  const about = { refId: 'A', datasource: { type: kind, uid: datasource }, limit: RESULTS }
  const query =
    kind === 'tempo'
      ? { ...about, queryType: 'traceql', tableType: 'spans', query: furtherTraceQl(subject) }
      : { ...about, queryType: 'search', service: subject.services[0]?.service ?? '' }
  const pane = {
    datasource,
    queries: [query],
    range: { from: String(fromUnixSeconds * 1000), to: String(toUnixSeconds * 1000) },
  }
  return pageBelow(base, 'explore', {
    schemaVersion: '1',
    orgId: '1',
    panes: JSON.stringify({ run: pane }),
  })
}

function pageBelow(
  base: string | URL,
  page: string,
  parameters: Readonly<Record<string, string>>,
): string {
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${page}`
  url.search = String(new URLSearchParams(parameters))
  return url.href
}
