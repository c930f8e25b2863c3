/** The command `runs`: its options, and what it says of itself. */
import type { Command } from 'commander'
import type { ExitCodeValue } from './exit-code.js'
import { locations } from './locations-help.js'
import { fromServer, OF_THIS_NAMESPACE, reading, selectingMore } from './option-groups.js'
import { optionsLater } from './options-later.js'
import type { Terminal } from './terminal.js'

/**
 * Adds `runs`, which lists runs; `finish` is told its exit code.
 *
 * @example
 * addRuns(program, terminal, finish)
 */
export function addRuns(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCodeValue) => void,
): void {
  const command = program
    .command('runs')
    .summary('list runs')
    .description(
      'Lists runs, the newest last, also those that were killed or are running and left no journal; without a selection the last 20, of a server those of the last week.',
    )
  optionsLater(command, () => {
    selectingMore(reading(command))
      .option(
        '--search <text>',
        'runs with this text, in capitals or not, in their run_id, export, file names, errors or warnings',
      )
      .option('--slower-than <time>', 'runs that took longer: 90s, 5m, 2h')
      .option(
        '--sort <column>',
        'the largest last: started, duration, rows, bytes, files, chunks, retries, longest-chunk, status, export',
      )
      .option('--reverse', 'the other way round')
      .option('--namespace <name>', OF_THIS_NAMESPACE)
      .option('--json', 'print one JSON object a line')
    fromServer(command)
      .addHelpText(
        'after',
        () => `${locations()}

Examples:
  $ rivet-otel runs --export orders --sort duration
  $ rivet-otel runs --all --search 'division by zero'
  $ rivet-otel runs --since 7d --status failed --status interrupted`,
      )
      .action(async (options) => {
        const { runs } = await import('./commands/runs.js')
        finish(await runs(options, terminal))
      })
  })
}
