/** The journals of an import: put away as they come, and written in the order of their runs. */
import { inShort } from '../bridge/run-selection.js'
import { journalPieces } from '../journal/codec.js'
import type { ImportedRun, RedactedRun, WholeRun } from '../mapping/imported-run.js'
import { JournalSpool, type SpooledJournal } from './journal-spool.js'

/**
 * Journals that are to be written, once it is known which of them.
 *
 * @example
 * const journals = new JournalsToWrite(folder, (run) => run.status === 'exact')
 * const { runs } = await importRuns(stream, { keep: (run) => journals.keep(run, true) })
 * if ((await journals.choose(runs)) > 0) await writeJournals('journals.jsonl', journals.chosen())
 * await journals.close()
 */
export class JournalsToWrite {
  readonly #isWritten: (run: ImportedRun) => run is WholeRun | RedactedRun
  readonly #spool: JournalSpool
  readonly #waiting = new Map<ImportedRun, SpooledJournal>()
  /** The runs whose journals were let go of. */
  readonly #unwanted = new WeakSet<ImportedRun>()
  #chosen: SpooledJournal[] = []

  /**
   * @param folder where many of them wait
   * @param isWritten whether the journal of a run is written where the run is wanted
   */
  constructor(folder: string, isWritten: (run: ImportedRun) => run is WholeRun | RedactedRun) {
    this.#spool = new JournalSpool(folder)
    this.#isWritten = isWritten
  }

  /**
   * Puts the journal of a run away, where it may be wanted; gives back the run without it.
   *
   * @throws {RivetOtelError} `UNWRITABLE` where there is no room for it.
   */
  async keep(run: ImportedRun, mayBeWanted: boolean): Promise<ImportedRun> {
    const kept = inShort(run)
    if (!this.#isWritten(run)) return kept
    if (mayBeWanted) this.#waiting.set(kept, await this.#spool.add(journalPieces(run.journal)))
    else this.#unwanted.add(kept)
    return kept
  }

  /** Chooses those of some runs; gives back how many there are. Runs that were not kept are put away now. */
  async choose(runs: readonly ImportedRun[]): Promise<number> {
    this.#chosen = []
    for (const run of runs) {
      if (!this.#isWritten(run)) continue
      if (this.#unwanted.has(run)) throw new RangeError(`${run.runId} was not to be wanted`)
      const waiting = this.#waiting.get(run)
      this.#chosen.push(waiting ?? (await this.#spool.add(journalPieces(run.journal))))
    }
    return this.#chosen.length
  }

  /** Those that were chosen, in the order of their runs. */
  chosen(): AsyncIterable<Buffer> {
    return this.#spool.journals(this.#chosen)
  }

  /** Lets go of all of them. */
  async close(): Promise<void> {
    await this.#spool.close()
  }
}
