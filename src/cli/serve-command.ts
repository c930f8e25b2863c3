/** The options of `rivet-otel serve`. What it does is loaded only when it runs. */
import type { Command } from 'commander'
import type { ExitCodeValue } from './exit-code.js'
import { locations } from './locations-help.js'
import { collect, fromServer, reading } from './option-groups.js'
import { optionsLater } from './options-later.js'
import type { Terminal } from './terminal.js'

/**
 * Adds the command; `finish` is told its exit code.
 *
 * @example
 * addServe(program, terminal, finish)
 */
export function addServe(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCodeValue) => void,
): void {
  const command = program
    .command('serve')
    .summary('show runs in a browser, and receive traces')
    .description(
      'Serves a local page with the runs of a location, as they come, and receives OTLP over HTTP on the same port: what is sent to /v1/traces is kept in a file and shown too. Only this machine is answered unless told otherwise. Nothing can be changed through the page. SIGTERM or Ctrl-C ends it.',
    )
  optionsLater(command, () => {
    reading(command)
      .option('--listen <address>', 'where to listen: [host:]port (default 127.0.0.1:4318)')
      .option('--to <file>', 'keeps what is received (default: rivet-traces.otlp.jsonl)')
      .option('--no-receive', 'receive nothing, and show no file of what was received')
      .option(
        '--allow-host <name>',
        'a name that this machine is also reached by; may be given several times',
        collect,
      )
      .option('--last <n>', 'list at most the newest n (default 1000)')
      .option('--since <time>', 'list runs that ended since: 2026-11-21, 2026-11-21T08:00:00Z, 24h')
      .option('--all', 'list every run')
      .option('--json', 'print one line of JSON once it listens')
    fromServer(command)
      .addHelpText(
        'after',
        () => `${locations()}

Exit codes: 0 it was told to stop; 2 wrong use, a place that is none,
            or an address that cannot be had.

Examples:
  $ rivet-otel serve                                  the runs of ./.rivet_state.db, and what is sent here
  $ rivet-otel serve -c etl/rivet.yaml --listen 8080
  $ rivet-otel serve --from tempo+http://localhost:3200 --listen 4319 --no-receive
  $ rivet-otel export --to http://localhost:4318      sends runs to a server that listens there`,
      )
      .action(async (options) => {
        const { serve } = await import('./commands/serve.js')
        finish(await serve(options, terminal))
      })
  })
}
