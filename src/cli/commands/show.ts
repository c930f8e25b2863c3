/** `rivet-otel show RUN_ID`: one run, by the four questions. */
import { type NextRun, nextRun } from '../../bridge/next-run.js'
import type { RunItem, RunReader } from '../../bridge/run-reader.js'
import { journalToJson } from '../../journal/codec.js'
import type { RunJournal } from '../../journal/run-journal.js'
import { type JsonObject, stringifyJson } from '../../json/lossless.js'
import type { BrokenRun, RedactedRun } from '../../mapping/imported-run.js'
import type { InterruptedTrace } from '../../mapping/interrupted-trace.js'
import { RivetOtelError } from '../../problem.js'
import type { RunRecord } from '../../state/run-record.js'
import type { UnjournaledRun } from '../../state/unjournaled-run.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import { refuseUnknownNames } from '../known-names.js'
import { openReader } from '../open-reader.js'
import type { ReadingOptions } from '../places.js'
import type { ServerOptions } from '../server-options.js'
import { shownJournal } from '../shown-journal.js'
import { shownRecords } from '../shown-records.js'
import type { Terminal } from '../terminal.js'
import type { ShowOptions as ViewOptions } from '../view/section-look.js'
import { showFragment, showRedacted, showRun } from '../view/show.js'
import { interruptedTraceJson, showInterruptedTrace } from '../view/show-interrupted-trace.js'
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
  const found = await findRun(runId, options, terminal)
  const showing: Showing = {
    isJson: options.json === true,
    terminal,
    look: {
      width: terminal.columns ?? WIDTH_WITHOUT_TERMINAL,
      color: terminal.hasColors,
      unicode: true,
      allFiles: options.files === true,
    },
  }
  const { item } = found
  switch (item.kind) {
    case 'unreadable':
      throw new RivetOtelError('INVALID_JOURNAL', `${item.where}: ${item.problem}`)
    case 'broken':
      await terminal.print(fragmentText(item.run, showing))
      return ExitCode.NOT_ALL_WELL
    case 'unjournaled':
      await terminal.print(unjournaledText(item.run, found.next, showing))
      return ExitCode.DONE
    case 'interrupted':
      await terminal.print(interruptedText(item.trace, showing))
      return ExitCode.DONE
    case 'redacted':
      await terminal.print(redactedText(item.run, showing))
      return ExitCode.DONE
    case 'journal':
      await terminal.print(journalText(item.journal, found.record, showing))
      return ExitCode.DONE
  }
}

/** How something is shown. */
interface Showing {
  readonly isJson: boolean
  readonly terminal: Terminal
  readonly look: ViewOptions
}

function fragmentText(run: BrokenRun, { isJson, look }: Showing): string {
  if (!isJson) return showFragment({ ...run, fragment: shownJournal(run.fragment) }, look)
  throw new RivetOtelError(
    'INVALID_TRACE',
    `run ${printable(run.runId)} is ${run.status}: ${run.reasons.map(printable).join('; ')}`,
  )
}

function unjournaledText(
  run: UnjournaledRun,
  next: NextRun | undefined,
  { isJson, terminal, look }: Showing,
): string {
  const shown = shownRecords({ run, next })
  if (!isJson) return showUnjournaled(shown.run, shown.next, look)
  const json = jsonText(unjournaledJson(shown.run, shown.next))
  if (json !== jsonText(unjournaledJson(run, next))) sayMasked(run.runId, terminal)
  return json
}

function interruptedText(trace: InterruptedTrace, { isJson, look }: Showing): string {
  const shown = shownRecords(trace)
  return isJson ? jsonText(interruptedTraceJson(shown)) : showInterruptedTrace(shown, look)
}

function redactedText(run: RedactedRun, { isJson, terminal, look }: Showing): string {
  const journal = shownJournal(run.journal)
  if (!isJson) return showRedacted({ ...run, journal }, look)
  sayRedacted(run, terminal)
  return jsonText(journalToJson(journal))
}

function journalText(
  journal: RunJournal,
  record: RunRecord | undefined,
  { isJson, terminal, look }: Showing,
): string {
  const shown = shownJournal(journal)
  if (!isJson) return showRun(shown, look, record === undefined ? undefined : shownRecords(record))
  if (shown !== journal) sayMasked(journal.run_id, terminal)
  return jsonText(journalToJson(shown))
}

function jsonText(json: JsonObject): string {
  return `${printableJson(stringifyJson(json))}\n`
}

function sayMasked(runId: string, terminal: Terminal): void {
  terminal.say(`${printable(runId)}: passwords in it are not shown`)
}

function sayRedacted({ runId, reasons }: RedactedRun, terminal: Terminal): void {
  terminal.say(`${printable(runId)}: redacted: ${reasons.map(printable).join('; ')}`)
}

/** A run, whole or in part, or what is wrong with it. */
type FoundItem = Exclude<RunItem, { readonly kind: 'unseen' }>

/** A run, and what its place knows beside it. */
interface FoundRun {
  readonly item: FoundItem
  /** What came after a run that was interrupted. */
  readonly next?: NextRun | undefined
  /** What is known of a run beside its journal. */
  readonly record?: RunRecord | undefined
}

async function findRun(runId: string, options: ShowOptions, terminal: Terminal): Promise<FoundRun> {
  const { reader } = await openReader(options, terminal)
  try {
    const selection = { runIds: [runId] }
    const found: FoundItem[] = []
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

async function knownBeside(item: FoundItem, reader: RunReader): Promise<Omit<FoundRun, 'item'>> {
  if (item.kind === 'unjournaled') return { next: await nextRun(reader, item.run) }
  if (item.kind !== 'journal') return {}
  const { run_id: runId, export_name: exportName } = item.journal
  return { record: await reader.record({ runId, exportName }) }
}
