/**
 * The bytes of a file or stream of journals. It knows files, not JSON.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { RivetOtelError, reasonOf } from '../problem.js'
import { copying, temporaryFolder } from './temporary-folder.js'

/** An open file that can be read more than once. */
export interface JournalBytes {
  /** The place as messages name it. */
  readonly location: string
  /** How many there were when it was opened. */
  readonly size: number
  /** The bytes from the beginning, without a byte order mark. */
  read(): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

const CHUNK_BYTES = 256 * 1024
const BYTE_ORDER_MARK = Buffer.from('\ufeff')

/**
 * Opens a file. A pipe is read to its end first, as by {@link spoolBytes}.
 *
 * @throws {RivetOtelError} `NOT_FOUND` or `INVALID_SOURCE`; reading may throw `INVALID_SOURCE` too.
 * @example
 * const bytes = await fileBytes('journals.jsonl')
 */
export async function fileBytes(path: string): Promise<JournalBytes> {
  const file = await reading(path, () => open(path))
  const stats = await file.stat()
  if (stats.isFile()) return bytesOf(file, stats.size, path, () => file.close())
  try {
    if (!stats.isDirectory()) return await spoolBytes(chunksOf(file, path, 'on'), path)
    throw new RivetOtelError('INVALID_SOURCE', `${path} is a folder; expected a file with journals`)
  } finally {
    await file.close()
  }
}

/**
 * Reads a stream to its end into a temporary file.
 *
 * @param location how messages name the stream.
 * @throws {RivetOtelError} `INVALID_SOURCE` where the stream breaks off, `UNWRITABLE` where the
 *   temporary folder cannot take it.
 * @example
 * const bytes = await spoolBytes(process.stdin, 'standard input')
 */
export async function spoolBytes(
  stream: AsyncIterable<Uint8Array>,
  location: string,
): Promise<JournalBytes> {
  const folder = await temporaryFolder(location)
  let file: FileHandle | undefined
  const close = async () => {
    await file?.close()
    await folder.remove()
  }
  try {
    const opened = await copying(location, () => open(join(folder.path, 'journals'), 'wx+', 0o600))
    file = opened
    await folder.unlink()
    const chunks = stream[Symbol.asyncIterator]()
    for (;;) {
      const chunk = await reading(location, () => chunks.next())
      if (chunk.done === true) break
      await copying(location, () => opened.writeFile(chunk.value))
    }
    const { size } = await copying(location, () => opened.stat())
    return bytesOf(opened, size, location, close)
  } catch (error) {
    await close()
    throw error
  }
}

function bytesOf(
  file: FileHandle,
  size: number,
  location: string,
  close: () => Promise<void>,
): JournalBytes {
  return { location, size, read: () => chunksOf(file, location, 'from the beginning'), close }
}

async function* chunksOf(
  file: FileHandle,
  location: string,
  way: 'from the beginning' | 'on',
): AsyncGenerator<Uint8Array> {
  for (let position = 0; ; ) {
    const at = way === 'on' ? null : position
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    const { bytesRead } = await reading(location, () => file.read(chunk, 0, CHUNK_BYTES, at))
    if (bytesRead === 0) return
    const bytes = chunk.subarray(0, bytesRead)
    yield position === 0 && way !== 'on' ? withoutMark(bytes) : bytes
    position += bytesRead
  }
}

function withoutMark(bytes: Buffer): Buffer {
  const hasMark = bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
  return hasMark ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes
}

async function reading<T>(location: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw error instanceof RivetOtelError ? error : cannotRead(location, error)
  }
}

function cannotRead(location: string, error: unknown): RivetOtelError {
  const { code } = error as { code?: unknown }
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new RivetOtelError('NOT_FOUND', `${location} does not exist`, {
      hint: 'name a file with journals with --from, or rivet’s configuration with -c rivet.yaml',
      cause: error,
    })
  }
  return new RivetOtelError(
    'INVALID_SOURCE',
    code === 'EACCES' || code === 'EPERM'
      ? `${location} may not be read: permission denied`
      : `${location} cannot be read: ${reasonOf(error)}`,
    { cause: error },
  )
}
