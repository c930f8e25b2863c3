import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import type { ReceiverLimits } from '../../../src/serve/receiver/receiver.js'
import { JSON_HEADERS, keptIn, type RunningReceiver, startReceiver } from './running-receiver.js'
import { requestOf, wireSpan } from './sent-values.js'

let running: RunningReceiver | undefined
afterEach(async () => {
  await running?.stop()
})

async function start(limits: Partial<ReceiverLimits>): Promise<RunningReceiver> {
  running = await startReceiver(limits)
  return running
}

/** Sends text as it is, and gives everything that comes back until the connection ends. */
async function sendRaw(port: number, ...parts: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  let answer = ''
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString()
  })
  socket.on('error', () => {})
  for (const part of parts) socket.write(part)
  await once(socket, 'close')
  return answer
}

function head(...lines: readonly string[]): string {
  const all = ['POST /v1/traces HTTP/1.1', 'host: x', 'content-type: application/json', ...lines]
  return `${all.join('\r\n')}\r\n\r\n`
}

/** A request whose body has this many bytes. */
function ofSize(bytes: number): string {
  const empty = requestOf(wireSpan(1, { name: '' }))
  return requestOf(wireSpan(1, { name: 'n'.repeat(bytes - empty.length) }))
}

describe('a request', () => {
  it('of as many bytes as are allowed is kept, and of one more is not', async () => {
    const { post, file } = await start({ bodyBytes: 2000 })
    const tooLarge = await post(ofSize(2001))
    expect([tooLarge.status, tooLarge.headers['retry-after']]).toEqual([413, undefined])
    expect(existsSync(file)).toBe(false)
    expect((await post(ofSize(2000))).status).toBe(200)
  })

  it('that does not say its size is cut off where it passes the limit', async () => {
    const { port } = await start({ bodyBytes: 1000 })
    const chunk = `400\r\n${'x'.repeat(0x400)}\r\n`
    const answer = await sendRaw(
      port,
      head('transfer-encoding: chunked', 'connection: close'),
      chunk,
    )
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
  })

  it('that unpacks to more than is allowed is not unpacked further', async () => {
    const { post } = await start({})
    const bomb = Buffer.concat(Array(40).fill(gzipSync(Buffer.alloc(25_000_000))))
    const before = process.memoryUsage().rss
    const headers = { ...JSON_HEADERS, 'content-encoding': 'gzip' }
    const answers = await Promise.all([1, 2, 3].map(() => post(bomb, headers)))
    for (const { status } of answers) expect([413, 429]).toContain(status)
    expect(process.memoryUsage().rss - before).toBeLessThan(400_000_000)
  })

  it('that never ends is given up, and costs nobody else anything', async () => {
    const { port, post, file } = await start({ bodyMs: 300 })
    const slow = sendRaw(port, head('content-length: 1000'), '{"resource')
    expect((await post(requestOf(wireSpan(1)))).status).toBe(200)
    expect(await slow).toMatch(/^HTTP\/1.1 408 /)
    expect(await keptIn(file)).toHaveLength(1)
  })

  it('that breaks off gives its room back', async () => {
    const { port, post } = await start({ queueBytes: 5000 })
    for (let i = 0; i < 20; i++) {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      socket.write(head('content-length: 100000') + 'x'.repeat(4000))
      await delay(5)
      socket.destroy()
      await once(socket, 'close')
    }
    await expect.poll(async () => (await post(ofSize(4500))).status).toBe(200)
  })

  it('that finds no room is asked to come again, and is kept then', async () => {
    const { port, post, file } = await start({ queueBytes: 5000 })
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(head('content-length: 100000') + 'x'.repeat(4000))
    await expect.poll(async () => (await post(ofSize(2000))).status).toBe(429)
    const refused = await post(ofSize(2000))
    expect(refused.headers['retry-after']).toBe('1')
    expect(JSON.parse(refused.body.toString()).code).toBe(8)
    socket.destroy()
    await expect.poll(async () => (await post(ofSize(2000))).status).toBe(200)
    expect(await keptIn(file)).toHaveLength(1)
  })
})

describe('many requests at once', () => {
  it('are all kept, each once', async () => {
    const { post, file } = await start({})
    const bodies = Array.from({ length: 60 }, (_, i) =>
      requestOf(...Array.from({ length: 20 }, (_, k) => wireSpan(1 + ((i >> 1) * 20 + k)))),
    )
    const answers = await Promise.all(bodies.map((body) => post(body)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    const kept = (await keptIn(file)).map(({ span }) => span.spanId)
    expect(kept).toHaveLength(600)
    expect(new Set(kept).size).toBe(600)
  })
})
