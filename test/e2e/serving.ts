/** A local server as a process of its own, for the tests of it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach } from 'vitest'
import { CLI, type Finished } from './command-line.js'

/** A server that is running. */
export class RunningServer {
  stdout = ''
  stderr = ''
  readonly process: ChildProcess
  readonly #ended: Promise<unknown>

  constructor(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
    this.process = spawn(process.execPath, [CLI, 'serve', ...args], {
      cwd,
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text))
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
    this.#ended = once(this.process, 'close')
    running.push(this)
  }

  /** Where it listens. */
  async url(): Promise<string> {
    for (;;) {
      const [url] = /http:\/\/[^\s"]+/.exec(this.stdout) ?? []
      if (url !== undefined && this.stderr.includes('Ctrl-C ends it')) return url
      if (!this.#isRunning) throw new Error(`it ended: ${this.stdout}${this.stderr}`)
      await sleep(10)
    }
  }

  /** Sends a signal and waits for the end. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Finished> {
    if (this.#isRunning) this.process.kill(signal)
    await this.#ended
    return { code: this.process.exitCode, stdout: this.stdout, stderr: this.stderr }
  }

  get #isRunning(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null
  }
}

const running: RunningServer[] = []

afterEach(async () => {
  for (const server of running.splice(0)) await server.end('SIGKILL')
})
