/** The options of `rivet-otel export`. What it does is loaded only when it runs. */
import type { Command } from 'commander'
import type { ExitCodeValue } from './exit-code.js'
import { locations } from './locations-help.js'
import { collect, delivering, reading, selecting, sendingTo } from './option-groups.js'
import { optionsLater } from './options-later.js'
import type { Terminal } from './terminal.js'

/**
 * Adds the command; `finish` is told its exit code.
 *
 * @example
 * addExport(program, terminal, finish)
 */
export function addExport(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCodeValue) => void,
): void {
  const command = program
    .command('export')
    .summary('send runs as traces')
    .description(
      'Sends runs as traces: to an OTLP endpoint, or into a file of OTLP JSON lines, to which it adds what is missing. An endpoint cannot be asked what it has, so a ledger remembers it. Without a selection every run is sent that is not there already.',
    )
  optionsLater(command, () => {
    sendingTo(selecting(reading(command)))
      .option('--dry-run', 'say what would be sent, send nothing')
      .option('--json', 'print the outcome as JSON')
      .option(
        '--verify [location]',
        'read back what was sent and compare: the file, or jaeger+http(s)://… or tempo+http(s)://… behind the endpoint',
      )
      .option('--read-header <name=value>', 'like --header, for reading back', collect)
      .option('--tenant <name>', 'the header X-Scope-OrgID, for sending and for reading back')
      .option('--wait <time>', 'how long --verify waits for what is not there yet (default 10s)')
    delivering(command)
      .option('--no-ledger', 'remember nothing: the endpoint gets every run again')
      .option(
        '--threads <n>',
        'threads that read and map journals beside this one, of a file (default 1 from 32 MB on, none at 500 traces a second)',
      )
      .option('--again', 'send also what the ledger says is there, or was given up')
      .addHelpText(
        'after',
        () => `${locations()}

Examples:
  $ rivet-otel export --all --to traces.otlp.jsonl
  $ rivet-otel export --export orders --since 7d --to http://localhost:4318
  $ rivet-otel export --to https://otlp.example.com --header 'authorization=$OTLP_TOKEN'
  $ rivet-otel export --to http://localhost:4318 --verify tempo+http://localhost:3200
  $ rivet-otel export --redact query,errors --redact-pattern '\\d{16}' --redact-key @redaction.key`,
      )
      .action(async (options) => {
        const { exportTraces } = await import('./commands/export.js')
        finish(await exportTraces(options, terminal))
      })
  })
}
