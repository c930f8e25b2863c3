/** `rivet-otel diff [A] B`: two runs side by side, and whether they differ in what is gated. */
import { compareRuns, compareWithPredecessor, readRunOf } from '../../bridge/compare-runs.js'
import type { FoundRun } from '../../bridge/known-beside.js'
import type { RunReader } from '../../bridge/run-reader.js'
import { runsBefore } from '../../bridge/runs-before.js'
import { RivetOtelError } from '../../problem.js'
import type { RunDiff } from '../../view/run-diff.js'
import { runSummaryOf, runViewOf } from '../../view/run-view-of.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import { findRun } from '../find-run.js'
import { gatesOf, judgeGates } from '../gates.js'
import { openReader } from '../open-reader.js'
import type { ReadingOptions } from '../places.js'
import type { ServerOptions } from '../server-options.js'
import type { Terminal } from '../terminal.js'
import { showDiff } from '../view/diff.js'
import { jsonLine, printable } from '../view/printable.js'

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
  const compared = await comparedRuns(reader, references, terminal).finally(() => reader.close())
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

async function comparedRuns(
  reader: RunReader,
  references: readonly string[],
  terminal: Terminal,
): Promise<RunDiff> {
  const [first, second] = references
  if (first === undefined) throw new RivetOtelError('USAGE', 'diff: expected one run or two')
  const found = await findRun(reader, first, terminal)
  if (second === undefined) return withPredecessor(reader, found, terminal)
  const other = await findRun(reader, second, terminal)
  const { diff, problems } = await compareRuns({ reader, found }, { reader, found: other })
  for (const problem of problems) terminal.say(printable(problem))
  return diff
}

async function withPredecessor(
  reader: RunReader,
  found: FoundRun,
  terminal: Terminal,
): Promise<RunDiff> {
  const run = readRunOf(found)
  const before = await runsBefore(reader, run)
  const compared = await compareWithPredecessor(reader, runViewOf({ ...found, item: run }), before)
  for (const problem of before.problems) terminal.say(printable(problem))
  if (compared === undefined) {
    for (const problem of before.unseen) terminal.say(printable(problem))
    const { export_name, run_id } = runSummaryOf(run)
    throw new RivetOtelError(
      'USAGE',
      `${reader.location} has no run of ${printable(export_name)} before ${printable(run_id)}`,
      { hint: 'Name two runs: rivet-otel diff A B.' },
    )
  }
  const { passed, diff } = compared
  if (passed > 0)
    terminal.say(`compared with the last run that left a whole journal, ${passed} before the last`)
  return diff
}
