/**
 * The files of a SQLite database as they lie there: the database, its `-wal`, `-shm` and `-journal`.
 *
 * It looks and never opens through SQLite, so looking changes nothing.
 *
 * Looking opens and closes the database file. On POSIX systems that ends every lock which this same
 * process holds on it, so a program must not read through here what it writes at the same time.
 */
import {
  type BigIntStats,
  closeSync,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { RivetOtelError, reasonOf } from '../problem.js'

/** What was seen. Sizes are in bytes; a file that is missing has size 0. */
export interface DatabaseFiles {
  /** Device and inode of the database: another file in its place has another identity. */
  readonly identity: string
  /** The absolute path of the database, symbolic links followed: its other files lie beside it. */
  readonly file: string
  readonly bytes: number
  readonly walBytes: number
  readonly journalBytes: number
  /** Whether there is a `-wal`, be it empty. */
  readonly hasWal: boolean
  readonly hasShm: boolean
  /** Whether its newest transactions may be in the `-wal` file. */
  readonly isWal: boolean
  /** How many bytes the header speaks of; where the file is shorter, it was cut. */
  readonly headerBytes: number
  /** When database, `-wal` or `-journal` changed last, in milliseconds since 1970. */
  readonly changedMs: number
  /** Changes whenever the contents do, unless two changes fall into one tick of the file system's clock. */
  readonly signature: string
  /**
   * The same without the change time of the `-wal`: SQLite sets its owner, the same again, whenever root
   * opens it to read.
   */
  readonly ownerlessSignature: string
}

const MAGIC = 'SQLite format 3\0'
const HEADER_BYTES = 100
/** Both copies of the WAL-index header, https://sqlite.org/walformat.html#walidxfmt. */
const WAL_INDEX_HEADER_BYTES = 96
/** Offset 18 of the header, "file format write version": 1 is a rollback journal, 2 is WAL. */
const WAL_VERSION = 2

/**
 * Looks at a database.
 *
 * @param location how messages name it.
 * @throws {RivetOtelError} `NOT_FOUND` where it is missing, `INVALID_SOURCE` where it is a folder, may
 *   not be read, or does not begin like a SQLite database.
 * @example
 * lookAtDatabase('.rivet_state.db', '.rivet_state.db').isWal // true
 */
export function lookAtDatabase(path: string, location: string): DatabaseFiles {
  const { file, stats, header } = readHeader(path, location)
  if (header.toString('latin1', 0, MAGIC.length) !== MAGIC) throw notSqlite(location, header)
  const wal = statIfThere(`${file}-wal`)
  const journal = statIfThere(`${file}-journal`)
  const walBytes = Number(wal?.size ?? 0)
  const pageSize = header.readUInt16BE(16)
  return {
    identity: `${stats.dev}:${stats.ino}`,
    file,
    bytes: Number(stats.size),
    walBytes,
    journalBytes: Number(journal?.size ?? 0),
    hasWal: wal !== undefined,
    hasShm: statIfThere(`${file}-shm`) !== undefined,
    isWal: header[18] === WAL_VERSION || walBytes > 0,
    headerBytes: (pageSize === 1 ? 65_536 : pageSize) * header.readUInt32BE(28),
    changedMs: Math.max(...[stats, wal, journal].map((one) => Number(one?.ctimeMs ?? 0))),
    signature: [stats, wal, journal].map(sign).join(' '),
    ownerlessSignature: `${sign(stats)} ${signContents(wal)} ${sign(journal)}`,
  }
}

/**
 * What the `-shm` says is committed; `''` where there is none. A commit changes it, and no reader
 * does. It is needed beside the signature because a writer may wait for its disk between the last
 * byte that it writes to the `-wal` and the moment at which others can see its rows.
 *
 * @example
 * commitMark(lookAtDatabase('.rivet_state.db', '.rivet_state.db'))
 */
export function commitMark({ file, hasShm }: DatabaseFiles): string {
  if (!hasShm) return ''
  try {
    const descriptor = openSync(`${file}-shm`, 'r')
    try {
      const header = Buffer.alloc(WAL_INDEX_HEADER_BYTES)
      readSync(descriptor, header, 0, header.length, 0)
      return header.toString('hex')
    } finally {
      closeSync(descriptor)
    }
  } catch {
    // Whoever may not read it, or comes when it goes, has the signature alone.
    return ''
  }
}

/**
 * What changes with every commit: how the files lie, and what is committed.
 *
 * @example
 * databaseMark(lookAtDatabase('.rivet_state.db', '.rivet_state.db'))
 */
export function databaseMark(files: DatabaseFiles): string {
  const committed = commitMark(files)
  return committed === '' ? files.signature : `${files.ownerlessSignature} ${committed}`
}

function readHeader(path: string, location: string) {
  try {
    const file = realpathSync(path)
    const descriptor = openSync(file, 'r')
    try {
      const stats = fstatSync(descriptor, { bigint: true })
      const header = Buffer.alloc(HEADER_BYTES)
      if (stats.isFile()) readSync(descriptor, header, 0, HEADER_BYTES, 0)
      if (!stats.isFile() || stats.size === 0n) throw notAFile(location, stats)
      return { file, stats, header }
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw error instanceof RivetOtelError ? error : unreadableFile(location, error)
  }
}

function statIfThere(file: string): BigIntStats | undefined {
  return statSync(file, { bigint: true, throwIfNoEntry: false })
}

/** The change time is in it because a modification time can be set back. */
function sign(stats: BigIntStats | undefined): string {
  const contents = signContents(stats)
  return stats === undefined || contents === NONE ? NONE : `${contents}:${stats.ctimeNs}`
}

const NONE = 'none'

function signContents(stats: BigIntStats | undefined): string {
  if (stats === undefined || stats.size === 0n) return NONE
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`
}

function notAFile(location: string, stats: BigIntStats): RivetOtelError {
  if (stats.isDirectory()) {
    return new RivetOtelError(
      'INVALID_SOURCE',
      `${location} is a folder; expected a state database, a file`,
      { hint: 'rivet keeps its state in .rivet_state.db beside rivet.yaml: name that file' },
    )
  }
  return new RivetOtelError(
    'INVALID_SOURCE',
    stats.isFile()
      ? `${location} is empty (0 bytes); expected a SQLite database`
      : `${location} is no regular file; expected a SQLite database`,
    { isNotYet: stats.isFile() },
  )
}

/**
 * The problem that a file of a database cannot be read.
 *
 * @param location how messages name the file.
 * @example
 * throw unreadableFile('.rivet_state.db-wal', error)
 */
export function unreadableFile(location: string, error: unknown): RivetOtelError {
  const { code } = error as { code?: unknown }
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new RivetOtelError('NOT_FOUND', `the state database ${location} does not exist`, {
      hint: 'name the configuration that rivet runs with (-c rivet.yaml), or the database itself (--from)',
      cause: error,
    })
  }
  return new RivetOtelError(
    'INVALID_SOURCE',
    code === 'EACCES' || code === 'EPERM'
      ? `the state database ${location} may not be read: permission denied`
      : `the state database ${location} cannot be read: ${reasonOf(error)}`,
    { hint: 'run as a user who may read it, for example the one who runs rivet', cause: error },
  )
}

function notSqlite(location: string, header: Buffer): RivetOtelError {
  const start = JSON.stringify(header.toString('latin1', 0, 16).replace(/\0+$/, ''))
  return new RivetOtelError(
    'INVALID_SOURCE',
    `${location} is not a SQLite database: it begins with ${start}, expected "SQLite format 3"`,
    { hint: 'is it rivet’s state database? An encrypted one cannot be read either' },
  )
}
