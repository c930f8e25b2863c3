/**
 * A correlation as it is shown to a person or a program: as many groups and spans as are asked for, and
 * without secrets. Its texts are other people's: statements and URLs that may hold passwords.
 */
import type { Correlation, NearSpan } from '../../bridge/correlation/correlate.js'
import type { RunToCorrelate } from '../../bridge/correlation/find-run.js'
import {
  furtherTraceQl,
  type GrafanaPlace,
  grafanaPage,
  type JaegerPage,
  jaegerPages,
} from '../../bridge/correlation/further-searches.js'
import type { ForeignSpan, RankedSpan } from '../../bridge/correlation/ranking.js'
import type { SpanGroup } from '../../bridge/correlation/span-groups.js'
import type { ServerKind } from '../../bridge/location.js'
import type { SourceAddress } from '../../state/source-address.js'
import { withoutSaidSecrets } from '../said-text.js'

/** What a command found, and how much of it is to be shown. */
export interface CorrelationToShow {
  readonly run: RunToCorrelate
  readonly correlation: Correlation
  /** The server as messages name it. */
  readonly location: string
  readonly kind: ServerKind
  /** The service of runs. */
  readonly serviceName: string
  /** How many groups, and how many spans, are shown at most. */
  readonly limit: number
  readonly grafana?: GrafanaPlace
}

/** What is shown. */
export interface ShownCorrelation {
  readonly source?: SourceAddress
  readonly groups: readonly SpanGroup[]
  readonly spans: readonly RankedSpan[]
  readonly nearest?: NearSpan
  /** Absent where the server is no Tempo. */
  readonly traceQl?: string
  readonly jaegerPages: readonly JaegerPage[]
  readonly grafanaPage?: string
}

/**
 * Takes out what is not to be shown.
 *
 * @example
 * shownCorrelation(found).spans.length <= found.limit // true
 */
export function shownCorrelation(found: CorrelationToShow): ShownCorrelation {
  const { correlation, limit, kind, grafana, run } = found
  const groups = correlation.groups.slice(0, limit).map((group) => ({
    ...group,
    service: withoutSaidSecrets(group.service),
    operation: withoutSaidSecrets(group.operation),
    example: shownSpan(group.example),
  }))
  const { nearest } = correlation
  const source = correlation.source === undefined ? undefined : shownSource(correlation.source)
  const subject = {
    window: run.lookedAt,
    serviceName: withoutSaidSecrets(found.serviceName),
    services: servicesOf(groups),
    ...(source !== undefined && { source }),
  }
  return {
    ...(source !== undefined && { source }),
    groups,
    spans: correlation.spans.slice(0, limit).map(shownSpan),
    ...(nearest !== undefined && { nearest: shownSpan(nearest) }),
    ...(kind === 'tempo' && { traceQl: furtherTraceQl(subject) }),
    jaegerPages: kind === 'jaeger' ? jaegerPages(addressOf(found.location), subject) : [],
    ...(grafana !== undefined && { grafanaPage: grafanaPage(grafana, subject) }),
  }
}

function shownSource({ host, database, ...others }: SourceAddress): SourceAddress {
  return {
    ...others,
    ...(host !== undefined && { host: withoutSaidSecrets(host) }),
    ...(database !== undefined && { database: withoutSaidSecrets(database) }),
  }
}

function shownSpan<S extends ForeignSpan>(span: S): S {
  const { service, operation, statusMessage, server } = span
  const { addresses, database } = server
  return {
    ...span,
    service: withoutSaidSecrets(service),
    operation: withoutSaidSecrets(operation),
    ...(statusMessage !== undefined && { statusMessage: withoutSaidSecrets(statusMessage) }),
    server: {
      ...server,
      addresses: addresses.map(withoutSaidSecrets),
      ...(database !== undefined && { database: withoutSaidSecrets(database) }),
    },
  }
}

/** Each once, in the order of the groups. */
function servicesOf(groups: readonly SpanGroup[]) {
  const starts = new Map<string, bigint>()
  for (const { service, example } of groups)
    if (!starts.has(service)) starts.set(service, example.startUnixNano)
  return [...starts].map(([service, startUnixNano]) => ({ service, startUnixNano }))
}

/** A location says which kind of server it is, and nothing of it is secret. */
function addressOf(location: string): string {
  return location.replace(/^[a-z]+\+/, '').replace(/\?.*$/, '')
}
