/** `report` as the command line has it. What it does is loaded only when it runs. */
import type { Command } from 'commander'
import type { ExitCodeValue } from './exit-code.js'
import { locations } from './locations-help.js'
import { fromServer, OF_THIS_NAMESPACE, reading, redacting } from './option-groups.js'
import { optionsLater } from './options-later.js'
import type { Terminal } from './terminal.js'

/**
 * Adds the command.
 *
 * @param finish is told the exit code
 * @example
 * addReport(program, terminal, (code) => { process.exitCode = code })
 */
export function addReport(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCodeValue) => void,
): void {
  const command = program
    .command('report')
    .argument('[run]', 'a run_id, its beginning, @latest, orders@latest', '@latest')
    .usage('[options] [run]')
    .summary('write one run as a page of HTML')
    .description(
      'Writes one run as a single file of HTML that opens from disk, asks no network for anything and can be attached to a ticket: what failed and why, which chunk was slowest, the time line, files, warnings, SQL, and the runs before it. Prints the name of the file.',
    )
  optionsLater(command, () => {
    reading(command)
      .option(
        '--to <file>',
        'what to write, - for standard output (default: rivet-report-<run_id>.html in this folder)',
      )
      .option('--force', 'overwrite the file')
      .option(
        '--before <n>',
        'how many runs before it are shown beside it (default 30, 0 for none)',
      )
      .option('--namespace <name>', OF_THIS_NAMESPACE)
    fromServer(redacting(command))
      .addHelpText(
        'after',
        () => `${locations()}

Examples:
  $ rivet-otel report
  $ rivet-otel report orders@latest --to orders.html --force
  $ rivet-otel report orders_20261121T085339.134_11188 --redact query,keys --from tempo+http://localhost:3200`,
      )
      .action(async (run: string, options) => {
        const { report } = await import('./commands/report.js')
        finish(await report(run, options, terminal))
      })
  })
}
