/** A watcher as a process of its own, and the state database that it watches, for the tests of it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach } from 'vitest'
import { insert, openToWrite, RUN_JOURNAL } from '../sources/places.js'
import { CLI, type Finished } from './command-line.js'
import { smallRun } from './small-runs.js'

/** A watcher that is running. */
export class Watcher {
  stdout = ''
  stderr = ''
  readonly process: ChildProcess
  readonly #ended: Promise<unknown>

  constructor(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
    const isFile = args.some((arg) => arg.endsWith('.jsonl'))
    const all = ['watch', '--every', '100ms', ...(isFile ? [] : ['--retry-for', '0']), ...args]
    this.process = spawn(process.execPath, [CLI, ...all], {
      cwd,
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
    })
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.#ended = once(this.process, 'close')
    running.push(this)
  }

  get isRunning(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null
  }

  /** Waits for what it prints or says. */
  async says(text: string | RegExp): Promise<void> {
    await until(() => {
      const said = this.stdout + this.stderr
      if (typeof text === 'string' ? said.includes(text) : text.test(said)) return true
      if (!this.isRunning) throw new Error(`it ended and never said ${text}: ${said}`)
      return false
    })
  }

  /** Sends a signal and waits for the end. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Finished> {
    if (this.isRunning) this.process.kill(signal)
    return this.ended()
  }

  async ended(): Promise<Finished> {
    await this.#ended
    return { code: this.process.exitCode, stdout: this.stdout, stderr: this.stderr }
  }
}

const running: Watcher[] = []

afterEach(async () => {
  for (const watcher of running.splice(0)) await watcher.end('SIGKILL')
})

/** Waits until something holds; a test that waits in vain ends by its own limit. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(10)
}

/** Puts small runs into a state database, which is made where it is not; a run that is there changes. */
export function putRuns(
  file: string,
  runIds: readonly string[],
  { rows = 25_000, ended = '2026-11-21T08:53:39.224857123Z' } = {},
): void {
  const isThere = existsSync(file)
  const database = openToWrite(file)
  database.exec('PRAGMA busy_timeout = 5000')
  if (!isThere) database.exec('PRAGMA journal_mode = WAL')
  database.exec(RUN_JOURNAL.replace('CREATE TABLE', 'CREATE TABLE IF NOT EXISTS'))
  database.exec('BEGIN')
  for (const run_id of runIds) {
    const text = smallRun(run_id, rows).trim()
    database.run('DELETE FROM run_journal WHERE run_id = ?', run_id)
    insert(database, { run_id, export_name: 'orders', finished_at: ended, text })
  }
  database.exec('COMMIT')
  database.close()
}

/** `orders_0` and on. */
export function names(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => `orders_${from + i}`)
}
