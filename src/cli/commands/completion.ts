/** `rivet-otel completion SHELL`: the script that makes a shell complete lines. */
import { BASH_SCRIPT } from '../completion/bash-script.js'
import { FISH_SCRIPT } from '../completion/fish-script.js'
import { ZSH_SCRIPT } from '../completion/zsh-script.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import type { Terminal } from '../terminal.js'

const SCRIPTS: Readonly<Record<string, string>> = {
  bash: BASH_SCRIPT,
  zsh: ZSH_SCRIPT,
  fish: FISH_SCRIPT,
}

/**
 * Prints the script; it changes no file.
 *
 * @param shell `bash`, `zsh` or `fish`; the command line lets no other one pass
 * @example
 * await completion('fish', terminal)
 */
export async function completion(shell: string, terminal: Terminal): Promise<ExitCodeValue> {
  await terminal.print(SCRIPTS[shell] ?? '')
  return ExitCode.DONE
}
