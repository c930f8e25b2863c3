/** A gauge that says nothing until it is told something: the library's own begins with 0. */
import { Gauge, type Registry } from 'prom-client'

/** What a gauge is. */
export interface GaugeDescription {
  readonly name: string
  readonly help: string
  readonly labelNames?: readonly string[]
  /** Sets it anew, whenever somebody asks. */
  readonly collect?: (() => void) | undefined
}

/**
 * Adds a gauge without a sample.
 *
 * @example
 * addGauge(registry, { name: 'rivet_otel_watch_source_up', help: '1 if …, else 0.' }).set(1)
 */
export function addGauge(registry: Registry, description: GaugeDescription): Gauge {
  const { name, help, labelNames = [], collect } = description
  const gauge = new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    ...(collect === undefined ? {} : { collect }),
  })
  if (labelNames.length === 0) gauge.remove()
  return gauge
}
