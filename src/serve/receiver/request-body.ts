/**
 * The body of a request, unpacked, never larger than allowed and never more at once than there is room.
 *
 * Limits hold while it comes in: nobody can make a server unpack a gigabyte first.
 */
import type { IncomingMessage } from 'node:http'
import type { Readable, Transform } from 'node:stream'
import { createGunzip, createInflate } from 'node:zlib'

/** How bodies may be packed, and what unpacks them. */
const UNPACKERS: ReadonlyMap<string, (() => Transform) | undefined> = new Map([
  ['', undefined],
  ['identity', undefined],
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
])

/** What is said to clients of other encodings. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, identity'

/**
 * Room for the bytes of all requests together.
 *
 * @example
 * new Room(64 * 1024 * 1024).take(body.length) // true
 */
export class Room {
  readonly most: number
  #used = 0

  /** @param most in bytes */
  constructor(most: number) {
    this.most = most
  }

  get used(): number {
    return this.#used
  }

  /** Says whether there was room for so many bytes; they are taken then. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.most) return false
    this.#used += bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#used -= bytes
  }
}

/** What reading a body comes to; of the room only a body still has its bytes. */
export type RequestBody =
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  | { readonly kind: 'too large' | 'no room' | 'too slow' | 'gone' }
  | { readonly kind: 'broken'; readonly encoding: string }

/** What a body may take. */
export interface BodyLimits {
  /** In bytes, as sent and after decompression. */
  readonly most: number
  readonly ms: number
  readonly room: Room
}

/**
 * Whether bodies of this content encoding can be read.
 *
 * @example
 * isReadableEncoding('br') // false
 */
export function isReadableEncoding(encoding: string): boolean {
  return UNPACKERS.has(encoding)
}

/**
 * Reads a body to its end or to the first limit; what comes after that is thrown away as it comes.
 *
 * @param encoding one that {@link isReadableEncoding}
 * @example
 * const body = await readBody(request, 'gzip', { most: 20_000_000, ms: 30_000, room })
 * if (body.kind === 'body') room.giveBack(body.bytes.length)
 */
export function readBody(
  request: IncomingMessage,
  encoding: string,
  { most, ms, room }: BodyLimits,
): Promise<RequestBody> {
  if (Number(request.headers['content-length'] ?? 0) > most) {
    request.resume()
    return Promise.resolve({ kind: 'too large' })
  }
  const unpacker = UNPACKERS.get(encoding)?.()
  const source: Readable = unpacker ?? request
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = []
    let size = 0
    let sent = 0
    let isOver = false

    const finish = (result: RequestBody) => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      request.off('data', count)
      source.off('data', take)
      if (unpacker !== undefined) {
        request.unpipe(unpacker)
        unpacker.destroy()
      }
      if (result.kind !== 'body') room.giveBack(size)
      request.resume()
      resolve(result)
    }
    const take = (chunk: Uint8Array) => {
      if (size + chunk.length > most) finish({ kind: 'too large' })
      else if (!room.take(chunk.length)) finish({ kind: 'no room' })
      else {
        size += chunk.length
        chunks.push(chunk)
      }
    }
    const count = (chunk: Uint8Array) => {
      sent += chunk.length
      if (sent > most) finish({ kind: 'too large' })
    }
    const end = () => finish({ kind: 'body', bytes: Buffer.concat(chunks, size) })
    const gone = () => finish({ kind: 'gone' })
    const timer = setTimeout(() => finish({ kind: 'too slow' }), ms)

    request.on('error', gone).on('close', () => {
      if (!request.complete) gone()
    })
    source.on('data', take).on('end', end)
    if (unpacker !== undefined) {
      unpacker.on('error', () => finish({ kind: 'broken', encoding }))
      request.on('data', count).pipe(unpacker)
    }
  })
}
