/**
 * Typing into real shells: a pseudo-terminal, a line with tabs in it, and what the shell then runs.
 *
 * A program named rivet-otel is first in PATH. Asked by a completion script it is the built command
 * line; run by the shell it writes down the arguments it was given.
 */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CLI } from './command-line.js'

/** The shells that lines can be typed into. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const

/** One of them. */
export type Shell = (typeof SHELLS)[number]

const PROMPT = 'READY>'
const STARTS: Readonly<Record<Shell, string>> = {
  bash: 'bash --noprofile --norc -i',
  zsh: 'zsh -f -i',
  fish: 'fish --no-config -i',
}
const SETTINGS: Readonly<Record<Shell, string>> = {
  bash: `PS1='${PROMPT}'; bind 'set bell-style none'; source completion.bash`,
  zsh: `autoload -Uz compinit; compinit -u -D; source completion.zsh; unsetopt beep; PS1='${PROMPT}'`,
  fish: `source completion.fish; function fish_prompt; echo '${PROMPT}'; end`,
}

/** Whether a shell, and a pseudo-terminal for it, are on this machine. */
export function isHere(shell: Shell): boolean {
  return (
    process.platform === 'linux' &&
    spawnSync('script', ['--version']).status === 0 &&
    spawnSync(shell, ['--version']).status === 0
  )
}

/** What the shell ran, and all that its terminal showed. */
export interface Typed {
  /** The arguments of each rivet-otel that the shell ran. */
  readonly ran: readonly (readonly string[])[]
  readonly screen: string
}

/** Types lines into a shell in a folder; `\t` is the key Tab, and each line is followed by Enter. */
export async function type(shell: Shell, folder: string, lines: readonly string[]): Promise<Typed> {
  const recorded = prepare(shell, folder)
  const child = spawn('script', ['-qec', STARTS[shell], '/dev/null'], {
    cwd: folder,
    env: {
      PATH: `${join(folder, 'bin')}:${process.env.PATH ?? ''}`,
      HOME: join(folder, 'home'),
      TERM: 'xterm',
      LC_ALL: 'C.UTF-8',
      // What is late is left out, and this machine may be busy.
      RIVET_OTEL_COMPLETION_MS: '20000',
    },
  })
  let screen = ''
  let seen = 0
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text
  })
  const ended = new Promise((resolve) => child.on('close', resolve))
  const prompt = async () => {
    while (screen.indexOf(PROMPT, seen) === -1)
      await new Promise((resolve) => setTimeout(resolve, 20))
    seen = screen.lastIndexOf(PROMPT) + PROMPT.length
  }
  child.stdin.write(
    `${SETTINGS[shell].replace(PROMPT, `${PROMPT.slice(0, 2)}''${PROMPT.slice(2)}`)}\r`,
  )
  await prompt()
  for (const line of lines) {
    child.stdin.write(`${line}\r`)
    await prompt()
  }
  child.stdin.write('exit\r')
  await ended
  const ran = existsSync(recorded) ? readFileSync(recorded, 'utf8').trim().split('\n') : []
  return { ran: ran.map((line) => JSON.parse(line)), screen }
}

function prepare(shell: Shell, folder: string): string {
  const recorded = join(folder, 'ran.jsonl')
  const program = join(folder, 'bin', 'rivet-otel')
  rmSync(recorded, { force: true })
  const { stdout } = spawnSync(process.execPath, [CLI, 'completion', shell])
  writeFileSync(join(folder, `completion.${shell}`), stdout)
  writeFileSync(
    program,
    `#!${process.execPath}
const { appendFileSync } = require('node:fs')
const args = process.argv.slice(2)
if (args[0] === '__complete') import(${JSON.stringify(CLI)})
else appendFileSync(${JSON.stringify(recorded)}, JSON.stringify(args) + '\\n')
`,
  )
  chmodSync(program, 0o755)
  return recorded
}
