/** From argv to an exit code: runs the command line and turns whatever goes wrong into one sentence. */
import { CommanderError } from 'commander'
import { RivetOtelError, reasonOf } from '../problem.js'
import { VERSION } from '../version.js'
import { wrappedCommand } from './exec-command.js'
import { ExitCode, exitCodeOf } from './exit-code.js'
import { buildProgram, exitCodeOfUsage } from './program.js'
import { processTerminal, type Terminal } from './terminal.js'
import { printable } from './view/printable.js'

/** In place of a command: what the scripts of `completion` ask. */
const COMPLETE = '__complete'

/**
 * Runs one command of this process; its exit code is one of {@link ExitCode}, of `exec` that of the command it ran.
 *
 * @example
 * process.exitCode = await main(['runs', '--last', '5'])
 */
export async function main(
  args: readonly string[],
  terminal: Terminal = processTerminal(process),
): Promise<number> {
  let code: number = ExitCode.DONE
  const { own, wrapped } = wrappedCommand(args)
  const finish = (finished: number) => {
    code = finished
  }
  const program = buildProgram(VERSION, terminal, finish, wrapped)
  try {
    if (args[0] === COMPLETE) {
      const { complete } = await import('./completion/complete.js')
      await complete(args.slice(1), program, terminal)
      // What was too late is not waited for.
      terminal.end(ExitCode.DONE)
      return ExitCode.DONE
    }
    if (args.length === 0) {
      await terminal.print(program.helpInformation())
      return ExitCode.WRONG_USE
    }
    await program.parseAsync([...own], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return exitCodeOfUsage(error)
    // A reader that goes away early, as `| head` does, is no failure.
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return ExitCode.DONE
    sayError(error, terminal)
    return exitCodeOf(error)
  }
}

function sayError(error: unknown, terminal: Terminal): void {
  terminal.say(`rivet-otel: ${printable(reasonOf(error))}`)
  if (error instanceof RivetOtelError) {
    if (error.hint !== undefined) terminal.say(`  ${printable(error.hint)}`)
    return
  }
  terminal.say('  This is a defect of rivet-otel. RIVET_OTEL_DEBUG=1 prints where it happened.')
  if (terminal.env.RIVET_OTEL_DEBUG && error instanceof Error) terminal.say(error.stack ?? '')
}
