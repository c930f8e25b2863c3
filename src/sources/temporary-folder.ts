/**
 * A folder of our own for what has to be copied before it can be read: nobody else can look into it,
 * and it does not outlive the process.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RivetOtelError, reasonOf } from '../problem.js'

/** A temporary folder. */
export interface TemporaryFolder {
  readonly path: string
  /**
   * Removes the folder while its files are still open: an open file outlives its name, so nothing
   * stays behind however the process ends. Where a system does not allow that, nothing happens.
   */
  unlink(): Promise<void>
  /** Removes the folder. */
  remove(): Promise<void>
}

/**
 * Makes a temporary folder.
 *
 * @param location what is to be copied, for messages.
 * @throws {RivetOtelError} `UNWRITABLE`.
 * @example
 * const folder = await temporaryFolder('standard input')
 */
export async function temporaryFolder(location: string): Promise<TemporaryFolder> {
  const path = await copying(location, () => mkdtemp(join(tmpdir(), 'rivet-otel-')))
  const remove = () => rm(path, { recursive: true, force: true })
  return { path, remove, unlink: () => remove().catch(() => undefined) }
}

/**
 * Does something that fails where the temporary folder cannot take more.
 *
 * @throws {RivetOtelError} `UNWRITABLE`.
 * @example
 * await copying('standard input', () => file.writeFile(bytes))
 */
export async function copying<T>(location: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw new RivetOtelError(
      'UNWRITABLE',
      `${location} has to be copied before it is read, and that failed in ${tmpdir()}: ${reasonOf(error)}`,
      { hint: 'make room there, or name another temporary folder with TMPDIR', cause: error },
    )
  }
}
