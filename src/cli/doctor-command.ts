/** The command `doctor`: its options, and what it says of itself. */
import type { Command } from 'commander'
import type { ExitCodeValue } from './exit-code.js'
import { collect, connecting } from './option-groups.js'
import { optionsLater } from './options-later.js'
import type { Terminal } from './terminal.js'

/**
 * Adds `doctor`, which measures a target; `finish` is told its exit code.
 *
 * @example
 * addDoctor(program, terminal, finish)
 */
export function addDoctor(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCodeValue) => void,
): void {
  const command = program
    .command('doctor')
    .summary('measure a target before trusting it')
    .description(
      'Sends a few probe traces and, where they are read back, a burst of 500 more; says in plain words what this target does to runs and which setting mends it.',
    )
  optionsLater(command, () => {
    command
      .option(
        '--to <location>',
        'where runs are to be sent: http(s)://host:4318 (OTEL_EXPORTER_OTLP_ENDPOINT)',
      )
      .option(
        '--in <location>',
        'where they are read back: jaeger+http(s)://… or tempo+http(s)://…',
      )
      .option('--read-header <name=value>', 'like --header, for reading back', collect)
      .option('--tenant <name>', 'the header X-Scope-OrgID, for sending and for reading back')
      .option('--wait <time>', 'how long probes are waited for (default 10s)')
      .option('--burst <n>', 'with --in, traces to send at once (default 500, 0 for none)')
      .option('--dry-run', 'say what would be sent, send nothing')
      .option('--json', 'print the findings as JSON')
    connecting(command)
      .addHelpText(
        'after',
        `
Examples:
  $ rivet-otel doctor --to http://localhost:4318 --in tempo+http://localhost:3200
  $ rivet-otel doctor --to https://otlp.example.com --header 'authorization=$TOKEN'`,
      )
      .action(async (options) => {
        const { doctor } = await import('./commands/doctor.js')
        finish(await doctor(options, terminal))
      })
  })
}
