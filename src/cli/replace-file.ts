/** A file that is written whole, or stays as it was. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { RivetOtelError, reasonOf } from '../problem.js'

/** What a file is written of, in order. */
export type Pieces = Iterable<string> | AsyncIterable<Uint8Array>

/**
 * Writes a text in place of what a file holds. What a symbolic link leads to is replaced, not the
 * link; what is no plain file, such as a pipe, is written to.
 *
 * @param pieces in order; together they may be longer than a text can be
 * @throws {RivetOtelError} `UNWRITABLE`; then the file is as it was.
 * @example
 * await replaceFile('report.html', [html])
 */
export async function replaceFile(path: string, pieces: Pieces): Promise<void> {
  try {
    const target = existsSync(path) ? await realpath(path) : path
    if (existsSync(target) && !(await stat(target)).isFile()) await writeFile(target, pieces)
    else await writeBeside(target, pieces)
  } catch (error) {
    if (error instanceof RivetOtelError) throw error
    throw new RivetOtelError('UNWRITABLE', `${path} cannot be written: ${reasonOf(error)}`, {
      cause: error,
    })
  }
}

async function writeBeside(path: string, pieces: Pieces): Promise<void> {
  const half = `${path}.${randomBytes(6).toString('hex')}.tmp`
  const mode = existsSync(path) ? (await stat(path)).mode : undefined
  // What is there already is somebody else's: only what was made here is taken away again.
  const file = await open(half, 'wx', mode)
  try {
    try {
      await file.writeFile(pieces)
    } finally {
      await file.close()
    }
    await rename(half, path)
  } catch (error) {
    await rm(half, { force: true })
    throw error
  }
}
