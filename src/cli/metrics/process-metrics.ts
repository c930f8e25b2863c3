/**
 * The metrics of the process, under the names that every Prometheus client uses. The library's own
 * set has thirty more, and watches the event loop and the garbage collector for them.
 */
import { Counter, type Registry } from 'prom-client'
import { VERSION } from '../../version.js'
import { addGauge } from './gauge.js'

/**
 * Adds what runs, since when, and what it uses.
 *
 * @example
 * addProcessMetrics(registry)
 */
export function addProcessMetrics(registry: Registry): void {
  addGauge(registry, {
    name: 'rivet_otel_build_info',
    help: 'Always 1; the labels say which version runs, on which Node.',
    labelNames: ['version', 'node'],
  }).set({ version: VERSION, node: process.versions.node }, 1)
  addGauge(registry, {
    name: 'process_start_time_seconds',
    help: 'When the process started, in seconds since 1970.',
  }).set(Math.round(performance.timeOrigin) / 1000)
  const memory = addGauge(registry, {
    name: 'process_resident_memory_bytes',
    help: 'Memory of the process that is in RAM.',
    collect: () => memory.set(process.memoryUsage.rss()),
  })
  const cpu = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Time that the process spent on processors.',
    registers: [registry],
    collect: () => {
      const { user, system } = process.cpuUsage()
      cpu.reset()
      cpu.inc((user + system) / 1e6)
    },
  })
}
