/** The command `verify`: its options, and what it says of itself. */
import type { Command } from 'commander'
import type { ExitCodeValue } from './exit-code.js'
import { locations } from './locations-help.js'
import { fromServer, reading, redacting, selecting } from './option-groups.js'
import { optionsLater } from './options-later.js'
import type { Terminal } from './terminal.js'

/**
 * Adds `verify`, which reads runs back and compares them; `finish` is told its exit code.
 *
 * @example
 * addVerify(program, terminal, finish)
 */
export function addVerify(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCodeValue) => void,
): void {
  const command = program
    .command('verify')
    .summary('read runs back from where they were sent and compare')
    .description(
      'Reads runs back from where they were sent and compares them with their journals, entry for entry: exact, redacted (the same by the same --redact), incomplete, differs or missing, and why. Exit code 1 when any is neither exact nor redacted.',
    )
  optionsLater(command, () => {
    selecting(reading(command))
      .option(
        '--in <location>',
        'where they were sent: a file, jaeger+http(s)://… or tempo+http(s)://… (default: rivet-traces.otlp.jsonl)',
      )
      .option('--namespace <name>', 'the namespace that they were sent with (RIVET_OTEL_NAMESPACE)')
      .option('--json', 'print the outcome as JSON')
    fromServer(redacting(command))
      .addHelpText(
        'after',
        () => `${locations()}

Examples:
  $ rivet-otel verify --last 20 --in tempo+http://localhost:3200
  $ rivet-otel verify -c etl/rivet.yaml --since 24h --in jaeger+https://jaeger.example.com --header 'authorization=$TOKEN'`,
      )
      .action(async (options) => {
        const { verify } = await import('./commands/verify.js')
        finish(await verify(options, terminal))
      })
  })
}
