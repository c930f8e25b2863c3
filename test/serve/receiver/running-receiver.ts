/** A receiver on a real server on 127.0.0.1, and posts to it. */
import { createServer, type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openOtlpJsonFile } from '../../../src/backends/otlp-file.js'
import {
  openReceiver,
  type ReceivedRun,
  type Receiver,
  type ReceiverLimits,
} from '../../../src/serve/receiver/receiver.js'
import type { ReceivedSpan } from '../../../src/trace/trace.js'
import { newFile } from '../../delivery/otlp-files.js'

/** What came back. */
export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** A receiver that is running. */
export interface RunningReceiver {
  readonly receiver: Receiver
  readonly file: string
  readonly port: number
  readonly url: string
  /** What was said to who runs it. */
  readonly said: string[]
  readonly runs: ReceivedRun[]
  post(body: string | Uint8Array, headers?: Readonly<Record<string, string>>): Promise<Reply>
  stop(): Promise<void>
}

/** Starts a receiver, of a new file unless it is told another. */
export async function startReceiver(
  limits: Partial<ReceiverLimits> = {},
  file = newFile(),
): Promise<RunningReceiver> {
  const said: string[] = []
  const runs: ReceivedRun[] = []
  const receiver = await openReceiver({ file, limits, say: (message) => said.push(message) })
  receiver.onRuns((told) => runs.push(...told))
  const server = createServer((asked, response) => void receiver.handle(asked, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    receiver,
    file,
    port,
    url: `http://127.0.0.1:${port}`,
    said,
    runs,
    post: (body, headers = JSON_HEADERS) => ask({ port, body, headers }),
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await receiver.close()
    },
  }
}

export const JSON_HEADERS = { 'content-type': 'application/json' }
export const PROTOBUF_HEADERS = { 'content-type': 'application/x-protobuf' }

/** Sends a request and reads the answer to its end. */
export function ask({
  port,
  body = '',
  headers = {},
  method = 'POST',
  path = '/v1/traces',
}: {
  readonly port: number
  readonly body?: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
  readonly path?: string
}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false })
    sent.on('error', reject)
    sent.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        }),
      )
    })
    sent.end(body)
  })
}

/** The spans in a file, read as `import` reads them; it must hold nothing that cannot be read. */
export async function keptIn(file: string): Promise<ReceivedSpan[]> {
  const spans: ReceivedSpan[] = []
  for await (const item of openOtlpJsonFile(file).spans()) {
    if (item.kind !== 'span') throw new Error(`${item.where}: ${item.problem}`)
    spans.push(item.received)
  }
  return spans
}
