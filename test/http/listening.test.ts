import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { guardedServer } from '../../src/http/listening.js'
import { closing } from './answering-server.js'

const limits = {
  connections: 10,
  headers: 10,
  headerBytes: 4096,
  requestMs: 10_000,
  idleMs: 50,
}

describe('a guarded server', () => {
  it('lets nobody wait in vain who waits for its answer, however long that takes', async () => {
    const server = closing(
      await guardedServer({
        listen: { host: '127.0.0.1', port: 0 },
        takenHint: '',
        limits,
        say: () => {},
        async answer(_, response) {
          await sleep(10 * limits.idleMs)
          response.end('at last')
        },
      }),
    )
    expect(await (await fetch(server.url)).text()).toBe('at last')
  })

  it('sends away who says nothing, and who does not read', async () => {
    const server = closing(
      await guardedServer({
        listen: { host: '127.0.0.1', port: 0 },
        takenHint: '',
        limits,
        say: () => {},
        async answer(_, response) {
          response.end(Buffer.alloc(50_000_000))
        },
      }),
    )
    for (const said of ['', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n']) {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {})
      await once(socket, 'connect')
      if (said !== '') socket.pause()
      socket.write(said)
      await sleep(10 * limits.idleMs)
      let bytes = 0
      socket.on('data', (chunk) => (bytes += chunk.length)).resume()
      if (!socket.closed) await once(socket, 'close')
      expect(bytes).toBeLessThan(50_000_000)
    }
  })
})
