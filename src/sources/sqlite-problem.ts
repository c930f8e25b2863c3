/**
 * What SQLite refused, in words for whoever named the database.
 */
import { RivetOtelError } from '../problem.js'
import type { SqliteFailure } from './sqlite-connection.js'
import type { DatabaseFiles } from './sqlite-files.js'

/**
 * The problem that a failure of SQLite is.
 *
 * @example
 * throw sqliteProblem(failure, lookAtDatabase(path, path), path)
 */
export function sqliteProblem(
  failure: SqliteFailure,
  files: DatabaseFiles,
  location: string,
): RivetOtelError {
  const [what, hint] = describe(failure, files)
  return new RivetOtelError('INVALID_SOURCE', `the state database ${location} ${what}`, {
    hint,
    cause: failure,
  })
}

/**
 * The problem that a database could not be read because of others.
 *
 * @param why `locked`: SQLite said so; `changing`: it changed each time while it was read.
 * @example
 * throw busyProblem('locked', '.rivet_state.db')
 */
export function busyProblem(why: 'locked' | 'changing', location: string): RivetOtelError {
  const what =
    why === 'locked'
      ? 'is locked: another program, likely a running rivet, held it for 5 seconds'
      : 'is being written: another program, likely a running rivet, changed it for 5 seconds'
  return new RivetOtelError('SOURCE_BUSY', `the state database ${location} ${what}`, {
    hint: 'try again when rivet is done; fuser or lsof on the file tells who has it open',
  })
}

const RECOVER =
  'restore it from a backup, or save what can be saved: sqlite3 DAMAGED ".recover" | sqlite3 NEW, then read NEW'

function describe({ result, message }: SqliteFailure, files: DatabaseFiles): [string, string] {
  switch (result) {
    case 'CORRUPT':
      return files.bytes < files.headerBytes
        ? [
            `is cut short: it has ${files.bytes} bytes, its header speaks of ${files.headerBytes}`,
            RECOVER,
          ]
        : [`is damaged: ${message}`, RECOVER]
    case 'NOTADB':
      return [
        `is not a SQLite database, or an encrypted one: ${message}`,
        'is it rivet’s state database?',
      ]
    case 'PERM':
    case 'READONLY':
    case 'CANTOPEN':
      return [
        `cannot be opened: ${message}`,
        'run as a user who may read it and its -wal file, for example the one who runs rivet',
      ]
    default:
      return [`cannot be read: ${message}`, 'check the disk that it lies on, then try again']
  }
}
