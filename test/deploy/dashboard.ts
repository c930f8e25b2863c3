/** The queries of the dashboard, for the tests that ask them. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/json/lossless.js'
import { at, contentOf } from './deployed-files.js'

export const DASHBOARD = 'examples/compose/grafana/dashboards/rivet-runs.json'

/** A panel that asks one of the data sources. */
export interface Panel {
  readonly title: string
  /** The uid of its data source. */
  readonly source: string
  /** What it asks, with the dashboard's variables in it. */
  readonly query: string
  readonly panel: JsonObject
}

/** Every query of every panel. */
export function panels(): Panel[] {
  return objects(contentOf(DASHBOARD).panels).flatMap((panel) =>
    objects(panel.targets).map((target) => ({
      title: String(panel.title),
      source: String(at(target, 'datasource', 'uid')),
      query: String(target.query ?? target.expr),
      panel,
    })),
  )
}

/** A query as the dashboard asks it when nothing is chosen. */
export function asOpened(query: string): string {
  return query
    .replaceAll(/\$\{export:pipe\}/g, '.*')
    .replaceAll('$export', '.*')
    .replaceAll(/\$\{longer_than\}/g, '100ms')
    .replaceAll('$__rate_interval', '1m')
}

/** The names of metrics in a PromQL query. */
export function metricsOf(promql: string): string[] {
  return promql.match(/\brivet_[a-z_]+(?=\{)/g) ?? []
}

function objects(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}
