/** What a proxy does with requests and answers, whatever it is for: takes them in and passes them on. */
import {
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** An answer. */
export interface Answer {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly body: Uint8Array
}

/** `undefined` where the sender was gone before its end. */
export async function bodyOf(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
  } catch {
    return undefined
  }
  return incoming.complete ? Buffer.concat(chunks) : undefined
}

/** The headers that a request keeps on its way. */
export function onwardHeaders({ headers }: IncomingMessage): OutgoingHttpHeaders {
  return {
    'content-type': headers['content-type'],
    'content-length': headers['content-length'],
  }
}

/** Sends a request in so many pieces and waits for the answer; 502 where none comes. */
export function post(
  url: string,
  what: {
    readonly headers: OutgoingHttpHeaders
    readonly body: Uint8Array
    readonly pieces: number
  },
): Promise<Answer> {
  return new Promise((resolve) => {
    const { headers, body, pieces } = what
    const failed = (error: Error) =>
      resolve({ status: 502, headers: {}, body: Buffer.from(error.message) })
    const onward = request(url, { method: 'POST', agent: false, headers }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('error', failed)
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => {
        const { statusCode: status = 502, headers } = incoming
        const type = headers['content-type']
        resolve({
          status,
          headers: type === undefined ? {} : { 'content-type': type },
          body: Buffer.concat(chunks),
        })
      })
    })
    onward.on('error', failed)
    void inPieces(body, pieces, (piece) => onward.write(piece)).then(() => onward.end())
  })
}

/** Answers, and waits until the answer is out, or cannot get out any more. */
export async function answerWith(
  response: ServerResponse,
  answer: Answer,
  pieces = 1,
): Promise<void> {
  const { status, headers, body } = answer
  if (response.destroyed) return
  const closed = new Promise((resolve) => response.on('close', resolve))
  response.on('error', () => {})
  response.writeHead(status, { ...headers, 'content-length': body.length })
  if (pieces > 1) response.flushHeaders()
  await inPieces(body, pieces, (piece) => response.write(piece))
  response.end()
  await closed
}

const PIECE_MS = 30

async function inPieces(
  body: Uint8Array,
  pieces: number,
  write: (piece: Uint8Array) => unknown,
): Promise<void> {
  const size = Math.max(1, Math.ceil(body.length / pieces))
  for (let start = 0; start < body.length; start += size) {
    if (pieces > 1) await sleep(PIECE_MS)
    write(body.subarray(start, start + size))
  }
}
