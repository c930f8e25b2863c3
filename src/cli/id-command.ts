/** The command `id`: its options, and what it says of itself. */
import type { Command } from 'commander'
import type { ExitCodeValue } from './exit-code.js'
import { optionsLater } from './options-later.js'
import type { Terminal } from './terminal.js'

/**
 * Adds `id`, which computes the ids of a run's trace; `finish` is told its exit code.
 *
 * @example
 * addId(program, terminal, finish)
 */
export function addId(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCodeValue) => void,
): void {
  const command = program
    .command('id')
    .argument('<run-id>')
    .summary("compute the ids of a run's trace")
    .description("Computes the ids of a run's trace from its run_id alone; reads nothing.")
  optionsLater(command, () => {
    command
      .option(
        '--namespace <name>',
        'the namespace that the run was sent with (RIVET_OTEL_NAMESPACE)',
      )
      .option('--page <n>', 'a later page of a large run')
      .option('--revision <n>', 'a later journal under the same run_id')
      .option('--json', 'print JSON')
      .action(async (runId, options) => {
        const { id } = await import('./commands/id.js')
        finish(await id(runId, options, terminal))
      })
  })
}
