/**
 * `rivet-otel exec`: runs a command as if it ran alone, and sends the runs that it left.
 *
 * Once the command line is found right, nothing keeps the command from running or changes how it
 * ends: what goes wrong here is said afterwards.
 */
import { randomBytes } from 'node:crypto'
import { type CommandPeriod, StateAroundCommand } from '../../bridge/exec/state-around-command.js'
import { inheritedFiles } from '../../exec/inherited-files.js'
import { programName } from '../../exec/not-started.js'
import { type CommandEnd, runCommand } from '../../exec/run-command.js'
import { withoutConnectionSecrets } from '../../journal/connection-secrets.js'
import type { ExecutedCommand } from '../../mapping/exec-span.js'
import { RivetOtelError } from '../../problem.js'
import {
  formatTraceparent,
  parseTraceparent,
  type TraceContext,
} from '../../trace/trace-context.js'
import { ExecReport } from '../exec-report.js'
import { type ExecSending, sendAfter } from '../exec-sending.js'
import { type ExecOptions, type ExecSetup, execSetup, isWrongUse } from '../exec-setup.js'
import type { Terminal } from '../terminal.js'

/** How long the command waits for the state database. */
const STATE_WITHIN_MS = 2_000
const NANOS_PER_MS = 1_000_000n

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
    throw new RivetOtelError(
      'USAGE',
      'exec: expected the command after --, and no word before it',
      {
        hint: 'For example: rivet-otel exec --to http://localhost:4318 -- rivet run --config rivet.yaml',
      },
    )
  }
  // Before anything else is opened here.
  const files = inheritedFiles()
  const name = withoutConnectionSecrets(programName(program))
  const report = new ExecReport(terminal, name)
  const setup = setupOrProblem(words, options, terminal, report)
  const state = setup && (await StateAroundCommand.begin(setup.openState, STATE_WITHIN_MS))
  const uncaught = new UncaughtErrors(terminal, report)

  const around = contextAround(terminal.env, report)
  const own = contextWithin(around)
  const startUnixNano = now()
  const end = await runCommand(words, environmentOf(terminal.env, own, around), files)
  if (end.problem !== undefined) report.warn(end.problem)
  // What ended in this millisecond ended before.
  const period = { startUnixNano, endUnixNano: now() + NANOS_PER_MS }
  const command = executed(end, { name, own, around, period })
  if (setup !== undefined) {
    const left = end.problem === undefined ? state : undefined
    const sending = { options, setup, state: left, period, command, report }
    await sendUnlessStopped(sending, uncaught, terminal)
  }
  report.print()
  terminal.end(end.exitCode, end.signal)
  return end.exitCode
}

/** Errors that nobody caught are defects, and no reason to end before the command does. */
class UncaughtErrors {
  #tell: (error: unknown) => void

  constructor(terminal: Terminal, report: ExecReport) {
    this.#tell = (error) => report.failed('something went wrong', error)
    terminal.surviveErrors((error) => this.#tell(error))
  }

  /** What is going on may never end now. */
  next(): Promise<never> {
    return new Promise((_, reject) => {
      this.#tell = reject
    })
  }
}

function setupOrProblem(
  words: readonly string[],
  options: ExecOptions,
  terminal: Terminal,
  report: ExecReport,
): ExecSetup | undefined {
  try {
    return execSetup(words, options, terminal)
  } catch (error) {
    if (error instanceof RivetOtelError && isWrongUse(words, options, terminal)) throw error
    report.failed('nothing was sent', error)
    return undefined
  }
}

/** The place in a trace that whoever started this process handed over. */
function contextAround(env: Terminal['env'], report: ExecReport): TraceContext | undefined {
  const { TRACEPARENT: text = '' } = env
  const context = parseTraceparent(text)
  if (context === undefined && text !== '')
    report.warn('TRACEPARENT is no W3C trace context, so a trace of its own was begun')
  return context
}

function contextWithin(around: TraceContext | undefined): TraceContext {
  const spanId = randomId(8)
  return around === undefined
    ? { traceId: randomId(16), spanId, isSampled: true, isRandom: false }
    : { ...around, spanId }
}

/** Random bytes as hexadecimal digits; all zeros is no id. */
function randomId(bytes: number): string {
  const id = randomBytes(bytes)
  return id.every((byte) => byte === 0) ? randomId(bytes) : id.toString('hex')
}

/** TRACESTATE belongs to TRACEPARENT, and goes on with it alone. */
function environmentOf(
  env: Terminal['env'],
  own: TraceContext,
  around: TraceContext | undefined,
): Terminal['env'] {
  const { TRACESTATE, ...others } = env
  const state = around === undefined || TRACESTATE === undefined ? {} : { TRACESTATE }
  return { ...others, ...state, TRACEPARENT: formatTraceparent(own) }
}

interface Execution {
  readonly name: string
  readonly own: TraceContext
  readonly around: TraceContext | undefined
  readonly period: CommandPeriod
}

/** What its span is made of; `undefined` where the trace around it is not recorded. */
function executed(
  { exitCode, signal }: CommandEnd,
  { name, own, around, period }: Execution,
): ExecutedCommand | undefined {
  if (!own.isSampled) return undefined
  return {
    context: { traceId: own.traceId, spanId: own.spanId },
    ...(around === undefined ? {} : { parentSpanId: around.spanId }),
    program: name,
    ...period,
    ...(signal === undefined ? { exitCode } : { signal }),
  }
}

function now(): bigint {
  return BigInt(Date.now()) * NANOS_PER_MS
}

/** Whoever wants this process to end now gets that at once; the runs stay in the state database. */
async function sendUnlessStopped(
  sending: ExecSending,
  uncaught: UncaughtErrors,
  terminal: Terminal,
): Promise<void> {
  const { report } = sending
  const work = (signal: AbortSignal) => {
    const stopped = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        report.warn('stopped before all was sent; the next rivet-otel export sends the rest')
        resolve()
      })
    })
    return Promise.race([sendAfter(sending, terminal), stopped, uncaught.next()])
  }
  try {
    await terminal.untilStopped(work)
  } catch (error) {
    report.failed('nothing was sent', error)
  }
}
