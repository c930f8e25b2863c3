/** The part of `exec` that comes after the command: it reads what came, and sends it. */
import { type ExportedAfter, exportAfter } from '../bridge/exec/export-after.js'
import type { RunsLeft, StateAroundCommand } from '../bridge/exec/state-around-command.js'
import { DryRun } from '../delivery/dry-run.js'
import type { ExecutedCommand } from '../mapping/exec-span.js'
import { RivetOtelError } from '../problem.js'
import type { ExecReport } from './exec-report.js'
import type { ExecOptions, ExecSetup } from './exec-setup.js'
import { remembered } from './ledger-options.js'
import { openTarget } from './target.js'
import type { Terminal } from './terminal.js'

/** What is to be sent. */
export interface ExecSending {
  readonly options: ExecOptions
  readonly setup: ExecSetup
  /** Absent where the command never ran. */
  readonly state: StateAroundCommand | undefined
  readonly startUnixNano: bigint
  /** Absent where its span is not to be recorded. */
  readonly command: ExecutedCommand | undefined
  readonly report: ExecReport
}

/** How long the state database is waited for after the command. */
const STATE_WITHIN_MS = 10_000

/**
 * Sends the runs and the command's span, and tells the report what went wrong.
 *
 * @throws {RivetOtelError} where the target cannot be used at all.
 * @example
 * await sendAfter({ options, setup, state, startUnixNano, command, report }, terminal)
 */
export async function sendAfter(sending: ExecSending, terminal: Terminal): Promise<void> {
  const { options, state, report, command } = sending
  try {
    const left = await runsLeft(sending)
    if (command === undefined && (left?.runIds.length ?? 0) === 0) return
    const exported = await exported_(sending, left, terminal)
    if (options.dryRun) report.wouldSend(exported)
    else report.sent(exported)
  } finally {
    await state?.close()
  }
}

/** What is wrong with the state database costs the command's span nothing. */
async function runsLeft(sending: ExecSending): Promise<RunsLeft | undefined> {
  const { state, startUnixNano, report } = sending
  if (state === undefined) return undefined
  try {
    const left = await state.runsLeft(startUnixNano, STATE_WITHIN_MS)
    if (state.problem !== undefined)
      report.failed('the state database could not be read before the command, so its runs are told by their times', state.problem)
    return left
  } catch (error) {
    // A database without a journal: no run has ended yet.
    if (!(error instanceof RivetOtelError && error.isNotYet)) report.failed('no runs were sent', error)
    return undefined
  }
}
