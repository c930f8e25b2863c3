/**
 * The lines of a byte stream, one at a time, with their numbers.
 *
 * Lines are cut as bytes and only then decoded, so that one line of invalid UTF-8 costs no other.
 * Memory follows the longest line.
 */

/** One line, without its line ending. */
export interface Line {
  /** Counted from 1. */
  readonly number: number
  readonly bytes: Uint8Array
  /** False only for a last line that the stream ended in the middle of. */
  readonly terminated: boolean
}

const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]

/**
 * Cuts a byte stream into lines (`\n` or `\r\n`); a byte order mark in front is dropped.
 *
 * @example
 * for await (const line of readLines(createReadStream('journals.jsonl'))) console.log(line.number)
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let number = 0
  let begun: Uint8Array[] = []
  for await (const chunk of chunks) {
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      yield lineOf(++number, [...begun, chunk.subarray(from, at)], true)
      begun = []
      from = at + 1
    }
    if (from < chunk.length) begun.push(chunk.subarray(from))
  }
  if (begun.length > 0) yield lineOf(++number, begun, false)
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

function lineOf(number: number, parts: readonly Uint8Array[], terminated: boolean): Line {
  let bytes: Uint8Array =
    parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
  if (number === 1 && BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte))
    bytes = bytes.subarray(3)
  if (bytes.at(-1) === CARRIAGE_RETURN) bytes = bytes.subarray(0, -1)
  return { number, bytes, terminated }
}
