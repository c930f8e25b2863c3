import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import type { ReceiverLimits } from '../../../src/serve/receiver/receiver.js'
import { encodeRequest } from '../../receiver/otlp-messages.js'
import {
  JSON_HEADERS,
  keptIn,
  PROTOBUF_HEADERS,
  type RunningReceiver,
  startReceiver,
} from './running-receiver.js'
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

/** A field of protobuf that holds these bytes. */
function message(field: number, bytes: Uint8Array): Uint8Array {
  const size: number[] = []
  for (let left = bytes.length; ; left >>>= 7) {
    size.push(left > 0x7f ? (left & 0x7f) | 0x80 : left)
    if (left <= 0x7f) break
  }
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...size]), bytes])
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

describe('a small request that would be large in memory', () => {
  it.each([
    ['of brackets without end', '['.repeat(15_000_000)],
    ['of empty objects', `{"resourceSpans":[${'{},'.repeat(5_000_000)}{}]}`],
    ['of numbers', `{"resourceSpans":[${'1,'.repeat(7_000_000)}1]}`],
  ])('%s is refused before it is', async (_name, body) => {
    const { post } = await start({})
    const answer = await post(body)
    expect([answer.status, answer.body.toString()]).toEqual([
      400,
      expect.stringContaining('got more'),
    ])
  })

  it('in protobuf is refused on the way', async () => {
    const { post } = await start({})
    const attribute = Buffer.from([0x4a, 0x00])
    const span = message(2, Buffer.alloc(6_000_000, attribute))
    const answer = await post(message(1, message(2, span)), PROTOBUF_HEADERS)
    expect([answer.status, answer.body.toString()]).toEqual([
      400,
      expect.stringContaining('got more'),
    ])
  })

  it('of brackets in a text alone is kept', async () => {
    const { post, file } = await start({})
    const name = '\\"{[,'.repeat(900_000)
    expect((await post(requestOf(wireSpan(1, { name })))).status).toBe(200)
    expect((await keptIn(file))[0]?.span.name).toBe(name)
  })
})

describe('a request that would be large in the file', () => {
  it('is kept but for what is too large, which is said', async () => {
    const { post, file } = await start({ bodyBytes: 2000 })
    const hostile = wireSpan(1, { name: '\u0001'.repeat(1700) })
    const body = encodeRequest(JSON.parse(requestOf(hostile, wireSpan(2))))
    expect(body.length).toBeLessThanOrEqual(2000)
    const { status, body: answer } = await post(body, PROTOBUF_HEADERS)
    expect(status).toBe(200)
    const said = Buffer.from(answer).toString()
    expect(said).toContain('too large as JSON: 1 span; expected at most 8000 bytes')
    expect(statSync(file).size).toBeLessThan(2000)
    expect(await keptIn(file)).toHaveLength(1)
  })
})

describe('a file that is large', () => {
  it('is told of once', async () => {
    const { post, said } = await start({ largeFileBytes: 1000 })
    for (let i = 1; i <= 20; i++) await post(requestOf(wireSpan(i)))
    expect(said).toEqual([expect.stringMatching(/ has 0 MB and grows with all that comes; /)])
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
