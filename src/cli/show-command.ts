/** The command `show`: its options, and what it says of itself. */
import type { Command } from 'commander'
import type { ExitCodeValue } from './exit-code.js'
import { locations } from './locations-help.js'
import { fromServer, OF_THIS_NAMESPACE, reading } from './option-groups.js'
import { optionsLater } from './options-later.js'
import type { Terminal } from './terminal.js'

/**
 * Adds `show`, which shows one run; `finish` is told its exit code.
 *
 * @example
 * addShow(program, terminal, finish)
 */
export function addShow(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCodeValue) => void,
): void {
  const command = program
    .command('show')
    .argument(
      '<run-id>',
      "a run_id, its beginning, @latest, @latest~1, or an export's orders@latest",
    )
    .summary('show one run')
    .description('Shows one run: what was planned, what happened, what degraded, and how it ended.')
  optionsLater(command, () => {
    reading(command)
      .option('--files', 'list every file')
      .option('--namespace <name>', OF_THIS_NAMESPACE)
      .option('--json', 'print the journal, or what there is of a run that left none')
    fromServer(command)
      .addHelpText('after', locations)
      .action(async (runId, options) => {
        const { show } = await import('./commands/show.js')
        finish(await show(runId, options, terminal))
      })
  })
}
