/** `correlate` as the command line has it. */
import type { Command } from 'commander'
import type { ExitCodeValue } from './exit-code.js'
import { locations } from './locations-help.js'
import { fromServer, reading } from './option-groups.js'
import { optionsLater } from './options-later.js'
import type { Terminal } from './terminal.js'

/**
 * Adds the command.
 *
 * @param finish is told the exit code
 * @example
 * addCorrelate(program, terminal, (code) => { process.exitCode = code })
 */
export function addCorrelate(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCodeValue) => void,
): void {
  const command = program
    .command('correlate')
    .argument('[run-id]')
    .usage('[options] <run-id>')
    .summary('find what else happened in the time of a run')
    .description(
      'Finds what else happened in the time of a run, or of one of its chunks, among the spans of other services in a server: what belongs to the same trace first, then what talked to the same database, then the rest, each by how much of the time it took.',
    )
  optionsLater(command, () => {
    command.option(
      '--in <location>',
      'the server with the spans of other services: jaeger+http(s)://… or tempo+http(s)://…',
    )
    reading(command)
      .option(
        '--chunk [index]',
        'only the time of this chunk; without an index, of the longest that did not fail',
      )
      .option('--limit <n>', 'how many groups and spans are listed (default 20)')
      .option(
        '--grafana <url>',
        'the address of a Grafana, to print a page of it with the same search',
      )
      .option('--datasource <uid>', 'what that Grafana calls the server (default tempo or jaeger)')
      .option(
        '--namespace <name>',
        'the namespace that the run was sent with (RIVET_OTEL_NAMESPACE)',
      )
      .option('--json', 'print JSON')
    fromServer(command)
      .addHelpText(
        'after',
        () => `${locations()}

Where --from, -c or the default has no such run, it is read from the server of
--in.

Examples:
  $ rivet-otel correlate orders_20261121T085339.134_11188 --chunk --in tempo+http://localhost:3200
  $ rivet-otel correlate orders_20261121T085339.134_11188 --in jaeger+http://localhost:16686 --json | jq .groups`,
      )
      .action(async (given: string | undefined, options) => {
        // `--chunk RUN_ID`: the option has taken the run_id for its index.
        const isTaken = given === undefined && typeof options.chunk === 'string'
        const runId = isTaken ? options.chunk : given
        if (runId === undefined) command.error("error: missing required argument 'run-id'")
        if (isTaken) options.chunk = true
        const { correlate } = await import('./commands/correlate.js')
        finish(await correlate(runId, options, terminal))
      })
  })
}
