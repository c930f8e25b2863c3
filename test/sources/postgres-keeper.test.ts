import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { newFolder } from './places.js'

const KEEPER = fileURLToPath(new URL('postgres-keeper.mjs', import.meta.url))
const SAYS_ITS_ID = 'console.log(process.pid); setInterval(() => {}, 1000)'

it('ends the server and removes its folder when its channel closes', async () => {
  const folder = newFolder()
  const keeper = fork(KEEPER, command(folder), {
    execArgv: [],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const id = await nextId(keeper.stdout)
  keeper.disconnect()
  expect(await once(keeper, 'exit')).toEqual([0, null])
  expect(isAlive(id)).toBe(false)
  expect(existsSync(folder)).toBe(false)
})

it('ends the server when the test that wanted it was killed', async () => {
  const folder = newFolder()
  const test = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { fork } from 'node:child_process'
      import { fileURLToPath } from 'node:url'
      const keeper = fileURLToPath(${JSON.stringify(pathToFileURL(KEEPER).href)})
      fork(keeper, ${JSON.stringify(command(folder))}, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const id = await nextId(test.stdout)
  // The keeper holds the output of this test open, so that its end is seen.
  const keeperIsGone = once(test, 'close')
  test.kill('SIGKILL')
  await keeperIsGone
  expect(isAlive(id)).toBe(false)
  expect(existsSync(folder)).toBe(false)
})

it('ends it at once for a crash, and starts it again', async () => {
  const keeper = fork(KEEPER, command(newFolder()), {
    execArgv: [],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const before = await nextId(keeper.stdout)
  keeper.send('crash')
  expect(await once(keeper, 'message')).toContain('crash')
  expect(isAlive(before)).toBe(false)
  keeper.send('start')
  const after = await nextId(keeper.stdout)
  expect(isAlive(after)).toBe(true)
  keeper.disconnect()
  await once(keeper, 'exit')
  expect(isAlive(after)).toBe(false)
})

function command(folder: string): string[] {
  const user = [process.getuid?.() ?? 0, process.getgid?.() ?? 0].map(String)
  return [folder, ...user, process.execPath, '-e', SAYS_ITS_ID]
}

async function nextId(stdout: NodeJS.ReadableStream | null): Promise<number> {
  if (stdout === null) throw new Error('its output is not piped')
  const [text] = await once(stdout, 'data')
  return Number(String(text))
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0)
    return true
  } catch {
    return false
  }
}
