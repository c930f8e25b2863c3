/** A small terminal that remembers what was printed, for tests of a command without a process. */
import type { Terminal } from '../../../src/cli/terminal.js'

/** A terminal, and what it has been told. */
export interface RecordedTerminal extends Terminal {
  /** What was printed on stdout. */
  stdout(): string
  /** What was said on stderr. */
  stderr(): string
}

/** A terminal without colours, of any width. */
export function recordedTerminal(env: Readonly<Record<string, string>> = {}): RecordedTerminal {
  let printed = ''
  let said = ''
  return {
    env,
    cwd: process.cwd(),
    stdin: (async function* () {})(),
    columns: 110,
    isInteractive: false,
    hasColors: false,
    print: async (text) => {
      printed += text
    },
    say: (text) => {
      said += `${text}\n`
    },
    showProgress: () => {},
    untilStopped: (work) => work(new AbortController().signal),
    surviveErrors: () => {},
    end: () => {},
    stdout: () => printed,
    stderr: () => said,
  }
}
