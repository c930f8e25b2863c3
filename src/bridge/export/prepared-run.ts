/**
 * A journal made ready to go out, wherever that is done: read, through the gate, with its digest.
 *
 * It knows no delivery and nothing that was sent before.
 */
import { withoutConnectionSecrets } from '../../journal/connection-secrets.js'
import { journalDigest } from '../../journal/digest.js'
import { runEnd } from '../../journal/run-end.js'
import type { RunJournal } from '../../journal/run-journal.js'
import { journalToTrace, type MappingOptions } from '../../mapping/journal-to-trace.js'
import type { TracePage } from '../../mapping/page.js'
import type { SourceItem } from '../../sources/source.js'
import type { OutgoingRun } from '../outgoing-run.js'
import type { SkippedRun } from '../summary.js'
import type { EndedRun } from './known-records.js'

/** A journal that may go out. */
export interface PreparedRun {
  readonly kind: 'ready'
  readonly where: string
  readonly runId: string
  /** Under which its source knows it. */
  readonly listing: EndedRun
  /** Of the journal as it goes out. */
  readonly digest: string
  /** What was taken out of it, as `redactorOf` names it. */
  readonly redaction: string | undefined
  /** The journal as it goes out; it may have to be read for that. */
  journal(): RunJournal
  /** Its pages, the first one first. */
  pages(mapping: MappingOptions): Iterable<TracePage>
}

/** A journal that does not go out, and why. */
export interface UnfitRun {
  readonly kind: 'unfit'
  /** When the run ended, in nanoseconds since 1970; `undefined` where that is not known. */
  readonly endUnixNano: bigint | undefined
  readonly why: SkippedRun
}

/**
 * Makes an item of a source ready.
 *
 * @param gate what every journal passes on its way out
 * @example
 * prepareRun(item, gateFor({})).kind // 'ready'
 */
export function prepareRun(
  item: SourceItem,
  gate: (journal: RunJournal) => OutgoingRun,
): PreparedRun | UnfitRun {
  if (item.kind === 'unreadable') {
    const { runId } = item
    const why: SkippedRun = {
      where: withoutConnectionSecrets(item.where),
      result: 'unreadable',
      problem: withoutConnectionSecrets(item.problem),
      ...(runId === undefined ? {} : { runId: withoutConnectionSecrets(runId) }),
    }
    return { kind: 'unfit', endUnixNano: undefined, why }
  }
  const { where } = item
  const endUnixNano = runEnd(item.journal)
  const outgoing = gate(item.journal)
  if (outgoing.kind === 'refused') {
    const { runId, problem } = outgoing
    const shown = where.replaceAll(item.journal.run_id, runId)
    return { kind: 'unfit', endUnixNano, why: { where: shown, runId, result: 'refused', problem } }
  }
  const { journal, redaction } = outgoing
  const { run_id: runId } = journal
  if (endUnixNano === undefined) {
    const problem = 'its journal has no entries, so it has no place in time'
    return { kind: 'unfit', endUnixNano, why: { where, runId, result: 'empty', problem } }
  }
  return {
    kind: 'ready',
    where,
    runId,
    listing: { runId, exportName: item.journal.export_name, endUnixNano },
    digest: journalDigest(journal),
    redaction,
    journal: () => journal,
    pages: (mapping) => journalToTrace(journal, mapping),
  }
}
