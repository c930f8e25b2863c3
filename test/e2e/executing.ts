/** `rivet-otel exec` as a process of its own, and a stand-in for rivet, for the tests of it. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'
import { CLI } from './command-line.js'

const STAND_IN = fileURLToPath(new URL('stand-in-rivet.mjs', import.meta.url))

/** How a process ended, and what it wrote. */
export interface Executed {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** A process that is running. */
export class Executing {
  readonly process: ChildProcess
  readonly #stdout: Buffer[] = []
  readonly #stderr: Buffer[] = []
  readonly #ended: Promise<Executed>

  constructor(args: readonly string[], { cwd, env = {}, stdin = 'ignore' }: ExecutingOptions) {
    const stdio: StdioOptions = [stdin, 'pipe', 'pipe']
    this.process = spawn(process.execPath, [CLI, 'exec', ...args], {
      cwd,
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio,
      // Apart from the terminal that the tests may run in: what it sends is not passed on.
      detached: true,
    })
    this.process.stdout?.on('data', (bytes: Buffer) => this.#stdout.push(bytes))
    this.process.stderr?.on('data', (bytes: Buffer) => this.#stderr.push(bytes))
    this.#ended = new Promise((resolve) => {
      this.process.on('close', (code, signal) => {
        resolve({
          code,
          signal,
          stdout: Buffer.concat(this.#stdout),
          stderr: Buffer.concat(this.#stderr),
        })
      })
    })
    running.push(this)
  }

  get said(): string {
    return Buffer.concat([...this.#stdout, ...this.#stderr]).toString()
  }

  ended(): Promise<Executed> {
    return this.#ended
  }
}

/** Where it runs. */
export interface ExecutingOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: 'ignore' | 'pipe'
}

const running: Executing[] = []

afterEach(async () => {
  for (const one of running.splice(0)) {
    if (one.process.exitCode === null && one.process.signalCode === null)
      one.process.kill('SIGKILL')
    await one.ended()
  }
})

/** Runs `rivet-otel exec` and waits for its end; gives its output as text. */
export async function rivetOtelExec(args: readonly string[], options: ExecutingOptions) {
  const { stdout, stderr, ...how } = await new Executing(args, options).ended()
  return { ...how, stdout: stdout.toString(), stderr: stderr.toString() }
}

/** A folder with a program `rivet`, which stands in for it; the path of the program. */
export function standInRivet(folder: string): string {
  const program = join(folder, 'bin', 'rivet')
  mkdirSync(join(folder, 'bin'))
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${STAND_IN}" "$@"\n`)
  chmodSync(program, 0o755)
  return program
}
