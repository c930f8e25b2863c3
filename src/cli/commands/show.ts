/** `rivet-otel show RUN_ID`: one run, by the four questions. */

import { journalToJson } from '../../journal/codec.js'
import type { RunJournal } from '../../journal/run-journal.js'
import { type JsonObject, stringifyJson } from '../../json/lossless.js'
import type { BrokenRun, RedactedRun } from '../../mapping/imported-run.js'
import type { InterruptedTrace } from '../../mapping/interrupted-trace.js'
import { RivetOtelError } from '../../problem.js'
import type { NextRun } from '../../state/next-run.js'
import type { RunRecord } from '../../state/run-record.js'
import type { UnjournaledRun } from '../../state/unjournaled-run.js'
import { shownJournal } from '../../view/shown-journal.js'
import { shownRecords } from '../../view/shown-records.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import { findRun } from '../find-run.js'
import { openReader } from '../open-reader.js'
import type { ReadingOptions } from '../places.js'
import type { ServerOptions } from '../server-options.js'
import type { Terminal } from '../terminal.js'
import { showsUnicode } from '../unicode-terminal.js'
import { printable, printableJson } from '../view/printable.js'
import type { ShowOptions as ViewOptions } from '../view/section-look.js'
import { showFragment, showRedacted, showRun } from '../view/show.js'
import { interruptedTraceJson, showInterruptedTrace } from '../view/show-interrupted-trace.js'
import { showUnjournaled } from '../view/show-unjournaled.js'
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
  const { reader } = await openReader(options, terminal)
  const found = await findRun(reader, runId, terminal).finally(() => reader.close())
  const showing: Showing = {
    isJson: options.json === true,
    terminal,
    look: {
      width: terminal.columns ?? WIDTH_WITHOUT_TERMINAL,
      color: terminal.hasColors,
      unicode: showsUnicode(terminal.env),
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
      await terminal.print(redactedText(item.run, found.record, showing))
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

function redactedText(
  run: RedactedRun,
  record: RunRecord | undefined,
  { isJson, terminal, look }: Showing,
): string {
  const journal = shownJournal(run.journal)
  if (!isJson) return showRedacted({ ...run, journal }, look, record && shownRecords(record))
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
