/**
 * The gate that every entry passes before it reaches the host's tracer: the same redaction that a
 * whole journal goes through, entry by entry.
 */
import { type RedactionPolicy, redactorOf } from '../journal/redaction.js'
import { type JournalEntry, RunJournal } from '../journal/run-journal.js'
import { RivetOtelError } from '../problem.js'
import { within } from '../time-limit.js'

/** How long the patterns of a policy may take on one entry, in ms: the program waits for them. */
const LONGEST_REDACTION_MS = 1000

/**
 * What a run loses on its way to the host's tracer, and the names of that.
 *
 * @example
 * const gate = new EntryGate({ fields: ['files'] })
 * const sent = gate.journal(journal)
 * const entry = gate.entry(journal.entries[0])
 */
export class EntryGate {
  readonly #redact: (journal: RunJournal) => RunJournal | undefined
  readonly #taken = new Set<string>()
  readonly #limitMs: number

  /**
   * @param limitMs how long patterns may take on one entry, in ms
   * @throws {RivetOtelError} `INVALID_CONFIGURATION` for a policy that cannot be used.
   */
  constructor(policy: RedactionPolicy = {}, limitMs = LONGEST_REDACTION_MS) {
    const redact = redactorOf(policy)
    const hasPatterns = (policy.patterns?.length ?? 0) > 0
    this.#limitMs = limitMs
    this.#redact = (journal) => {
      const redacted = hasPatterns ? within(limitMs, () => redact(journal)) : redact(journal)
      for (const name of redacted?.redaction?.split(',') ?? []) this.#taken.add(name)
      return redacted?.journal
    }
  }

  /** What was taken out so far, as `rivet.journal.redaction` says it; `undefined` where nothing was. */
  get redaction(): string | undefined {
    return this.#taken.size === 0 ? undefined : [...this.#taken].sort().join(',')
  }

  /**
   * A journal without entries, as it may leave.
   *
   * @throws {RivetOtelError} `INVALID_CONFIGURATION` where its run_id would change, or patterns take too long.
   */
  journal({ run_id, export_name, extra }: RunJournal): RunJournal {
    const redacted = this.#redact(new RunJournal(run_id, export_name, [], extra))
    if (redacted === undefined) {
      throw new RivetOtelError('INVALID_CONFIGURATION', `the names of the run: ${this.tooLong}`)
    }
    if (redacted.run_id === run_id) return redacted
    throw new RivetOtelError(
      'INVALID_CONFIGURATION',
      'the run_id has something in it that redaction takes out, and a run is found by its run_id; expected a run_id without secrets, and patterns that leave run_ids alone',
    )
  }

  /** An entry as it may leave; `undefined` where patterns take too long on it: it may not. */
  entry(entry: JournalEntry): JournalEntry | undefined {
    return this.#redact(new RunJournal('', '', [entry]))?.entries[0]
  }

  /** What is wrong where patterns took too long. */
  get tooLong(): string {
    return `the patterns for redaction took longer than ${this.#limitMs / 1000} s; expected ones that do not try the same letters again and again, as (a+)+ does`
  }
}
