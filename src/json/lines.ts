/**
 * The lines of a byte stream, one at a time, with their numbers and places.
 *
 * Lines are cut as bytes and only then decoded, so that one line of invalid UTF-8 costs no other.
 * Memory follows the longest line.
 */
import { RivetOtelError } from '../problem.js'

/** Where a line begins. */
export interface LinePosition {
  /** Counted from 1. */
  readonly number: number
  /** In bytes from the beginning of the stream. */
  readonly start: number
}

/** One line, without its line ending. */
export interface Line extends LinePosition {
  readonly bytes: Uint8Array
  /** Where the next line begins, in bytes. */
  readonly end: number
  /** False only for a last line that the stream ended in the middle of. */
  readonly terminated: boolean
}

/** The first line of a stream. */
export const FIRST_LINE: LinePosition = { number: 1, start: 0 }

/** The most bytes that a line, or a document of many lines, may have; the engine holds no text of twice that. */
export const LONGEST_LINE_BYTES = 256 * 1024 * 1024

const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]

/**
 * Cuts a byte stream into lines (`\n` or `\r\n`); a byte order mark in front is dropped. A stream
 * that does not begin at its first line says so with `from`.
 *
 * @throws {RivetOtelError} `INVALID_SOURCE` for a line of more than 256 MiB.
 * @example
 * for await (const line of readLines(createReadStream('journals.jsonl'))) console.log(line.number)
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  from: LinePosition = FIRST_LINE,
): AsyncGenerator<Line> {
  let { number, start } = from
  let begun: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    let at = 0
    for (let stop = chunk.indexOf(NEWLINE); stop !== -1; stop = chunk.indexOf(NEWLINE, at)) {
      begun.push(chunk.subarray(at, stop))
      const end = start + length + (stop - at) + 1
      yield { number, start, end, bytes: contentOf(number, begun), terminated: true }
      number++
      start = end
      begun = []
      length = 0
      at = stop + 1
    }
    begun.push(chunk.subarray(at))
    length += chunk.length - at
    refuseEndless(length, number)
  }
  if (length === 0) return
  yield { number, start, end: start + length, bytes: contentOf(number, begun), terminated: false }
}

/**
 * The text of bytes that are valid UTF-8; `undefined` where they are not.
 *
 * @example
 * decodeUtf8(Uint8Array.of(0xff)) // undefined
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return UTF_8.decode(bytes)
  } catch {
    return undefined
  }
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true })

function contentOf(number: number, parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts
  let bytes: Uint8Array = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts)
  if (number === 1 && BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte)) {
    bytes = bytes.subarray(BYTE_ORDER_MARK.length)
  }
  return bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes
}

function refuseEndless(length: number, number: number): void {
  if (length <= LONGEST_LINE_BYTES) return
  throw new RivetOtelError(
    'INVALID_SOURCE',
    `line ${number} is longer than ${LONGEST_LINE_BYTES} bytes; expected JSON lines`,
  )
}
