/**
 * The lines of a file, with the places where they begin and end, read as a stream.
 *
 * It knows nothing of what the lines mean. Memory follows the longest line.
 */
import { read } from 'node:fs'
import { promisify } from 'node:util'
import { RivetOtelError } from '../problem.js'

/** One line of a file. */
export interface FileLine {
  /** Without its newline. */
  readonly text: string
  /** 1 for the first. */
  readonly number: number
  /** Where it begins, in bytes. */
  readonly start: number
  /** Where the next one begins, in bytes. */
  readonly end: number
  /** Whether it has its newline; only the last line may lack it. */
  readonly ended: boolean
}

/** Where reading begins. */
export interface LinePosition {
  /** In bytes. */
  readonly start: number
  /** The number of the line that begins there. */
  readonly number: number
}

const NEWLINE = 0x0a
const CHUNK_BYTES = 1 << 20
const LONGEST_LINE_BYTES = 256 * 1024 * 1024

/**
 * Reads the lines of an open file.
 *
 * @param path Names the file in messages.
 * @throws {RivetOtelError} `INVALID_SOURCE` for a line of more than 256 MiB.
 * @example
 * for await (const { number, text } of linesOf(fd, 'traces.otlp.jsonl')) console.log(number, text)
 */
export async function* linesOf(
  fd: number,
  path: string,
  from: LinePosition = { start: 0, number: 1 },
): AsyncGenerator<FileLine> {
  let { start, number } = from
  let parts: Buffer[] = []
  let bytes = 0
  const line = (ended: boolean): FileLine => {
    const text = Buffer.concat(parts).toString()
    const end = start + bytes + (ended ? 1 : 0)
    return { text, number, start, end, ended }
  }
  for await (const chunk of chunksOf(fd, from.start)) {
    let at = 0
    for (let stop = chunk.indexOf(NEWLINE); stop >= 0; stop = chunk.indexOf(NEWLINE, at)) {
      parts.push(chunk.subarray(at, stop))
      bytes += stop - at
      const whole = line(true)
      yield whole
      parts = []
      bytes = 0
      start = whole.end
      number++
      at = stop + 1
    }
    parts.push(chunk.subarray(at))
    bytes += chunk.length - at
    if (bytes > LONGEST_LINE_BYTES) {
      throw new RivetOtelError(
        'INVALID_SOURCE',
        `${path} line ${number}: longer than ${LONGEST_LINE_BYTES} bytes; expected OTLP JSON lines`,
      )
    }
  }
  if (bytes > 0) yield line(false)
}

const readAt = promisify(read)

/** A stream of Node's would close the file when it is left early. */
async function* chunksOf(fd: number, start: number): AsyncGenerator<Buffer> {
  for (let at = start; ; ) {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
    const { bytesRead } = await readAt(fd, buffer, 0, CHUNK_BYTES, at)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}
