/** A receiver in a process of its own, so that it can be killed and limited. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { newFile } from '../../delivery/otlp-files.js'
import { ask, JSON_HEADERS, keptIn } from './running-receiver.js'
import { requestOf, wireSpan } from './sent-values.js'

const RECEIVER = fileURLToPath(new URL('../../../dist/serve/receiver/receiver.js', import.meta.url))

const PROGRAM = `
import { createServer } from 'node:http'
const { openReceiver } = await import(process.argv[1])
const receiver = await openReceiver({ file: process.argv[2], say: () => {} })
const server = createServer((request, response) => void receiver.handle(request, response))
server.listen(Number(process.argv[3]), '127.0.0.1', () => console.log(server.address().port))
`

const started: ChildProcess[] = []
afterEach(async () => {
  for (const child of started.splice(0)) await kill(child)
})

async function start(file: string, { port = 0, mostBlocks = '' } = {}) {
  const limit = mostBlocks === '' ? '' : `ulimit -f ${mostBlocks};`
  const args = [process.execPath, '--input-type=module', '-e', PROGRAM, RECEIVER, file, `${port}`]
  const child = spawn('sh', ['-c', `trap '' XFSZ; ${limit} exec "$0" "$@"`, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(child)
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, port: Number(said.toString()) }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** A request of 50 spans of about 1 kB each. */
function manySpans(first: number): string {
  const name = 'n'.repeat(1000)
  return requestOf(...Array.from({ length: 50 }, (_, i) => wireSpan(first + i, { name })))
}

describe('a receiver', () => {
  it('that is killed again and again has what it acknowledged, and every line it has is whole', async () => {
    const file = newFile()
    const acknowledged: number[] = []
    let next = 1
    for (let round = 0; round < 6; round++) {
      const { child, port } = await start(file)
      let isOver = false
      const send = async () => {
        while (!isOver) {
          const first = next
          next += 50
          try {
            const sent = { port, headers: JSON_HEADERS, body: manySpans(first) }
            const { status } = await ask(sent)
            if (status === 200) acknowledged.push(first)
          } catch {
            return
          }
        }
      }
      const senders = [send(), send(), send(), send()]
      await delay(100 + 40 * round)
      await kill(child)
      isOver = true
      await Promise.all(senders)
    }
    // A last one mends what the kill left behind.
    const { port } = await start(file)
    const end = next
    expect((await ask({ port, headers: JSON_HEADERS, body: manySpans(end) })).status).toBe(200)
    acknowledged.push(end)
    const kept = new Set((await keptIn(file)).map(({ span }) => Number(`0x${span.spanId}`)))
    expect(acknowledged.length).toBeGreaterThan(6)
    for (const first of acknowledged)
      for (let i = 0; i < 50; i++) expect(kept.has(first + i)).toBe(true)
  })

  it('that finds no more room acknowledges nothing that it does not have, and goes on when there is some', async () => {
    const file = newFile()
    const limited = await start(file, { mostBlocks: '400' })
    const statuses: number[] = []
    for (let i = 0; i < 12; i++) {
      const sent = { port: limited.port, headers: JSON_HEADERS, body: manySpans(1 + i * 50) }
      const { status, headers } = await ask(sent)
      statuses.push(status)
      if (status !== 200) expect([status, headers['retry-after']]).toEqual([503, '10'])
    }
    const taken = statuses.filter((status) => status === 200).length
    expect(taken).toBeGreaterThan(0)
    expect(statuses.at(-1)).toBe(503)
    expect(await keptIn(file)).toHaveLength(50 * taken)
    expect(readFileSync(file, 'utf8')).toMatch(/\n$/)
    await kill(limited.child)
    const { port } = await start(file)
    for (let i = 0; i < 12; i++) {
      const body = manySpans(1 + i * 50)
      expect((await ask({ port, headers: JSON_HEADERS, body })).status).toBe(200)
    }
    expect(await keptIn(file)).toHaveLength(600)
  })
})
