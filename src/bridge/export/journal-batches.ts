/** Journals that were not read yet in batches, each of them for one thread. */
import type { JournalPiece } from '../../sources/journal-texts.js'
import type { JournalBatch } from './threads/mapped-batch.js'

/** A batch gets no larger, unless one journal is. */
const BATCH_BYTES = 256 * 1024
/** A larger journal is no work for a thread, which would hold all its pages at once. */
const LARGE_BYTES = 1_000_000

/** Some journals in their order. */
export interface PieceBatch {
  readonly pieces: readonly JournalPiece[]
  /** Whether it is one very large journal. */
  readonly isLarge: boolean
}

/**
 * Puts journals into batches.
 *
 * @example
 * for await (const { pieces } of inBatches(unread.items())) console.log(pieces.length)
 */
export async function* inBatches(items: AsyncIterable<JournalPiece>): AsyncGenerator<PieceBatch> {
  let pieces: JournalPiece[] = []
  let bytes = 0
  for await (const piece of items) {
    const size = bytesOf(piece)?.length ?? 0
    if (pieces.length > 0 && bytes + size > BATCH_BYTES) {
      yield { pieces, isLarge: false }
      pieces = []
      bytes = 0
    }
    if (size > LARGE_BYTES) {
      yield { pieces: [piece], isLarge: true }
      continue
    }
    pieces.push(piece)
    bytes += size
  }
  if (pieces.length > 0) yield { pieces, isLarge: false }
}

/**
 * The same as a thread gets it: a copy of the bytes, which it takes for itself. What has no bytes comes
 * as none.
 *
 * @example
 * await threads.map(toThread(batch))
 */
export function toThread({ pieces }: PieceBatch): JournalBatch {
  const length = pieces.reduce((sum, piece) => sum + (bytesOf(piece)?.length ?? 0), 0)
  const bytes = new Uint8Array(length)
  let end = 0
  const journals = pieces.map((piece) => {
    const own = bytesOf(piece)
    if (own !== undefined) bytes.set(own, end)
    end += own?.length ?? 0
    return { where: piece.where, end }
  })
  return { bytes, journals }
}

function bytesOf(piece: JournalPiece): Uint8Array | undefined {
  return 'bytes' in piece ? piece.bytes : undefined
}
