/** Why a command could not be started: in the words of a shell, and with its exit codes. */
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import type { CommandEnd } from './run-command.js'

const NOT_FOUND = 127
const NOT_STARTED = 126
/** What Windows starts by its shell alone, and Node therefore not at all. */
const BATCH_FILE = /\.(?:cmd|bat)$/i

/**
 * The end of a command that never began.
 *
 * @param code of the error: `ENOENT`, `EACCES` …
 * @param platform that it was to run on, as `process.platform` names it
 * @example
 * notStarted('./nightly.sh', 'EACCES') // { exitCode: 126, problem: 'nightly.sh: not executable' }
 */
export function notStarted(
  program: string,
  code = 'an error',
  platform: NodeJS.Platform = process.platform,
): CommandEnd {
  const name = programName(program)
  if (program === '') return { exitCode: NOT_FOUND, problem: 'the command is an empty text' }
  if (platform === 'win32' && BATCH_FILE.test(program)) {
    const problem = `${name}: only a shell starts such a file; expected: cmd /c ${name}`
    return { exitCode: NOT_STARTED, problem }
  }
  if (code === 'ENOENT' && isPath(program) && existsSync(program)) {
    const problem = `${name}: its interpreter, or a library that it needs, was not found`
    return { exitCode: NOT_STARTED, problem }
  }
  if (code === 'ENOENT')
    return { exitCode: NOT_FOUND, problem: `${name}: command not found${advice(name, platform)}` }
  if (code === 'EACCES') return { exitCode: NOT_STARTED, problem: `${name}: not executable` }
  return { exitCode: NOT_STARTED, problem: `${name}: could not be started (${code})` }
}

/**
 * The name of a program, without its folder. Where somebody took a shell's `TOKEN=… command` for a
 * command, the value is not in it.
 *
 * @example
 * programName('/usr/local/bin/rivet') // 'rivet'
 */
export function programName(program: string): string {
  return basename(program).replace(/=[\s\S]*/, '=…')
}

/** Only what is no path is looked for in PATH. */
function isPath(program: string): boolean {
  return basename(program) !== program
}

function advice(name: string, platform: NodeJS.Platform): string {
  if (name.endsWith('=…')) return '; variables go in front of rivet-otel, or after env'
  return platform === 'win32' ? `; if it is a .cmd or .bat file: cmd /c ${name}` : ''
}
