/** `help` as the command line has it. The topics are loaded only when it runs. */
import type { Command } from 'commander'
import type { ExitCodeValue } from './exit-code.js'
import type { Terminal } from './terminal.js'

/**
 * Adds the command; `finish` is told its exit code.
 *
 * @example
 * addHelp(program, terminal, finish)
 */
export function addHelp(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCodeValue) => void,
): void {
  program
    .helpCommand(false)
    .command('help')
    .argument('[topic]')
    .usage('[command or topic]')
    .summary('print the help of a command, or about a topic')
    .description(
      'Prints the help of a command, or what there is to know about a topic; without either, the list of both.',
    )
    .action(async (topic: string | undefined) => {
      const { help } = await import('./commands/help.js')
      finish(await help(topic, program, terminal))
    })
}
