/** The command line in this process, with streams of its own: for tests of very many lines. */
import { PassThrough } from 'node:stream'
import { main } from '../../src/cli/main.js'
import { processTerminal } from '../../src/cli/terminal.js'
import type { Finished } from './command-line.js'

/** How long a watch goes on after it said something, in ms. */
const WATCHED_MS = 50

/**
 * Runs one command. A watch or a server is ended soon after it said something. What reads files by relative names
 * finds them only where the process itself is in `cwd`.
 */
export async function runHere(
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: Readonly<Record<string, string>> },
): Promise<Finished> {
  const said = { stdout: '', stderr: '' }
  let stop: (() => void) | undefined
  const stream = (name: 'stdout' | 'stderr') =>
    new PassThrough().on('data', (text: Buffer) => {
      said[name] += String(text)
      if (args[0] === 'watch' || args[0] === 'serve') setTimeout(() => stop?.(), WATCHED_MS)
    })
  const surroundings = {
    env: { HOME: cwd, ...env },
    stdin: (async function* () {})(),
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    cwd: () => cwd,
    on: (_: string, listener: () => void) => {
      stop = listener
    },
    off: () => {
      stop = undefined
    },
    // A second signal: the first one was enough. The end of exec: others are still to run.
    exit: () => {},
  }
  const before = new Map(process.eventNames().map((name) => [name, process.rawListeners(name)]))
  const code = await main(args, processTerminal(surroundings as unknown as NodeJS.Process))
  forgetListeners(before)
  return { code, ...said }
}

/** A process of its own would have ended now, and with it whatever listened to its signals. */
function forgetListeners(before: ReadonlyMap<string | symbol, readonly unknown[]>): void {
  for (const name of process.eventNames()) {
    if (!String(name).startsWith('SIG')) continue
    for (const listener of process.rawListeners(name))
      if (!before.get(name)?.includes(listener)) process.off(name, listener as () => void)
  }
}
