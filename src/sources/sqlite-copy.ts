/**
 * A private copy of a database, for when the real one cannot be opened without leaving a trace.
 *
 * It holds what a crash at that moment would have left: the database with its `-wal` or `-journal`,
 * none of which changed while it was made. SQLite finishes in the copy what the writer left undone.
 */
import { constants } from 'node:fs'
import { access, chmod, copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SqliteConnection, SqliteDriver } from './sqlite-connection.js'
import { type DatabaseFiles, lookAtDatabase, unreadableFile } from './sqlite-files.js'
import { copying, type TemporaryFolder, temporaryFolder } from './temporary-folder.js'

/** An open private copy. */
export interface PrivateCopy {
  /** The {@link DatabaseFiles.signature} of what was copied. */
  readonly signature: string
  readonly connection: SqliteConnection
  /** Closes the copy and leaves nothing of it. */
  close(): Promise<void>
}

/**
 * Copies a database and opens the copy. Where the file system can share blocks, it takes no room.
 *
 * @returns `undefined` where the database changed meanwhile.
 * @throws {RivetOtelError} `UNWRITABLE` where the temporary folder cannot take it, `INVALID_SOURCE`
 *   where one of the files may not be read.
 * @throws {SqliteFailure} where SQLite cannot read what was copied.
 * @example
 * const copy = await copyDatabase(lookAtDatabase(path, path), driver, path)
 */
export async function copyDatabase(
  files: DatabaseFiles,
  driver: SqliteDriver,
  location: string,
): Promise<PrivateCopy | undefined> {
  const folder = await temporaryFolder(location)
  try {
    const connection = await openCopy(files, driver, location, folder)
    await (connection === undefined ? folder.remove() : folder.unlink())
    return (
      connection && {
        signature: files.signature,
        connection,
        close: () => close(connection, folder),
      }
    )
  } catch (error) {
    await folder.remove()
    throw error
  }
}

async function openCopy(
  files: DatabaseFiles,
  driver: SqliteDriver,
  location: string,
  folder: TemporaryFolder,
): Promise<SqliteConnection | undefined> {
  const copy = join(folder.path, 'state.db')
  const isUnchanged = () => lookAtDatabase(files.file, location).signature === files.signature
  try {
    await copyFiles(files, copy, location)
  } catch (error) {
    // A writer that is done removes its other files.
    if (isUnchanged()) throw error
  }
  if (!isUnchanged()) return undefined
  const connection = driver.open(copy, 'private')
  try {
    // To read the schema's version, SQLite opens every file that belongs to the copy.
    connection.all('PRAGMA schema_version')
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

async function copyFiles(
  { file, walBytes, journalBytes }: DatabaseFiles,
  copy: string,
  location: string,
): Promise<void> {
  const endings = ['', ...(walBytes > 0 ? ['-wal'] : []), ...(journalBytes > 0 ? ['-journal'] : [])]
  for (const ending of endings) {
    await access(file + ending, constants.R_OK).catch((error: unknown) => {
      throw unreadableFile(location + ending, error)
    })
    await copying(location, () =>
      copyFile(file + ending, copy + ending, constants.COPYFILE_FICLONE),
    )
    // A copy inherits the permissions, and SQLite must be able to write to it.
    await chmod(copy + ending, 0o600)
  }
}

async function close(connection: SqliteConnection, folder: TemporaryFolder): Promise<void> {
  connection.close()
  await folder.remove()
}
