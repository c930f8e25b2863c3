/**
 * Ways to name a run without its whole run_id:
 *
 * - `@latest` is the run that ended last, `@latest~1` the one before it, and so on;
 * - `orders@latest`, `orders@latest~1` are the same among the runs of the export `orders`;
 * - the beginning of a run_id, however short, is the run whose run_id begins so, where that is one.
 *
 * A run_id in full goes before all of these, because run_ids and names of exports may hold `@` and
 * `~`. Runs that failed count, and so do those that were interrupted or are still running: these have
 * not ended, and come last. It is the order of `runs`.
 *
 * A server that keeps traces is searched for these, by default for the runs that ended in the last
 * week; for the beginning of a run_id that holds a day as rivet writes it, `orders_20261121T`, for
 * the runs of `orders` around that day. Interrupted runs are not searched for there.
 */

import type { ImportedRun } from '../mapping/imported-run.js'
import { isLatestReference } from './latest-reference.js'
import { meaningOf, meantRunId } from './meant-run.js'
import type { RunReader } from './run-reader.js'
import { type RunSelection, wantsImportedRun } from './run-selection.js'

/**
 * The run_id that a reference means. A run that is called just so goes before whatever else the text
 * could mean.
 *
 * @throws {RivetOtelError} `USAGE` where no run is meant, naming the near ones, or where several are.
 * @example
 * await runIdOf(reader, 'orders@latest') // 'orders_20261121T085339.134_11188'
 */
export async function runIdOf(reader: RunReader, reference: string): Promise<string> {
  const there = await reader.present([reference])
  return there.has(reference) ? reference : meantRunId(reader, reference)
}

/**
 * Whether a selection may want a run, once it is known which runs its references mean.
 *
 * @example
 * mayBeSelected({ runIds: ['@latest'] }, run) // true
 */
export function mayBeSelected(selection: RunSelection, run: ImportedRun): boolean {
  const { runIds, ...others } = selection
  return (
    wantsImportedRun(others, run) &&
    (runIds === undefined ||
      runIds.some((name) => run.runId.startsWith(name) || isLatestReference(name)))
  )
}

/**
 * A selection whose references are replaced by the run_ids that they mean, before anything is read;
 * of several names one that nobody knows stays as it is. On a server, which gives a run by its run_id without any search, only those with `@latest` are
 * replaced; {@link withMeantRunIds} does the rest, where anything is not found.
 *
 * @throws {RivetOtelError} as {@link runIdOf}.
 * @example
 * await withRunIds(reader, { runIds: ['orders@latest'] }) // { runIds: ['orders_2026…'] }
 */
export async function withRunIds<S extends RunSelection>(
  reader: RunReader,
  selection: S,
): Promise<S> {
  const { runIds } = selection
  if (runIds === undefined) return selection
  const doubtful = reader.listsAll ? runIds : runIds.filter(isLatestReference)
  if (doubtful.length === 0) return selection
  const there = await reader.present(doubtful)
  return replaced(
    reader,
    selection,
    doubtful.filter((runId) => !there.has(runId)),
  )
}

/**
 * A selection whose references are replaced that were not found by reading; `undefined` where there
 * is nothing to replace, so that what was read is the answer.
 *
 * @param found the run_ids that were read by this selection
 * @throws {RivetOtelError} as {@link runIdOf}.
 * @example
 * const again = await withMeantRunIds(reader, selection, new Set(rows.map(({ runId }) => runId)))
 */
export async function withMeantRunIds<S extends RunSelection>(
  reader: RunReader,
  selection: S,
  found: ReadonlySet<string>,
): Promise<S | undefined> {
  // What else is named of a place that lists all was found before, and some condition leaves it out.
  if (reader.listsAll || selection.runIds === undefined) return undefined
  const lost = selection.runIds.filter((runId) => !found.has(runId))
  if (lost.length === 0) return undefined
  const there = await reader.present(lost)
  const references = lost.filter((runId) => !there.has(runId))
  return references.length === 0 ? undefined : replaced(reader, selection, references)
}

/** A name that nobody knows stays as it is: it costs the runs that are named beside it nothing. */
async function replaced<S extends RunSelection>(
  reader: RunReader,
  selection: S,
  references: readonly string[],
): Promise<S> {
  const { runIds = [], sinceUnixNano, untilUnixNano } = selection
  const window = {
    ...(sinceUnixNano === undefined ? {} : { sinceUnixNano }),
    ...(untilUnixNano === undefined ? {} : { untilUnixNano }),
  }
  const meanings = new Map<string, string>()
  for (const reference of new Set(references)) {
    const meant = await meaningOf(reader, reference, window)
    if (typeof meant === 'string') meanings.set(reference, meant)
    else if (runIds.length === 1 || isLatestReference(reference)) throw meant
  }
  return { ...selection, runIds: [...new Set(runIds.map((id) => meanings.get(id) ?? id))] }
}
