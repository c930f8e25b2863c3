/** The metrics of each export: its last run, and when it last succeeded. */
import type { Registry } from 'prom-client'
import { addGauge } from './gauge.js'
import type { LastRun, LastRuns } from './last-runs.js'

/**
 * Adds the metrics of each export; they say what `lastRuns` says when somebody asks.
 *
 * @example
 * addLastRunMetrics(registry, lastRuns)
 */
export function addLastRunMetrics(registry: Registry, lastRuns: LastRuns): void {
  const status = addGauge(registry, {
    name: 'rivet_export_last_run_status',
    help: '1 for the status with which the last run of the export ended.',
    labelNames: ['export', 'status'],
    collect: () => {
      status.reset()
      for (const [name, run] of lastRuns)
        if (run.status !== undefined) status.set({ export: name, status: run.status }, 1)
    },
  })
  const add = (name: string, help: string, value: (run: LastRun) => number | undefined) => {
    const gauge = addGauge(registry, {
      name: `rivet_export_${name}`,
      help,
      labelNames: ['export'],
      collect: () => {
        gauge.reset()
        for (const [label, run] of lastRuns) {
          const known = value(run)
          if (known !== undefined) gauge.set({ export: label }, known)
        }
      },
    })
  }
  add(
    'last_run_duration_seconds',
    'How long the last run of the export took.',
    (run) => run.durationSeconds,
  )
  add('last_run_rows', 'Rows that the last run of the export wrote.', (run) => run.rows)
  add(
    'last_run_end_timestamp_seconds',
    'When the last run of the export ended, in seconds since 1970.',
    (run) => run.endedUnixSeconds,
  )
  add(
    'last_success_timestamp_seconds',
    'When the last run of the export ended that succeeded, in seconds since 1970.',
    (run) => run.succeededUnixSeconds,
  )
}
