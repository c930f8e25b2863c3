/**
 * Runs a command in this process's place: with its standard input, output and error, and its signals.
 *
 * It knows nothing of runs and traces. No byte of the command's goes through here, and no shell: the
 * words reach the command as they are.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { notStarted } from './not-started.js'
import { passSignalsOn } from './pass-signals-on.js'

/** How a command ended. */
export interface CommandEnd {
  /** As a shell would say it: 128 and the signal's number, 127 not found, 126 could not be started. */
  readonly exitCode: number
  /** Where a signal ended it. */
  readonly signal?: NodeJS.Signals
  /** Why it could not be started; names the program without its folder and arguments. */
  readonly problem?: string
}

const BY_SIGNAL = 128

/**
 * Starts a command in the working folder, and waits for its end. From then on this process ignores
 * the signals that it passed on before.
 *
 * @param words the program and its arguments; one word at least.
 * @param files the open files that it is to have beside its standard ones, as `inheritedFiles` finds them.
 * @example
 * const { exitCode, signal } = await runCommand(['rivet', 'run'], process.env)
 */
export async function runCommand(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  files: readonly number[] = [],
): Promise<CommandEnd> {
  const [program = '', ...args] = words
  const stdio = Array.from({ length: Math.max(2, ...files) + 1 }, (_, fd) =>
    fd <= 2 || files.includes(fd) ? 'inherit' : 'ignore',
  )
  try {
    return await endOf(passSignalsOn(() => spawn(program, args, { env, stdio })))
  } catch (error) {
    return notStarted(program, (error as NodeJS.ErrnoException).code)
  }
}

function endOf(child: ChildProcess): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    child.on('exit', (exitCode, signal) => {
      if (signal === null) resolve({ exitCode: exitCode ?? 0 })
      else resolve({ exitCode: BY_SIGNAL + constants.signals[signal], signal })
    })
    // Of one that runs, only a signal could not be passed on: it belongs to another user, as sudo does.
    child.on('error', (error) => child.pid === undefined && reject(error))
  })
}
