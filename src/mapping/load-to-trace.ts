/** A load as a trace of its own, with a link to the trace of every run whose files it took in. */
import type { LoadRun } from '../state/load-run.js'
import type { MappingOptions } from './journal-to-trace.js'
import type { TracePage } from './page.js'

/**
 * Maps a load to its trace.
 *
 * @param killed those of its runs that left no journal: their traces have other ids.
 * @throws {RangeError} for a load that is still `writing`.
 * @example
 * loadToTrace(load).trace.spans[0]?.links.length // 3
 */
export function loadToTrace(
  load: LoadRun,
  _options: Pick<MappingOptions, 'namespace' | 'resource'> = {},
  _killed: ReadonlySet<string> = new Set(),
): TracePage {
  throw new RangeError(`load ${load.loadId} is ${load.status}`)
}
