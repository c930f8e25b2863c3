/** The options of `rivet-otel exec`. What it does is loaded only when it runs. */
import type { Command } from 'commander'
import { defaultLocation } from './locations-help.js'
import { delivering, reading, sendingTo } from './option-groups.js'
import { optionsLater } from './options-later.js'
import type { Terminal } from './terminal.js'

/**
 * Takes the command line apart where the command begins that `exec` is to run: nothing behind `--` is
 * ours to read.
 *
 * @returns `wrapped` is absent where there is no `--`, or another command than `exec`.
 * @example
 * wrappedCommand(['exec', '--join', '--', 'rivet', 'run'])
 * // { own: ['exec', '--join'], wrapped: ['rivet', 'run'] }
 */
export function wrappedCommand(args: readonly string[]): {
  readonly own: readonly string[]
  readonly wrapped?: readonly string[]
} {
  const at = args.indexOf('--')
  if (args[0] !== 'exec' || at === -1) return { own: args }
  return { own: args.slice(0, at), wrapped: args.slice(at + 1) }
}

/**
 * Adds the command; `finish` is told its exit code.
 *
 * @param wrapped what it is to run
 * @example
 * addExec(program, terminal, finish, ['rivet', 'run'])
 */
export function addExec(
  program: Command,
  terminal: Terminal,
  finish: (code: number) => void,
  wrapped?: readonly string[],
): void {
  const command = program
    .command('exec')
    .usage('[options] -- COMMAND [ARG…]')
    .argument('[before...]')
    .summary('run a command, and send the runs and loads that it left')
    .description(
      'Runs a command as if it ran alone: its output, input, signals and exit code are untouched. Then sends the runs that came into the state database meanwhile, the loads of these runs and those that finished meanwhile, and a span of the command with links to the runs. It is a child of the span in TRACEPARENT, and the command gets its own place in TRACEPARENT. Whatever goes wrong with sending is said on stderr, in a line or two, and changes no exit code; the next export sends what this could not.',
    )
  optionsLater(command, () => {
    sendingTo(reading(command))
      .option('--join', "put the runs into the command's trace, as children of its span")
      .option('--dry-run', 'run the command, say what would be sent, send nothing')
      .option('--tenant <name>', 'the header X-Scope-OrgID')
    delivering(command)
      .option('--no-ledger', 'remember nothing: the next export sends these runs again')
      .showHelpAfterError('(what is to be run goes after --: rivet-otel exec -- rivet run)')
      .addHelpText(
        'after',
        () => `
State databases:    ./.rivet_state.db, postgres://…${defaultLocation()}
                    Where the command is rivet itself, the one beside its own
                    -c/--config.

Exit codes: those of the command, and the signal that ended it; 127 it was not
            found, 126 it could not be started; 2 wrong use, and then it was not
            run.

Examples:
  $ rivet-otel exec -- rivet run --config etl/rivet.yaml
  $ rivet-otel exec --to http://localhost:4318 --join -- rivet run --config etl/rivet.yaml --export orders
  $ rivet-otel exec -c etl/rivet.yaml --to http://localhost:4318 -- ./nightly.sh`,
      )
      .action(async (before: readonly string[], options) => {
        const { exec } = await import('./commands/exec.js')
        finish(await exec(before.length > 0 ? [] : (wrapped ?? []), options, terminal))
      })
  })
}
