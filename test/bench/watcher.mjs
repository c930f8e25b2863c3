// A `rivet-otel watch` that is running, and how much CPU time it takes while nothing happens.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { cleanEnvironment, endWithUs } from './child.mjs'
import { COMMAND } from './contenders/programs.mjs'

const REPORT = new URL('cpu-on-request.mjs', import.meta.url).href

/**
 * Watches a state database without news, and stops.
 *
 * @param {{ from: string, to: string, cwd: string, settleMs: number, measureMs: number }} watch
 *   `settleMs`: how long its start is left out.
 * @returns {Promise<{ cpuMs: number, wallMs: number }>} Of the time after its start.
 */
export async function cpuOfWatch({ from, to, cwd, settleMs, measureMs }) {
  const args = ['watch', '--from', from, '--to', to, '--since', 'now', '--ledger', 'watch.db']
  const child = endWithUs(
    spawn(process.execPath, ['--import', REPORT, COMMAND, ...args], {
      cwd,
      env: cleanEnvironment(),
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    }),
  )
  const ended = once(child, 'exit')
  const [, , , channel] = child.stdio
  if (!(channel instanceof Readable)) throw new Error('no channel for reports')
  const reports = createInterface({ input: channel })
  const cpuMs = async () => {
    const line = once(reports, 'line')
    child.kill('SIGUSR2')
    const [text] = await Promise.race([line, ended.then(gone)])
    return Number(text)
  }
  await Promise.race([sleep(settleMs), ended.then(gone)])
  const [before, from0] = [await cpuMs(), performance.now()]
  await Promise.race([sleep(measureMs), ended.then(gone)])
  const used = { cpuMs: (await cpuMs()) - before, wallMs: performance.now() - from0 }
  child.kill('SIGTERM')
  await ended
  return used
}

/** @returns {never} */
function gone() {
  throw new Error('rivet-otel watch ended by itself')
}
