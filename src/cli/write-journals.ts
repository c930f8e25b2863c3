/** Journals that came back, in a file: all of them, or nothing. */
import { replaceFile } from './replace-file.js'

/**
 * Writes journals in place of what a file holds. A name that ends in `.json` gets a list, any other
 * one journal a line.
 *
 * @param journals as rivet writes them, one line each
 * @throws {RivetOtelError} `UNWRITABLE`; then the file is as it was.
 * @example
 * await writeJournals('journals.jsonl', spool.journals(waiting))
 */
export async function writeJournals(
  path: string,
  journals: AsyncIterable<Uint8Array>,
): Promise<void> {
  await replaceFile(path, together(path.endsWith('.json') ? listOf(journals) : linesOf(journals)))
}

const NEWLINE = Buffer.from('\n')
const BETWEEN = Buffer.from(',\n')

async function* linesOf(journals: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const journal of journals) {
    yield journal
    yield NEWLINE
  }
}

async function* listOf(journals: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let before = Buffer.from('[\n')
  for await (const journal of journals) {
    yield before
    yield journal
    before = BETWEEN
  }
  yield Buffer.from('\n]\n')
}

/** So many bytes are written at once. */
const WRITTEN_BYTES = 1 << 20

/** Each is written before the next is asked for, so they share their memory. */
async function* together(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.allocUnsafe(WRITTEN_BYTES)
  let length = 0
  for await (const piece of pieces) {
    if (piece.length > WRITTEN_BYTES - length) {
      yield bytes.subarray(0, length)
      length = 0
    }
    if (piece.length > WRITTEN_BYTES) {
      yield piece
    } else {
      bytes.set(piece, length)
      length += piece.length
    }
  }
  yield bytes.subarray(0, length)
}
