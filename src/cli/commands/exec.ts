/**
 * `rivet-otel exec`: runs a command as if it ran alone, and sends the runs that it left.
 *
 * Once the command line is found right, nothing keeps the command from running or changes how it
 * ends: what goes wrong here is said afterwards.
 */
import { randomBytes } from 'node:crypto'
import { exportAfter } from '../../bridge/exec/export-after.js'
import { type RunsLeft, StateAroundCommand } from '../../bridge/exec/state-around-command.js'
import { type CommandEnd, programName, runCommand } from '../../exec/run-command.js'
import { withoutConnectionSecrets } from '../../journal/connection-secrets.js'
import type { ExecutedCommand } from '../../mapping/exec-span.js'
import { RivetOtelError } from '../../problem.js'
import { formatTraceparent, parseTraceparent, type TraceContext } from '../../trace/trace-context.js'
import { ExecReport } from '../exec-report.js'
import { type ExecOptions, type ExecSetup, execSetup } from '../exec-setup.js'
import { remembered } from '../ledger-options.js'
import { openTarget } from '../target.js'
import type { Terminal } from '../terminal.js'

/** How long the command waits for the state database. */
const BEFORE_MS = 2_000
/** How long the state database is waited for after the command. */
const AFTER_MS = 10_000

/**
 * Runs a command, sends what it left, and ends this process as the command ended.
 *
 * @param words the command and its arguments
 * @throws {RivetOtelError} for wrong use; the command was not run then.
 * @example
 * await exec(['rivet', 'run'], { to: 'http://localhost:4318' }, terminal)
 */
export async function exec(
  words: readonly string[],
  options: ExecOptions,
  terminal: Terminal,
): Promise<number> {
  const [program] = words
  if (program === undefined) {
    throw new RivetOtelError('USAGE', 'exec: expected a command after --, and nothing else before it', {
      hint: 'For example: rivet-otel exec --to http://localhost:4318 -- rivet run --config rivet.yaml',
    })
  }
  const name = withoutConnectionSecrets(programName(program))
  const report = new ExecReport(terminal, name)
  const setup = execSetup(words, options, terminal, report)
  const execution = new Execution({ name, setup, options, terminal, report })
  const { exitCode, signal } = await execution.run(words)
  report.print()
  terminal.end(exitCode, signal)
  return exitCode
}

interface ExecutionParts {
  readonly name: string
  /** Absent where nothing can be sent. */
  readonly setup: ExecSetup | undefined
  readonly options: ExecOptions
  readonly terminal: Terminal
  readonly report: ExecReport
}

class Execution {
  readonly #parts: ExecutionParts
  readonly #uncaught: Promise<never>

  constructor(parts: ExecutionParts) {
    this.#parts = parts
    this.#uncaught = new Promise((_, reject) => parts.terminal.surviveErrors(reject))
    this.#uncaught.catch((error) => parts.report.failed('something went wrong', error))
  }

  async run(words: readonly string[]): Promise<CommandEnd> {
    const { setup, terminal, report } = this.#parts
    const around = contextAround(terminal.env, report)
    const context = contextWithin(around)
    const state = setup && (await StateAroundCommand.begin(setup.openState, BEFORE_MS))
    const startUnixNano = now()
    const end = await runCommand(words, environmentFor(terminal.env, context, around))
    if (end.problem !== undefined) report.warn(end.problem)
    const command: ExecutedCommand = {
      context: { traceId: context.traceId, spanId: context.spanId },
      ...(around === undefined ? {} : { parentSpanId: around.spanId }),
      program: this.#parts.name,
      startUnixNano,
      // A run that ended in the same millisecond ended before.
      endUnixNano: now() + NANOS_PER_MS,
      ...(end.signal === undefined ? { exitCode: end.exitCode } : { signal: end.signal }),
    }
    await this.#untilStopped((stopped) =>
      this.#send(context.isSampled ? command : undefined, end.problem === undefined ? state : undefined, startUnixNano, stopped),
    )
    return end
  }

  /** Who ends this process now ends it at once; nothing that is not sent is lost. */
  async #untilStopped(work: (stopped: AbortSignal) => Promise<void>): Promise<void> {
    const { terminal, report } = this.#parts
    try {
      await terminal.untilStopped(async (signal) => {
        const stopped = new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            report.warn('stopped while it was sending; the next rivet-otel export sends the rest')
            resolve()
          })
        })
        await Promise.race([work(signal), stopped, this.#uncaught])
      })
    } catch (error) {
      report.failed('not sent', error)
    }
  }
}
