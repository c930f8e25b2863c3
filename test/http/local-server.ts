/** One HTTP server on 127.0.0.1 for tests, which whoever starts it stops. */
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server that runs. */
export interface LocalServer {
  /** Without a path. */
  readonly url: string
  /** Breaks off what is under way. */
  stop(): Promise<void>
}

/** Starts a server on a free port. */
export async function startLocalServer(handler: RequestListener): Promise<LocalServer> {
  const server = createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      const closed = once(server.close(), 'close')
      server.closeAllConnections()
      await closed
    },
  }
}
