/**
 * Runs on their way to a person or a page, through the same gate as those that are sent: what a
 * policy takes out, and passwords always.
 *
 * A run that cannot be redacted comes out as one that cannot be read, never as it is. What is said of
 * runs passes too, because it quotes them: what is wrong with one, where it stood, and errors.
 */
import type { RedactionPolicy } from '../journal/redaction.js'
import { textRedactorOf } from '../journal/redaction.js'
import type { RunJournal } from '../journal/run-journal.js'
import type { BrokenRun, RedactedRun } from '../mapping/imported-run.js'
import type { InterruptedTrace } from '../mapping/interrupted-trace.js'
import { RivetOtelError } from '../problem.js'
import { mayName } from '../state/redaction.js'
import type { RunRecord } from '../state/run-record.js'
import { within } from '../time-limit.js'
import type { FoundItem } from './known-beside.js'
import { factsGateFor } from './outgoing-facts.js'
import { gateFor, LONGEST_REDACTION_MS } from './outgoing-run.js'
import type { RunItem } from './run-item.js'
import type { RunReader } from './run-reader.js'

/** A place whose runs have passed the gate. */
export interface OutgoingReader extends RunReader {
  /**
   * What was taken out of the journal of a run that was read: names of fields, `passwords` and
   * `patterns`, sorted, with commas between them; `undefined` where it lacks nothing.
   */
  takenOut(runId: string): string | undefined
  /** A sentence about what is there as it may be said, to a person or in a page. */
  said(text: string): string
  /** An error about what is there as it may be said; anything else that was thrown is itself. */
  saidError(thrown: unknown): unknown
}

/**
 * The same place, with runs as a policy lets them out.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` for a policy that cannot be used.
 * @example
 * const reader = outgoingReader(await openRuns(location, opening), { fields: ['query'] })
 */
export function outgoingReader(reader: RunReader, policy: RedactionPolicy): OutgoingReader {
  const gate = new ItemGate(policy)
  return {
    holds: reader.holds,
    location: reader.location,
    get listsAll() {
      return reader.listsAll
    },
    async *read(selection) {
      try {
        for await (const item of reader.read(selection)) yield gate.pass(item)
      } catch (error) {
        throw gate.saidError(error)
      }
    },
    list: (beginning) => reader.list(beginning),
    present: (runIds) => reader.present(runIds),
    async record(run) {
      const record = await reader.record(run)
      return record === undefined ? undefined : gate.record(record)
    },
    takenOut: (runId) => gate.takenOut.get(runId),
    said: (text) => gate.said(text),
    saidError: (thrown) => gate.saidError(thrown),
    close: () => reader.close(),
  }
}

/** One policy, and what it makes of whatever a place holds. */
class ItemGate {
  readonly takenOut = new Map<string, string>()
  readonly #journals: ReturnType<typeof gateFor>
  readonly #facts: ReturnType<typeof factsGateFor>
  readonly #textsOf: ReturnType<typeof textRedactorOf>

  constructor(policy: RedactionPolicy) {
    this.#journals = gateFor(policy)
    this.#facts = factsGateFor(policy)
    this.#textsOf = textRedactorOf(policy)
  }

  pass(item: RunItem): RunItem {
    if (item.kind === 'unseen') return { ...item, problem: this.said(item.problem) }
    const passed = this.#run(item)
    return { ...passed, where: this.said(passed.where) }
  }

  said(text: string): string {
    return within(LONGEST_REDACTION_MS, () => this.#textsOf().text(text)) ?? UNSAID
  }

  saidError(thrown: unknown): unknown {
    if (!(thrown instanceof RivetOtelError)) return thrown
    const { code, message, hint, isNotYet } = thrown
    const shown = hint === undefined ? {} : { hint: this.said(hint) }
    return new RivetOtelError(code, this.said(message), { isNotYet, ...shown })
  }

  #run(item: Exclude<RunItem, { readonly kind: 'unseen' }>): FoundItem {
    switch (item.kind) {
      case 'journal':
        return this.#journal(item.journal, (journal) => ({ ...item, journal }))
      case 'redacted':
        return this.#journal(item.run.journal, (journal, redaction) => ({
          ...item,
          run: {
            ...this.#aboutRun(item.run),
            journal,
            ...merged(item.run.redaction, redaction),
          },
        }))
      case 'broken':
        return this.#broken(item)
      case 'unjournaled':
        return this.#unjournaled(item)
      case 'interrupted':
        return this.#interrupted(item)
      case 'unreadable':
        return { ...item, problem: this.said(item.problem) }
    }
  }

  record(record: RunRecord): RunRecord | undefined {
    const outgoing = this.#facts.record(record)
    return outgoing.kind === 'passed' ? outgoing.facts : undefined
  }

  #journal(
    journal: RunJournal,
    made: (journal: RunJournal, redaction: string | undefined) => FoundItem,
  ): FoundItem {
    const outgoing = this.#journals(journal)
    if (outgoing.kind === 'refused') return refused(journal.run_id, outgoing)
    if (outgoing.redaction !== undefined) this.takenOut.set(journal.run_id, outgoing.redaction)
    return made(outgoing.journal, outgoing.redaction)
  }

  /** Its root may be what is missing, so that its parts do not name it. */
  #broken(item: Extract<RunItem, { kind: 'broken' }>): FoundItem {
    const { runId, fragment: whole } = item.run
    const texts = this.#textsOf()
    if (!mayName(runId, texts)) return refused(runId, { runId: texts.text(runId), problem: NAMED })
    return this.#journal(whole, (fragment) => ({
      ...item,
      run: { ...this.#aboutRun(item.run), fragment },
    }))
  }

  #aboutRun<T extends BrokenRun | RedactedRun>(run: T): T {
    const reasons = run.reasons.map((reason) => this.said(reason))
    return { ...run, exportName: this.said(run.exportName), reasons }
  }

  #unjournaled(item: Extract<RunItem, { kind: 'unjournaled' }>): FoundItem {
    const outgoing = this.#facts.unjournaled(item.run)
    return outgoing.kind === 'passed'
      ? { ...item, run: outgoing.facts }
      : refused(item.run.runId, outgoing)
  }

  #interrupted(item: Extract<RunItem, { kind: 'interrupted' }>): FoundItem {
    const texts = this.#textsOf()
    const { resumedBy, message, ...trace } = item.trace
    const shown: InterruptedTrace = {
      ...trace,
      exportName: texts.text(trace.exportName),
      ...(message === undefined ? {} : { message: texts.field('errors', message) }),
      ...(resumedBy !== undefined && mayName(resumedBy, texts) ? { resumedBy } : {}),
    }
    if (mayName(trace.runId, texts)) return { ...item, trace: shown }
    return refused(trace.runId, { runId: texts.text(trace.runId), problem: NAMED })
  }
}

/** For what patterns could not be done with in time. */
const UNSAID = '[redacted]'
const NAMED = 'its run_id has something in it that redaction takes out'

/** Where it stood would say what was taken out of its name. */
function refused(
  runId: string,
  { runId: shownId, problem }: { readonly runId: string; readonly problem: string },
): FoundItem {
  return { kind: 'unreadable', runId, where: `run ${shownId}`, problem }
}

/** What its sender took out stays said beside what was taken out now. */
function merged(before: string, now: string | undefined): { readonly redaction: string } {
  const names = new Set([...before.split(','), ...(now?.split(',') ?? [])])
  return { redaction: [...names].sort().join(',') }
}
