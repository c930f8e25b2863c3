/** Journals that were not read yet in batches, each of them for one thread. */
import type { UnreadBytes, UnreadJournal } from '../../sources/journal-texts.js'

/** A batch gets no larger, unless one journal is. */
const BATCH_BYTES = 256 * 1024
/** A larger journal is no work for a thread, which would hold all its pages at once. */
const LARGE_BYTES = 1_000_000

/** Some journals in their order, or one that is no work for a thread: a very large one, or none at all. */
export type PieceBatch =
  | { readonly kind: 'some'; readonly pieces: readonly UnreadBytes[] }
  | { readonly kind: 'alone'; readonly piece: UnreadJournal }

/**
 * Puts journals into batches. Where they break off with an error, those before it come first.
 *
 * @example
 * for await (const batch of batchesOf(unread.items())) console.log(batch.kind)
 */
export async function* batchesOf(items: AsyncIterable<UnreadJournal>): AsyncGenerator<PieceBatch> {
  let pieces: UnreadBytes[] = []
  let bytes = 0
  let brokenOff: { readonly error: unknown } | undefined
  try {
    for await (const piece of items) {
      const size = 'bytes' in piece ? piece.bytes.length : 0
      const isAlone = !('bytes' in piece) || size > LARGE_BYTES
      if (pieces.length > 0 && (isAlone || bytes + size > BATCH_BYTES)) {
        yield { kind: 'some', pieces }
        pieces = []
        bytes = 0
      }
      if (isAlone) {
        yield { kind: 'alone', piece }
      } else {
        pieces.push(piece)
        bytes += size
      }
    }
  } catch (error) {
    brokenOff = { error }
  }
  if (pieces.length > 0) yield { kind: 'some', pieces }
  if (brokenOff !== undefined) throw brokenOff.error
}
