import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, expect, it } from 'vitest'

const KEEPER = fileURLToPath(new URL('keeper.mjs', import.meta.url))
const SAYS_ITS_ID = 'console.log(process.pid); setInterval(() => {}, 1000)'
const IGNORES_SIGTERM = `process.on('SIGTERM', () => console.log('no')); ${SAYS_ITS_ID}`

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

it('ends the program and removes its folder when its channel closes', async () => {
  const { folder, keeper } = keep(SAYS_ITS_ID)
  const id = await nextId(keeper)
  keeper.disconnect()
  expect(await once(keeper, 'exit')).toEqual([0, null])
  expect(isAlive(id)).toBe(false)
  expect(existsSync(folder)).toBe(false)
})

it('ends the program when the test that wanted it was killed', async () => {
  const folder = newFolder()
  const test = spawn(process.execPath, ['--input-type=module', '-e', testThatKeeps(folder)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const id = await nextId(test)
  const keeperIsGone = once(test, 'close')
  test.kill('SIGKILL')
  await keeperIsGone
  expect(isAlive(id)).toBe(false)
  expect(existsSync(folder)).toBe(false)
})

it('starts the program again in the same folder', async () => {
  const { folder, keeper } = keep(SAYS_ITS_ID)
  const before = await nextId(keeper)
  const after = nextId(keeper)
  keeper.send('restart')
  expect(await once(keeper, 'message')).toContain('restarted')
  expect(await after).not.toBe(before)
  expect(isAlive(before)).toBe(false)
  expect(isAlive(await after)).toBe(true)
  expect(existsSync(folder)).toBe(true)
  keeper.disconnect()
  await once(keeper, 'exit')
  expect(isAlive(await after)).toBe(false)
})

it('kills a program that does not end when it is asked to', async () => {
  const { keeper } = keep(IGNORES_SIGTERM)
  const id = await nextId(keeper)
  keeper.disconnect()
  await once(keeper, 'exit')
  expect(isAlive(id)).toBe(false)
})

it('says so and goes when the program ends by itself', async () => {
  const { folder, keeper } = keep('process.exit(7)')
  const errors = textOf(keeper.stderr)
  expect(await once(keeper, 'close')).toEqual([1, null])
  expect(await errors).toContain('ended by itself (exit code 7)')
  expect(existsSync(folder)).toBe(false)
})

it('says so and goes when there is no such program', async () => {
  const folder = newFolder()
  const keeper = start(['500', folder, join(folder, 'no-such-program')])
  const errors = textOf(keeper.stderr)
  expect(await once(keeper, 'close')).toEqual([1, null])
  expect(await errors).toContain('cannot be started')
})

function keep(script: string): { folder: string; keeper: ChildProcess } {
  const folder = newFolder()
  return { folder, keeper: start(['500', folder, process.execPath, '-e', script]) }
}

function start(args: readonly string[]): ChildProcess {
  return fork(KEEPER, [...args], { execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
}

/** The keeper holds the output of this test open, so that its end is seen. */
function testThatKeeps(folder: string): string {
  const args = JSON.stringify(['500', folder, process.execPath, '-e', SAYS_ITS_ID])
  return `import { fork } from 'node:child_process'
    import { fileURLToPath } from 'node:url'
    const keeper = fileURLToPath(${JSON.stringify(pathToFileURL(KEEPER).href)})
    fork(keeper, ${args}, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })`
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rivet-otel-keeper-'))
  folders.push(folder)
  return folder
}

async function nextId({ stdout }: ChildProcess): Promise<number> {
  if (stdout === null) throw new Error('its output is not piped')
  const [text] = await once(stdout, 'data')
  return Number(String(text))
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = ''
  for await (const part of stream ?? []) text += part
  return text
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0)
    return true
  } catch {
    return false
  }
}
