/** `rivet-otel report [RUN]`: one run as a file that a browser opens. */
import { resolve } from 'node:path'
import { type OutgoingReader, outgoingReader } from '../../bridge/outgoing-reader.js'
import { readRunView } from '../../bridge/read-run-view.js'
import { RUNS_BEFORE } from '../../bridge/runs-before.js'
import { RivetOtelError } from '../../problem.js'
import { reportHtml } from '../../report/report-html.js'
import { VERSION } from '../../version.js'
import { formatBytes } from '../../view/quantities.js'
import type { RunView } from '../../view/run-view.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import { findRun } from '../find-run.js'
import { openReader } from '../open-reader.js'
import type { ReadingOptions } from '../places.js'
import { type RedactionOptions, redactionPolicy } from '../redaction-options.js'
import { replaceFile } from '../replace-file.js'
import {
  type ReportFileOptions,
  refuseToOverwrite,
  reportFileOf,
  shownPath,
} from '../report-file.js'
import type { ServerOptions } from '../server-options.js'
import type { Terminal } from '../terminal.js'
import { printable } from '../view/printable.js'

/** The options of `report`, as they stand on the command line. */
export type ReportOptions = ReadingOptions &
  ServerOptions &
  RedactionOptions &
  ReportFileOptions & {
    readonly before?: string
    readonly namespace?: string
  }

const STANDARD_OUTPUT = '-'

/**
 * Writes the report of a run, whole or not at all, and prints the name of its file.
 *
 * @throws {RivetOtelError} for wrong use, where the place cannot be read or the file not be written,
 *   and where the run is not there or is no journal.
 * @example
 * await report('orders@latest', { to: 'orders.html' }, terminal)
 */
export async function report(
  reference: string,
  options: ReportOptions,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const policy = redactionPolicy(options, terminal)
  const before = runsBefore(options)
  const { to } = options
  if (to === STANDARD_OUTPUT) refuseScreen(terminal)
  else if (to !== undefined) refuseToOverwrite(to, options, terminal.cwd)

  const { reader } = await openReader(options, terminal)
  const outgoing = outgoingReader(reader, policy)
  const { view, isWhole } = await readView(outgoing, reference, before, terminal)
    .catch((error: unknown) => {
      throw outgoing.saidError(error)
    })
    .finally(() => reader.close())
  const html = await reportHtml(view, { version: VERSION })
  if (to === STANDARD_OUTPUT) await terminal.print(html)
  else await writeReport(view, html, options, terminal)
  // Of a run that left no journal the page says it, and nothing of it is lost.
  if (!isWhole) for (const reason of view.incomplete ?? []) terminal.say(printable(reason))
  return isWhole ? ExitCode.DONE : ExitCode.NOT_ALL_WELL
}

async function readView(
  reader: OutgoingReader,
  reference: string,
  before: number,
  terminal: Terminal,
): Promise<{ view: RunView; isWhole: boolean }> {
  const say = (text: string) => terminal.say(reader.said(text))
  const found = await findRun(reader, reference, { ...terminal, say })
  const view = await readRunView(reader, found, { before })
  const shown = sayingWhatIsGone(view, reader.takenOut(view.summary.run_id))
  return { view: shown, isWhole: found.item.kind !== 'broken' }
}

/** Whoever is handed the report must not take it for all there is. */
function sayingWhatIsGone(view: RunView, redaction: string | undefined): RunView {
  const { summary, banner } = view
  if (redaction === undefined || summary.redaction !== undefined) return view
  const shown = redaction.replaceAll(',', ', ')
  // Passwords are never shown anywhere, so that is nothing that this report lacks.
  const said = redaction === 'passwords' ? null : `REDACTED: taken out of this report: ${shown}.`
  return { ...view, banner: banner ?? said, summary: { ...summary, redaction } }
}

async function writeReport(
  { summary }: RunView,
  html: string,
  options: ReportOptions,
  terminal: Terminal,
): Promise<void> {
  const path = reportFileOf(summary.run_id, options, terminal.cwd)
  refuseToOverwrite(path, options, terminal.cwd)
  await replaceFile(resolve(terminal.cwd, path), [html])
  const size = formatBytes(Buffer.byteLength(html))
  terminal.say(`report of ${printable(summary.run_id)}, ${size}; a browser opens it`)
  await terminal.print(`${shownPath(path)}\n`)
}

/** A page of markup helps nobody there, and a terminal might obey what stands in it. */
function refuseScreen({ isInteractive }: Terminal): void {
  if (!isInteractive) return
  throw new RivetOtelError(
    'USAGE',
    '--to -: standard output is a terminal; a report is for a browser',
    {
      hint: 'Name a file, or pass it on: rivet-otel report --to - >report.html',
    },
  )
}

function runsBefore({ before }: ReportOptions): number {
  if (before === undefined) return RUNS_BEFORE
  if (/^\d{1,3}$/.test(before)) return Number(before)
  throw new RivetOtelError(
    'USAGE',
    `--before ${printable(before)}: expected a whole number of 0 to 999`,
  )
}
