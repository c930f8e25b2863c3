/**
 * Journals to encoded pages: what a thread does with a batch, and this thread with those that the
 * others have no room for.
 *
 * It holds nothing from one batch to the next, and knows no file and no network.
 */
import { spanEncoding } from '../../../delivery/span-encoding.js'
import type { RunJournal } from '../../../journal/run-journal.js'
import type { MappingOptions } from '../../../mapping/journal-to-trace.js'
import { sentPage } from '../../../mapping/page.js'
import type { UnreadJournal } from '../../../sources/journal-texts.js'
import { readUnread } from '../../../sources/json-file.js'
import { gateFor, type OutgoingRun } from '../../outgoing-run.js'
import { type PreparedRun, prepareRun, type UnfitRun } from '../prepared-run.js'
import type { MappedBatch, MappedPage, MappedRun, MappingSetup } from './mapped-batch.js'

/**
 * Maps journals, each as if nothing of its run had been sent before.
 *
 * @example
 * const mapper = new BatchMapper(setup)
 * mapper.map([{ where: 'line 1', bytes }])[0]?.kind // 'mapped'
 */
export class BatchMapper {
  readonly #setup: MappingSetup
  readonly #gate: (journal: RunJournal) => OutgoingRun

  constructor(setup: MappingSetup) {
    this.#setup = setup
    this.#gate = gateFor(setup.redaction)
  }

  map(journals: readonly UnreadJournal[]): MappedBatch {
    return journals.map((piece) => {
      const run = this.prepare(piece)
      return run?.kind === 'ready' ? this.#mapped(run) : run
    })
  }

  /** Reads a journal and leaves its pages to be asked for. */
  prepare(piece: UnreadJournal): PreparedRun | UnfitRun | undefined {
    const item = readUnread(piece, this.#setup.selection)
    return item && prepareRun(item, this.#gate)
  }

  #mapped(run: PreparedRun): MappedRun {
    const { namespace, resource, encoding } = this.#setup
    const { where, runId, listing, digest, redaction } = run
    const options: MappingOptions = {
      namespace,
      digest,
      ...(resource === undefined ? {} : { resource }),
      ...(redaction === undefined ? {} : { redaction }),
    }
    const { encode } = spanEncoding(encoding)
    const pages: MappedPage[] = []
    for (const page of run.pages(options))
      pages.push({ page: sentPage(page), bytes: encode(page.trace) })
    return { kind: 'mapped', where, runId, listing, digest, redaction, pages }
  }
}
