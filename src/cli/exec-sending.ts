/** The part of `exec` that comes after the command: it reads what came, and sends it. */
import { type ExportedAfter, exportAfter } from '../bridge/exec/export-after.js'
import type {
  CommandPeriod,
  RunsLeft,
  StateAroundCommand,
} from '../bridge/exec/state-around-command.js'
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
  /** When the command ran. */
  readonly period: CommandPeriod
  /** Absent where its span is not to be recorded. */
  readonly command: ExecutedCommand | undefined
  readonly report: ExecReport
}

/** How long the state database is waited for after the command. */
const STATE_WITHIN_MS = 10_000
const BY_THEIR_TIMES =
  'the state database could not be read before the command, so its runs are told by their times'

/**
 * Sends the runs and the command's span, and tells the report what went wrong.
 *
 * @throws {RivetOtelError} where the target cannot be used at all.
 * @example
 * await sendAfter({ options, setup, state, period, command, report }, terminal)
 */
export async function sendAfter(sending: ExecSending, terminal: Terminal): Promise<void> {
  const { options, state, report, command } = sending
  try {
    const left = await runsLeft(sending)
    const isNothing = left === undefined || (left.runIds.length === 0 && !left.hasLoads)
    if (command === undefined && isNothing) return
    const after = await exportLeft(sending, left, terminal)
    if (options.dryRun) report.wouldSend(after)
    else report.sent(after)
  } finally {
    await state?.close()
  }
}

/** What is wrong with the state database costs the command's span nothing. */
async function runsLeft(sending: ExecSending): Promise<RunsLeft | undefined> {
  const { state, period, report } = sending
  if (state === undefined) return undefined
  try {
    const left = await state.runsLeft(period, STATE_WITHIN_MS)
    if (state.problem !== undefined) report.failed(BY_THEIR_TIMES, state.problem)
    return left
  } catch (error) {
    // A database without journals: no run has ended yet.
    const isBegun = error instanceof RivetOtelError && error.isNotYet
    if (!isBegun) report.failed('no runs were sent', error)
    return undefined
  }
}

async function exportLeft(
  { options, setup, command, report }: ExecSending,
  left: RunsLeft | undefined,
  terminal: Terminal,
): Promise<ExportedAfter> {
  const { namespace, resource, redaction } = setup
  const quiet = { ...terminal, say: (text: string) => report.warn(text.trim()) }
  const patience = new Patience(setup.patienceMs)
  try {
    // That a request is tried again is nothing to tell; that it was of no use is.
    const use = { signal: patience.signal, onRetry: () => {} }
    const target = await openTarget(options, quiet, use)
    const delivery = await remembered(target, options, quiet)
    const direct = options.dryRun ? new DryRun(target.delivery) : target.delivery
    const to = { delivery, direct, namespace, resource, redaction, signal: patience.signal }
    try {
      const isJoined = options.join ?? false
      const onProgress = () => patience.renew()
      return await exportAfter({ ...to, left, command, isJoined, onProgress })
    } finally {
      await delivery.close()
    }
  } finally {
    patience.end()
  }
}

/** A signal that comes when nothing has got anywhere for so long. */
class Patience {
  readonly #ending = new AbortController()
  readonly #timer: NodeJS.Timeout

  constructor(ms: number) {
    this.#timer = setTimeout(() => this.#ending.abort(), ms)
  }

  get signal(): AbortSignal {
    return this.#ending.signal
  }

  renew(): void {
    this.#timer.refresh()
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}
