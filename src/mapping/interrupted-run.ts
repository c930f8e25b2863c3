/**
 * A run that was killed as a trace: what `run_status`, `chunk_task` and `file_log` still say of it. It
 * is no journal, and never becomes one on import.
 *
 * Its ids follow from its run_id alone, so that other spans can link to it. What is known of it may
 * change when another run goes on with it: what was sent first stands.
 */
import type { UnjournaledRun } from '../state/unjournaled-run.js'
import type { MappingOptions } from './journal-to-trace.js'
import type { TracePage } from './page.js'

/**
 * Maps a run that was killed to its trace.
 *
 * @throws {RangeError} for a run whose state is not `interrupted`.
 * @example
 * interruptedRunToTrace(run, { namespace: 'eu' }).trace.spans[0]?.status // { code: 2, message: … }
 */
export function interruptedRunToTrace(
  run: UnjournaledRun,
  _options: Pick<MappingOptions, 'namespace' | 'resource'> = {},
): TracePage {
  throw new RangeError(`run ${run.runId} is ${run.state}`)
}
