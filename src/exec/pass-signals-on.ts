/**
 * Passes on the signals that this process gets to a command that it runs.
 *
 * What a terminal sends on Ctrl-C it sends to the whole group, and so to the command as well: that is
 * not passed on, or the command would get it twice. SIGTSTP is left alone: this process is to stop
 * with the command, or a shell would not notice.
 */
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { isatty } from 'node:tty'

const PASSED_ON = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGCONT'] as const
const SENT_BY_TERMINALS = ['SIGINT', 'SIGQUIT', 'SIGWINCH'] as const

/**
 * Starts a command and passes signals on for as long as it runs; after that they are ignored, until
 * whoever wants them listens too. A signal that comes while it is being started reaches it too: it
 * may be running before its start comes back.
 *
 * @example
 * const command = passSignalsOn(() => spawn('rivet', ['run'], { stdio: 'inherit' }))
 */
export function passSignalsOn(start: () => ChildProcess): ChildProcess {
  let command: ChildProcess | undefined
  for (const name of PASSED_ON) process.on(name, () => void command?.kill(name))
  for (const name of SENT_BY_TERMINALS)
    process.on(name, () => {
      if (!hearsTerminal()) command?.kill(name)
    })
  command = start()
  return command
}

/**
 * Whether a terminal sends its signals to this process and its children: to the group in its
 * foreground, whatever their input and output are. Only Linux tells which one that is; elsewhere a
 * job that has a terminal is taken for it.
 */
function hearsTerminal(): boolean {
  const stat = ownStat()
  if (stat === undefined) return [0, 1, 2].some((descriptor) => isatty(descriptor))
  // After the program's name, which may hold anything: state, ppid, pgrp, session, tty_nr, tpgid.
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return group === foreground
}

function ownStat(): string | undefined {
  try {
    return readFileSync('/proc/self/stat', 'latin1')
  } catch {
    return undefined
  }
}
