/** `rivet-otel diff [A] B`: two runs side by side, and whether they differ in what is gated. */
import type { FoundRun } from '../../bridge/known-beside.js'
import { knownBeside } from '../../bridge/known-beside.js'
import { readRunView } from '../../bridge/read-run-view.js'
import type { RunReader } from '../../bridge/run-reader.js'
import { type ReadRun, runsBefore } from '../../bridge/runs-before.js'
import { RivetOtelError } from '../../problem.js'
import { diffRuns } from '../../view/diff-runs.js'
import type { RunView } from '../../view/run-view.js'
import { runSummaryOf, runViewOf } from '../../view/run-view-of.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import { findRun } from '../find-run.js'
import { gatesOf, judgeGates } from '../gates.js'
import { openReader } from '../open-reader.js'
import type { ReadingOptions } from '../places.js'
import type { ServerOptions } from '../server-options.js'
import type { Terminal } from '../terminal.js'
import { showDiff } from '../view/diff.js'
import { jsonLine, printable } from '../view/terminal-text.js'

const WIDTH_WITHOUT_TERMINAL = 120

/** The options of `diff`, as they stand on the command line. */
export type DiffOptions = ReadingOptions &
  ServerOptions & {
    readonly gate?: readonly string[]
    readonly json?: boolean
    readonly namespace?: string
  }

/**
 * Prints how two runs differ; one alone is compared with the run of its export before it.
 *
 * @param references of the earlier and the later run, or of the later one alone
 * @throws {RivetOtelError} for wrong use, where the place cannot be read, and where a run is not there.
 * @example
 * await diff(['orders@latest'], { gate: ['rows=5%'] }, terminal)
 */
export async function diff(
  references: readonly string[],
  options: DiffOptions,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const gates = gatesOf(options.gate ?? [])
  const { reader } = await openReader(options, terminal)
  const found = await comparedRuns(reader, references, terminal).finally(() => reader.close())
  const compared = diffRuns(found.a, found.b, found.between)
  const judged = judgeGates(compared, gates)
  await terminal.print(
    options.json === true
      ? jsonLine({ ...compared, gates: judged })
      : showDiff(compared, judged, {
          width: terminal.columns ?? WIDTH_WITHOUT_TERMINAL,
          color: terminal.hasColors,
        }),
  )
  const holds = judged.every(({ outcome }) => outcome === 'holds')
  return holds ? ExitCode.DONE : ExitCode.NOT_ALL_WELL
}

/** Two runs, and those that lie between them. */
interface ComparedRuns {
  readonly a: RunView
  readonly b: RunView
  /** `null` where it is not known which they are. */
  readonly between: readonly RunView[] | null
}

async function comparedRuns(
  reader: RunReader,
  references: readonly string[],
  terminal: Terminal,
): Promise<ComparedRuns> {
  const [first, second] = references
  if (first === undefined) throw new RivetOtelError('USAGE', 'diff: expected one run or two')
  const one = await findRun(reader, first, terminal)
  return second === undefined
    ? withPredecessor(reader, one, terminal)
    : withEachOther(reader, one, await findRun(reader, second, terminal))
}

async function withPredecessor(
  reader: RunReader,
  found: FoundRun,
  terminal: Terminal,
): Promise<ComparedRuns> {
  const { runs, problems } = await runsBefore(reader, readRunOf(found))
  const predecessor = runs.findLast(leftJournal) ?? runs.at(-1)
  const b = await readRunView(reader, found, { before: 0 })
  if (predecessor === undefined) {
    for (const problem of problems) terminal.say(printable(problem))
    throw new RivetOtelError(
      'USAGE',
      `${reader.location} has no run of ${printable(b.summary.export_name)} before ${printable(b.summary.run_id)}`,
      { hint: 'Name two runs: rivet-otel diff A B.' },
    )
  }
  const passed = runs.length - 1 - runs.indexOf(predecessor)
  if (passed > 0)
    terminal.say(
      `${passed} later run${passed === 1 ? '' : 's'} of the export left no journal; this is the last that did`,
    )
  const known = await knownBeside(reader, predecessor)
  return { a: await readRunView(reader, known, { before: 0 }), b, between: [] }
}

async function withEachOther(
  reader: RunReader,
  first: FoundRun,
  second: FoundRun,
): Promise<ComparedRuns> {
  const a = await readRunView(reader, first, { before: 0 })
  const b = await readRunView(reader, second, { before: 0 })
  if (a.summary.run_id === b.summary.run_id) return { a, b, between: [] }
  const isBackwards = (b.summary.started_at ?? '') < (a.summary.started_at ?? '')
  const earlier = isBackwards ? b : a
  const { runs } = await runsBefore(reader, readRunOf(isBackwards ? first : second))
  const at = runs.findIndex((run) => runSummaryOf(run).run_id === earlier.summary.run_id)
  const between = at === -1 ? null : runs.slice(at + 1).map((item) => runViewOf({ item }))
  return { a, b, between }
}

function readRunOf({ item }: FoundRun): ReadRun {
  if (item.kind === 'unreadable')
    throw new RivetOtelError('INVALID_JOURNAL', `${item.where}: ${item.problem}`)
  return item
}

function leftJournal({ kind }: ReadRun): boolean {
  return kind === 'journal' || kind === 'redacted'
}
