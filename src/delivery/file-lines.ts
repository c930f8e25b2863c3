/**
 * The lines of a file that is open for writing, from any place in it.
 *
 * It reads by position and leaves the file open, which a stream of Node's would close.
 */
import { read } from 'node:fs'
import { promisify } from 'node:util'
import { type Line, type LinePosition, readLines } from '../json/lines.js'

const CHUNK_BYTES = 1 << 20

/**
 * Reads the lines of an open file.
 *
 * @throws {RivetOtelError} `INVALID_SOURCE` for a line of more than 256 MiB.
 * @example
 * for await (const { number } of linesOf(fd, { number: 1, start: 0 })) console.log(number)
 */
export function linesOf(fd: number, from: LinePosition): AsyncGenerator<Line> {
  return readLines(chunksOf(fd, from.start), from)
}

const readAt = promisify(read)

async function* chunksOf(fd: number, start: number): AsyncGenerator<Uint8Array> {
  for (let at = start; ; ) {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
    const { bytesRead } = await readAt(fd, buffer, 0, CHUNK_BYTES, at)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}
