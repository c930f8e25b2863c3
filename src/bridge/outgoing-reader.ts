/**
 * Runs on their way to a person or a page, through the same gate as those that are sent: what a
 * policy takes out, and passwords always.
 *
 * A run that cannot be redacted comes out as one that cannot be read, never as it is.
 */
import type { RedactionPolicy } from '../journal/redaction.js'
import { textRedactorOf } from '../journal/redaction.js'
import type { RunJournal } from '../journal/run-journal.js'
import type { InterruptedTrace } from '../mapping/interrupted-trace.js'
import { mayName } from '../state/redaction.js'
import type { RunRecord } from '../state/run-record.js'
import { within } from '../time-limit.js'
import { factsGateFor } from './outgoing-facts.js'
import { gateFor, LONGEST_REDACTION_MS, tookTooLong } from './outgoing-run.js'
import { type RunItem, runIdOfItem } from './run-item.js'
import type { RunReader } from './run-reader.js'

/** A place whose runs have passed the gate. */
export interface OutgoingReader extends RunReader {
  /**
   * What was taken out of the journal of a run that was read: names of fields, `passwords` and
   * `patterns`, sorted, with commas between them; `undefined` where it lacks nothing.
   */
  takenOut(runId: string): string | undefined
  /**
   * A message about the place, without what is taken out of the names of its runs and exports that
   * stand in it.
   *
   * @param spelled how names stand in the message; default as they are
   */
  said(message: string, spelled?: (name: string) => string): string
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
  const names = new Set<string>()
  return {
    holds: reader.holds,
    location: reader.location,
    get listsAll() {
      return reader.listsAll
    },
    async *read(selection) {
      for await (const item of reader.read(selection)) {
        names.add(runIdOfItem(item) ?? '')
        yield gate.pass(item)
      }
    },
    async *list() {
      for await (const run of reader.list()) {
        names.add(run.runId).add(run.exportName)
        yield run
      }
    },
    present: (runIds) => reader.present(runIds),
    async record(run) {
      const record = await reader.record(run)
      return record === undefined ? undefined : gate.record(record)
    },
    takenOut: (runId) => gate.takenOut.get(runId),
    said: (message, spelled) => gate.said(message, names, spelled),
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
    switch (item.kind) {
      case 'journal':
        return this.#journal(item.journal, (journal) => ({ ...item, journal }))
      case 'redacted':
        return this.#journal(item.run.journal, (journal, redaction) => ({
          ...item,
          run: { ...item.run, journal, ...merged(item.run.redaction, redaction) },
        }))
      case 'broken':
        return this.#journal(item.run.fragment, (fragment) => ({
          ...item,
          run: { ...item.run, fragment },
        }))
      case 'unjournaled':
        return this.#unjournaled(item)
      case 'interrupted':
        return this.#interrupted(item)
      case 'unreadable':
        return { ...item, where: this.#text(item.where), problem: this.#text(item.problem) }
      case 'unseen':
        return { ...item, problem: this.#text(item.problem) }
    }
  }

  /** Only names that stand in it are redacted: there may be very many, and patterns may be slow. */
  said(
    message: string,
    names: Iterable<string>,
    spelled: (name: string) => string = (name) => name,
  ): string {
    const named = [...names]
      .map((name) => ({ name, said: spelled(name) }))
      .filter(({ said }) => said !== '' && message.includes(said))
      .sort((a, b) => b.said.length - a.said.length)
    return named.reduce((text, { name, said }) => {
      const shown = this.#text(name)
      return shown === name ? text : text.replaceAll(said, () => spelled(shown))
    }, message)
  }

  #text(text: string): string {
    const shown = within(LONGEST_REDACTION_MS, () => this.#textsOf().text(text))
    return shown ?? tookTooLong(LONGEST_REDACTION_MS)
  }

  record(record: RunRecord): RunRecord | undefined {
    const outgoing = this.#facts.record(record)
    return outgoing.kind === 'passed' ? outgoing.facts : undefined
  }

  #journal(
    journal: RunJournal,
    made: (journal: RunJournal, redaction: string | undefined) => RunItem,
  ): RunItem {
    const outgoing = this.#journals(journal)
    if (outgoing.kind === 'refused') return refused(journal.run_id, outgoing)
    if (outgoing.redaction !== undefined) this.takenOut.set(journal.run_id, outgoing.redaction)
    return made(outgoing.journal, outgoing.redaction)
  }

  #unjournaled(item: Extract<RunItem, { kind: 'unjournaled' }>): RunItem {
    const outgoing = this.#facts.unjournaled(item.run)
    return outgoing.kind === 'passed'
      ? { ...item, run: outgoing.facts }
      : refused(item.run.runId, outgoing)
  }

  #interrupted(item: Extract<RunItem, { kind: 'interrupted' }>): RunItem {
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

const NAMED = 'its run_id has something in it that redaction takes out'

/** Where it stood would say what was taken out of its name. */
function refused(
  runId: string,
  { runId: shownId, problem }: { readonly runId: string; readonly problem: string },
): RunItem {
  return { kind: 'unreadable', runId, where: `run ${shownId}`, problem }
}

/** What its sender took out stays said beside what was taken out now. */
function merged(before: string, now: string | undefined): { readonly redaction: string } {
  const names = new Set([...before.split(','), ...(now?.split(',') ?? [])])
  return { redaction: [...names].sort().join(',') }
}
