/** `rivet-otel show RUN_ID`: one run, by the four questions. */
import { type NextRun, nextRun } from '../../bridge/next-run.js'
import type { RunItem, RunReader } from '../../bridge/run-reader.js'
import { journalToJson } from '../../journal/codec.js'
import { stringifyJson } from '../../json/lossless.js'
import type { RedactedRun } from '../../mapping/imported-run.js'
import { RivetOtelError } from '../../problem.js'
import type { RunRecord } from '../../state/run-record.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import { refuseUnknownNames } from '../known-names.js'
import { openReader } from '../open-reader.js'
import type { ReadingOptions } from '../places.js'
import type { ServerOptions } from '../server-options.js'
import { shownJournal } from '../shown-journal.js'
import { shownRecords } from '../shown-records.js'
import type { Terminal } from '../terminal.js'
import { showFragment, showRedacted, showRun } from '../view/show.js'
import { showUnjournaled } from '../view/show-unjournaled.js'
import { printable, printableJson } from '../view/terminal-text.js'
import { unjournaledJson } from '../view/unjournaled-json.js'

const WIDTH_WITHOUT_TERMINAL = 120

/** The options of `show`, as they stand on the command line. */
export type ShowOptions = ReadingOptions &
  ServerOptions & {
    readonly json?: boolean
    readonly files?: boolean
    readonly namespace?: string
  }

/**
 * Prints what was planned, what happened, what degraded and how it ended.
 *
 * @throws {RivetOtelError} for wrong use, where the place cannot be read, and where the run is not
 *   there or is no journal; with `json` also where only a part of it came back.
 * @example
 * await show('orders_20261121T085339.134_11188', { from: '.rivet_state.db' }, terminal)
 */
export async function show(
  runId: string,
  options: ShowOptions,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const { item, next, record } = await findRun(runId, options, terminal)
  if (item.kind === 'unreadable')
    throw new RivetOtelError('INVALID_JOURNAL', `${item.where}: ${item.problem}`)
  const view = {
    width: terminal.columns ?? WIDTH_WITHOUT_TERMINAL,
    color: terminal.hasColors,
    unicode: true,
    allFiles: options.files === true,
  }
  if (item.kind === 'unjournaled') {
    const run = shownRecords(item.run)
    const shownNext = next === undefined ? undefined : shownRecords(next)
    if (options.json) {
      const json = stringifyJson(unjournaledJson(run, shownNext))
      if (json !== stringifyJson(unjournaledJson(item.run, next))) sayMasked(runId, terminal)
      await terminal.print(`${printableJson(json)}\n`)
    } else await terminal.print(showUnjournaled(run, shownNext, view))
    return ExitCode.DONE
  }
  if (item.kind === 'broken') {
    if (options.json)
      throw new RivetOtelError(
        'INVALID_TRACE',
        `run ${printable(runId)} is ${item.run.status}: ${item.run.reasons.map(printable).join('; ')}`,
      )
    await terminal.print(
      showFragment({ ...item.run, fragment: shownJournal(item.run.fragment) }, view),
    )
    return ExitCode.NOT_ALL_WELL
  }
  const journal = shownJournal(item.kind === 'redacted' ? item.run.journal : item.journal)
  if (options.json) {
    if (item.kind === 'redacted') sayRedacted(item.run, terminal)
    else if (journal !== item.journal) sayMasked(runId, terminal)
    await terminal.print(`${printableJson(stringifyJson(journalToJson(journal)))}\n`)
  } else {
    await terminal.print(
      item.kind === 'redacted'
        ? showRedacted({ ...item.run, journal }, view)
        : showRun(journal, view, record === undefined ? undefined : shownRecords(record)),
    )
  }
  return ExitCode.DONE
}

function sayMasked(runId: string, terminal: Terminal): void {
  terminal.say(`${printable(runId)}: passwords in it are not shown`)
}

function sayRedacted({ runId, reasons }: RedactedRun, terminal: Terminal): void {
  terminal.say(`${printable(runId)}: redacted: ${reasons.map(printable).join('; ')}`)
}

/** A run, whole or in part, or what is wrong with it. */
type RunFound = Exclude<RunItem, { readonly kind: 'unseen' }>

/** A run, and what its place knows beside it. */
interface FoundRun {
  readonly item: RunFound
  /** What came after a run that was interrupted. */
  readonly next?: NextRun | undefined
  /** What is known of a run beside its journal. */
  readonly record?: RunRecord | undefined
}

async function findRun(runId: string, options: ShowOptions, terminal: Terminal): Promise<FoundRun> {
  const { reader } = await openReader(options, terminal)
  try {
    const selection = { runIds: [runId] }
    const found: RunFound[] = []
    const elsewhere: string[] = []
    for await (const item of reader.read(selection)) {
      if (item.kind === 'unseen') elsewhere.push(item.problem)
      else if (item.kind !== 'unreadable' || item.runId === runId) found.push(item)
      else elsewhere.push(`${reader.location} ${item.where}: ${item.problem}`)
    }
    const newest = found.at(-1)
    if (found.length > 1) {
      const places = found.map(({ where }) => printable(where)).join(', ')
      terminal.say(
        `${printable(runId)} is there ${found.length} times (${places}); this is the last`,
      )
    }
    if (newest !== undefined) return { item: newest, ...(await knownBeside(newest, reader)) }
    for (const problem of elsewhere) terminal.say(printable(problem))
    await refuseUnknownNames(reader, selection, [])
    throw new RivetOtelError('NOT_FOUND', `run ${printable(runId)} is gone from ${reader.location}`)
  } finally {
    await reader.close()
  }
}

async function knownBeside(item: RunFound, reader: RunReader): Promise<Omit<FoundRun, 'item'>> {
  if (item.kind === 'unjournaled') return { next: await nextRun(reader, item.run) }
  if (item.kind !== 'journal') return {}
  const { run_id: runId, export_name: exportName } = item.journal
  return { record: await reader.record({ runId, exportName }) }
}
