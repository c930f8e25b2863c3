/** Where a command reads its surroundings and writes its words: everything it has of the process. */
import { constants } from 'node:os'
import { RivetOtelError } from '../problem.js'
import { asciiText } from './ascii-text.js'
import { withoutSaidSecrets } from './said-text.js'
import { showsUnicode } from './unicode-terminal.js'

/** The surroundings of a command. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdin: AsyncIterable<Uint8Array>
  /** How many columns stdout has, or what `COLUMNS` says; `undefined` where neither tells. */
  readonly columns: number | undefined
  /** Whether stdout is a terminal that a person looks at. */
  readonly isInteractive: boolean
  /** Whether stdout shows colours. */
  readonly hasColors: boolean
  /** Writes a result, to stdout; waits where the reader is slow. */
  print(text: string): Promise<void>
  /** Says something to the person at the keyboard, on stderr, without passwords; see {@link withoutSaidSecrets}. */
  say(text: string): void
  /** Shows how far a long command is, on one line that goes away; nothing where stderr is no terminal. */
  showProgress(text: string): void
  /**
   * Does work that goes on until somebody ends it: the first SIGINT or SIGTERM brings the signal, a
   * second one ends the process at once, with 128 and its number.
   */
  untilStopped<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** From now on an error that nobody caught is told, and does not end the process. */
  surviveErrors(tell: (error: unknown) => void): void
  /** Ends the process at once; where a signal is given by that, and by the code where it has no effect. */
  end(code: number, signal?: NodeJS.Signals): void
}

const ERASE_LINE = '\r\u001b[2K'
const FEWEST_COLUMNS = 20
const PROGRESS_EVERY_MS = 100

/**
 * The surroundings of this process.
 *
 * @example
 * await processTerminal(process).print('12 runs sent\n')
 */
export function processTerminal(process: NodeJS.Process): Terminal {
  const { env, stdout, stderr } = process
  const isPlain = !showsUnicode(env)
  const shownOn = ({ isTTY }: { readonly isTTY?: boolean }, text: string) =>
    isPlain && isTTY === true ? asciiText(text) : text
  let progressAt = 0
  let hasProgress = false
  const clearProgress = () => {
    if (hasProgress) stderr.write(ERASE_LINE)
    hasProgress = false
  }
  return {
    env,
    cwd: process.cwd(),
    // Made when it is asked for: few commands read it, and making it takes time.
    get stdin() {
      return process.stdin
    },
    columns: stdout.columns || columnsOf(env.COLUMNS),
    isInteractive: stdout.isTTY === true,
    hasColors: hasColors(env, stdout.isTTY === true),
    print(text) {
      clearProgress()
      return new Promise((resolve, reject) => {
        stdout.write(shownOn(stdout, text), (error) =>
          error ? reject(unwritable(error)) : resolve(),
        )
      })
    },
    say(text) {
      clearProgress()
      stderr.write(`${shownOn(stderr, withoutSaidSecrets(text))}\n`)
    },
    showProgress(text) {
      const now = performance.now()
      if (stderr.isTTY !== true || now - progressAt < PROGRESS_EVERY_MS) return
      progressAt = now
      hasProgress = true
      stderr.write(`${ERASE_LINE}${shownOn(stderr, text)}`)
    },
    untilStopped: (work) => untilStopped(process, work),
    surviveErrors: (tell) => void process.on('uncaughtException', tell),
    end(code, signal) {
      if (signal !== undefined) endBySignal(process, signal)
      process.exit(code)
    },
  }
}

/** Process 1 of a container, for one, is not ended by it. */
function endBySignal(process: NodeJS.Process, signal: NodeJS.Signals): void {
  try {
    // Node ignores some signals and has a use of its own for others; who no longer listens gets the system's.
    process.on(signal, () => {}).removeAllListeners(signal)
  } catch {
    // Nobody can listen to SIGKILL.
  }
  process.kill(process.pid, signal)
}

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

async function untilStopped<T>(
  process: NodeJS.Process,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stopping = new AbortController()
  const stop = (name: NodeJS.Signals) => {
    if (stopping.signal.aborted) process.exit(128 + constants.signals[name])
    stopping.abort()
  }
  for (const name of STOP_SIGNALS) process.on(name, stop)
  try {
    return await work(stopping.signal)
  } finally {
    for (const name of STOP_SIGNALS) process.off(name, stop)
  }
}

function columnsOf(text: string | undefined): number | undefined {
  const columns = /^\d{2,4}$/.test(text ?? '') ? Number(text) : 0
  return columns >= FEWEST_COLUMNS ? columns : undefined
}

/** A reader that went away keeps its own error: it is no failure. */
function unwritable(error: NodeJS.ErrnoException): Error {
  if (error.code === 'EPIPE') return error
  return new RivetOtelError('UNWRITABLE', `standard output cannot be written: ${error.message}`)
}

/** `NO_COLOR` wins over everything, `FORCE_COLOR` over what stdout is. */
function hasColors(env: Terminal['env'], isTerminal: boolean): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0'
  return isTerminal && env.TERM !== 'dumb'
}
