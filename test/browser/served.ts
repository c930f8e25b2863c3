/** A real `rivet-otel serve`, and a browser that looks at it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import type { BrowserContextOptions } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { CLI, temporaryFolder } from '../e2e/command-line.js'
import { openPage } from './chromium.js'

interface Place {
  readonly cwd?: string
  readonly path?: string
  readonly options?: BrowserContextOptions
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Serves until the test ends. */
export async function serve(
  args: readonly string[],
  port: number,
  cwd: string,
): Promise<ChildProcess> {
  const child = spawn(process.execPath, [CLI, 'serve', '--listen', `127.0.0.1:${port}`, ...args], {
    cwd,
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve)
    child.once('exit', (code) => reject(new Error(`serve ended with ${code}`)))
  })
  return child
}

/** A page of what is served until the test ends; `path` is what follows the slash. */
export async function served(
  args: readonly string[],
  { cwd = temporaryFolder(), path = '', options = {} }: Place = {},
) {
  const port = await freePort()
  const child = await serve(args, port, cwd)
  const opened = await openPage(options)
  onTestFinished(() => opened.close())
  await opened.page.goto(`http://127.0.0.1:${port}/${path}`)
  return { ...opened, port, child, cwd }
}
