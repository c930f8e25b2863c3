/** The options of `rivet-otel watch`. What it does is loaded only when it runs. */
import type { Command } from 'commander'
import type { ExitCodeValue } from './exit-code.js'
import { defaultLocation } from './locations-help.js'
import { delivering, reading, sendingTo } from './option-groups.js'
import { optionsLater } from './options-later.js'
import type { Terminal } from './terminal.js'

/**
 * Adds the command; `finish` is told its exit code.
 *
 * @example
 * addWatch(program, terminal, finish)
 */
export function addWatch(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCodeValue) => void,
): void {
  const command = program
    .command('watch')
    .summary('keep sending runs as rivet finishes them')
    .description(
      'Sends what was never sent, and then every run as rivet finishes it, until SIGTERM or Ctrl-C, after which it takes one last look and, after 5 s, nothing more up. The state database and the target may come and go. The ledger (of a file, the file itself) knows what was sent, so a watcher may be started again at any time.',
    )
  optionsLater(command, () => {
    sendingTo(reading(command))
      .option(
        '--since <time>',
        'now: only runs that come from now on; 2026-11-21, 2026-11-21T08:00:00Z, 24h: runs that ended since',
      )
      .option('--every <time>', 'how long between two looks at the state database (default 5s)')
      .option(
        '--listen [address]',
        'serve /metrics, /livez and /readyz there (default 127.0.0.1:9464; without the option nowhere)',
      )
      .option('--dry-run', 'say what would be sent, send nothing')
      .option('--json', 'print one JSON object for each run')
      .option('--quiet', 'print only what is wrong')
      .option('--tenant <name>', 'the header X-Scope-OrgID')
    delivering(command)
      .addHelpText(
        'after',
        () => `
State databases:    ./.rivet_state.db, postgres://…${defaultLocation()}

Exit codes: 0 all was sent; 1 runs were refused or could not be read; 2 wrong
            use; 3 runs wait because the target is not there. A second signal
            ends it at once.

Examples:
  $ rivet-otel watch -c etl/rivet.yaml --to http://localhost:4318
  $ rivet-otel watch --from postgres://reader@db/rivet --every 30s --listen
  $ rivet-otel watch --to traces.otlp.jsonl --quiet`,
      )
      .action(async (options) => {
        const { watch } = await import('./commands/watch.js')
        finish(await watch(options, terminal))
      })
  })
}
