/** The options of `rivet-otel completion`. What it prints is loaded only when it runs. */
import { Argument, type Command } from 'commander'
import type { ExitCodeValue } from './exit-code.js'
import { optionsLater } from './options-later.js'
import type { Terminal } from './terminal.js'

/**
 * Adds the command; `finish` is told its exit code.
 *
 * @example
 * addCompletion(program, terminal, finish)
 */
export function addCompletion(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCodeValue) => void,
): void {
  const command = program
    .command('completion')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .summary('print what a shell needs to complete lines')
    .description(
      'Prints a script that makes a shell complete commands, options and their values, run ids and names of exports. It changes no file: where it goes is up to you. While a line is completed, state databases and files on this machine are read; no server is asked, and nothing is written.',
    )
  optionsLater(command, () => {
    command
      .addHelpText(
        'after',
        `
In this shell:
  $ source <(rivet-otel completion bash)
  $ source <(rivet-otel completion zsh)
  $ rivet-otel completion fish | source

In every new shell:
  $ echo 'source <(rivet-otel completion bash)' >> ~/.bashrc
  $ echo 'source <(rivet-otel completion zsh)' >> ~/.zshrc      (behind compinit)
  $ rivet-otel completion fish > ~/.config/fish/completions/rivet-otel.fish`,
      )
      .action(async (shell: string) => {
        const { completion } = await import('./commands/completion.js')
        finish(await completion(shell, terminal))
      })
  })
}
