// Whether two files are the same, piece by piece, however large they are.
import { open } from 'node:fs/promises'

const PIECE = 1 << 20

/**
 * @param {string} one
 * @param {string} other
 * @throws {Error} that says where they part.
 */
export async function sameFile(one, other) {
  const files = await Promise.all([open(one), open(other)])
  try {
    const [left, right] = [Buffer.alloc(PIECE), Buffer.alloc(PIECE)]
    for (let at = 0; ; at += PIECE) {
      const [first, second] = await Promise.all([
        files[0].read(left, 0, PIECE, at),
        files[1].read(right, 0, PIECE, at),
      ])
      const isSame =
        first.bytesRead === second.bytesRead &&
        left.subarray(0, first.bytesRead).equals(right.subarray(0, second.bytesRead))
      if (!isSame) throw new Error(`${other} is not ${one}: they part after byte ${at}`)
      if (first.bytesRead < PIECE) return
    }
  } finally {
    await Promise.all(files.map((file) => file.close()))
  }
}
