/** The command `import`: its options, and what it says of itself. */
import type { Command } from 'commander'
import type { ExitCodeValue } from './exit-code.js'
import { fromServer, OF_THIS_NAMESPACE, selectingMore } from './option-groups.js'
import { optionsLater } from './options-later.js'
import type { Terminal } from './terminal.js'

/**
 * Adds `import`, which makes journals of traces; `finish` is told its exit code.
 *
 * @example
 * addImport(program, terminal, finish)
 */
export function addImport(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCodeValue) => void,
): void {
  const command = program
    .command('import')
    .summary('make journals of traces')
    .description(
      'Makes run journals of traces. Only runs that came back whole, as rivet wrote them, are written; the others are named. Without a selection it takes every run, of a server those of the last week.',
    )
  optionsLater(command, () => {
    selectingMore(
      command.option(
        '--from <location>',
        'traces: a file, -, jaeger+http(s)://… or tempo+http(s)://… (default: rivet-traces.otlp.jsonl)',
      ),
    )
      .option(
        '--to <file>',
        'journals, one a line; a name that ends in .json gets a list (default: standard output)',
      )
      .option('--force', 'overwrite the file')
      .option('--include-redacted', 'write also journals that their sender took something out of')
      .option('--namespace <name>', OF_THIS_NAMESPACE)
      .option('--json', 'print a report as JSON instead of the journals')
    fromServer(command)
      .addHelpText(
        'after',
        `
Examples:
  $ rivet-otel import --from traces.otlp.jsonl --to journals.jsonl
  $ rivet-otel import --export orders | jq .run_id
  $ rivet-otel import --from tempo+http://localhost:3200 --since 24h --status failed
  $ rivet-otel import --from jaeger+http://localhost:16686 --run-id orders_20261121T085339.134_11188`,
      )
      .action(async (options) => {
        const { importJournals } = await import('./commands/import.js')
        finish(await importJournals(options, terminal))
      })
  })
}
