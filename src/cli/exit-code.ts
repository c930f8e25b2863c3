/** The exit codes of every command. */
import { type ProblemCode, RivetOtelError } from '../problem.js'

/** 0 done; 1 something was rejected, lost or differs; 2 wrong use or bad input; 3 unreachable. */
export const ExitCode = { DONE: 0, NOT_ALL_WELL: 1, WRONG_USE: 2, UNREACHABLE: 3 } as const

/** One of {@link ExitCode}. */
export type ExitCodeValue = (typeof ExitCode)[keyof typeof ExitCode]

const UNREACHABLE: readonly ProblemCode[] = ['UNREACHABLE', 'SOURCE_BUSY']

/**
 * The exit code for an error that ended a command.
 *
 * @example
 * exitCodeOf(new RivetOtelError('USAGE', 'no such run')) // 2
 */
export function exitCodeOf(error: unknown): ExitCodeValue {
  if (!(error instanceof RivetOtelError)) return ExitCode.NOT_ALL_WELL
  return UNREACHABLE.includes(error.code) ? ExitCode.UNREACHABLE : ExitCode.WRONG_USE
}
