/** `diff` as the command line has it. What it does is loaded only when it runs. */
import type { Command } from 'commander'
import type { ExitCodeValue } from './exit-code.js'
import { locations } from './locations-help.js'
import { collect, fromServer, OF_THIS_NAMESPACE, reading } from './option-groups.js'
import { optionsLater } from './options-later.js'
import type { Terminal } from './terminal.js'

/**
 * Adds the command.
 *
 * @param finish is told the exit code
 * @example
 * addDiff(program, terminal, (code) => { process.exitCode = code })
 */
export function addDiff(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCodeValue) => void,
): void {
  const command = program
    .command('diff')
    .argument('<run>')
    .argument('[later-run]')
    .usage('[options] [A] B')
    .summary('compare two runs')
    .description(
      'Compares two runs, A and the later B: the plan, the schema, rows, bytes, files and times, the chunks whose time moved most, and what failed in one and not in the other. One run alone is compared with the run of the same export before it.',
    )
  optionsLater(command, () => {
    reading(command)
      .option(
        '--gate <what>',
        'exit with 1 where this differs; with commas, or several times: status, plan, schema, failures, rows, bytes, files, chunks, retries, duration, longest-chunk',
        collect,
      )
      .option('--namespace <name>', OF_THIS_NAMESPACE)
      .option('--json', 'print the comparison and the gates as JSON')
    fromServer(command)
      .addHelpText(
        'after',
        () => `${locations()}

Gates: a number may have a tolerance. rows=5% stops where it moved by more than
       that, rows=+100 only where there are more than 100 more, duration=+20% or
       duration=+30s only where it took longer. failures stops at what failed in
       B and not in A, status where B ended otherwise than A and not with
       success. What a run does not say cannot be checked, and stops too.

Exit codes: 0 nothing that is gated differs; 1 a gate stopped; 2 wrong use;
            3 unreachable.

Examples:
  $ rivet-otel diff orders@latest
  $ rivet-otel diff orders@latest~7 orders@latest --gate schema,plan,failures --gate rows=5% --gate duration=+20%
  $ rivet-otel diff @latest --json | jq .differences`,
      )
      .action(async (first: string, second: string | undefined, options) => {
        const { diff } = await import('./commands/diff.js')
        finish(await diff(second === undefined ? [first] : [first, second], options, terminal))
      })
  })
}
