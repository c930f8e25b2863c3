/** Runs of what is open or read already, in the way of every {@link RunReader}. */
import type { ImportResult } from './import-runs.js'
import { holdsJournals, type OpenedPlace } from './open-place.js'
import type { RunReader, TraceReading } from './run-reader.js'
import { SourceRuns } from './source-runs.js'
import { TraceRuns } from './trace-runs.js'

/**
 * The runs of a place that is open already; who closes one of them closes both.
 *
 * @example
 * await runIdOf(runsOf(source), 'orders@latest')
 */
export function runsOf(opened: OpenedPlace, reading: TraceReading = {}): RunReader {
  return holdsJournals(opened) ? new SourceRuns(opened) : new TraceRuns(opened, reading)
}

/**
 * The runs of a stream of traces that was read already, by {@link importRuns} without a selection.
 *
 * @example
 * await runIdOf(runsRead(await importRuns(stream), stream.location), '@latest')
 */
export function runsRead(all: ImportResult, location: string): RunReader {
  return new TraceRuns({ location, async *spans() {} }, {}, all)
}
