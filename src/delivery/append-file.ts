/**
 * A file that only grows: what is added is added whole or not at all.
 *
 * It is made when something is added first. Adding and cutting off are synchronous, so that nothing
 * in this process comes between a look at the size and the write that relies on it.
 */
import {
  accessSync,
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  statSync,
  writeSync,
  writevSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { RivetOtelError, reasonOf } from '../problem.js'

const syncData = promisify(fdatasync)

/**
 * A file that is appended to.
 *
 * @example
 * const file = new AppendFile('rivet-traces.otlp.jsonl')
 * file.append([Buffer.from('{"resourceSpans":[]}\n')])
 * file.close()
 */
export class AppendFile {
  readonly #path: string
  #fd: number | undefined
  #isChanged = false

  /** @throws {RivetOtelError} `UNWRITABLE` where nothing can be added there. */
  constructor(path: string) {
    this.#path = path
    try {
      if (!this.#openExisting()) accessSync(dirname(path), constants.W_OK)
    } catch (error) {
      if (error instanceof RivetOtelError) throw error
      throw unwritable(path, reasonOf(error), error)
    }
  }

  /** The open file, to read from; `undefined` while there is none. */
  get fd(): number | undefined {
    return this.#fd
  }

  /** In bytes; 0 while there is no file. */
  size(): number {
    if (this.#fd === undefined && !this.#openExisting()) return 0
    return this.#fd === undefined ? 0 : fstatSync(this.#fd).size
  }

  /** Whether the open file is no longer the one under its name. */
  wasMoved(): boolean {
    if (this.#fd === undefined) return false
    const named = statSync(this.#path, { throwIfNoEntry: false })
    const open = fstatSync(this.#fd)
    return named?.ino !== open.ino || named.dev !== open.dev
  }

  /**
   * Adds bytes, given in pieces, to the end; what was written of them when the disk is full is taken
   * off again.
   *
   * @returns how many bytes.
   * @throws {RivetOtelError} `UNWRITABLE` where they could not all be written.
   */
  append(pieces: readonly Uint8Array[]): number {
    const fd = this.#forWriting()
    const before = fstatSync(fd).size
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
    let written = 0
    try {
      written = writevSync(fd, pieces)
      while (written < length) written += writeSync(fd, Buffer.concat(pieces), written)
      return length
    } catch (error) {
      // Somebody else may have added a line behind the beginning of ours; theirs has to stay.
      if (written > 0 && fstatSync(fd).size === before + written) ftruncateSync(fd, before)
      throw unwritable(this.#path, reasonOf(error), error)
    }
  }

  /**
   * Waits until everything is on the disk.
   *
   * @throws {RivetOtelError} `UNWRITABLE` where the disk does not confirm it.
   */
  async sync(): Promise<void> {
    if (this.#fd === undefined) return
    try {
      await syncData(this.#fd)
    } catch (error) {
      throw unwritable(this.#path, reasonOf(error), error)
    }
  }

  /** Takes off everything from a place on. */
  cutOff(start: number): void {
    ftruncateSync(this.#forWriting(), start)
  }

  /**
   * Closes the file, with everything on the disk.
   *
   * @throws {RivetOtelError} `UNWRITABLE` where the disk does not confirm it.
   */
  close(): void {
    const fd = this.#fd
    if (fd === undefined) return
    this.#fd = undefined
    try {
      if (this.#isChanged) fsyncSync(fd)
    } catch (error) {
      throw unwritable(this.#path, reasonOf(error), error)
    } finally {
      closeSync(fd)
    }
  }

  #openExisting(): boolean {
    const found = statSync(this.#path, { throwIfNoEntry: false })
    if (found === undefined) return false
    if (!found.isFile()) {
      throw unwritable(
        this.#path,
        found.isDirectory() ? 'it is a directory' : 'it is not a regular file',
      )
    }
    this.#fd = openSync(this.#path, constants.O_RDWR | constants.O_APPEND)
    return true
  }

  #forWriting(): number {
    this.#isChanged = true
    if (this.#fd === undefined) {
      const { O_RDWR, O_APPEND, O_CREAT } = constants
      try {
        this.#fd = openSync(this.#path, O_RDWR | O_APPEND | O_CREAT, 0o666)
      } catch (error) {
        throw unwritable(this.#path, reasonOf(error), error)
      }
    }
    // What is written to a file that was moved or removed meanwhile would be lost unnoticed.
    if (this.wasMoved()) {
      throw unwritable(this.#path, 'it was moved or removed while it was being written')
    }
    return this.#fd
  }
}

function unwritable(path: string, reason: string, cause?: unknown): RivetOtelError {
  return new RivetOtelError('UNWRITABLE', `${path} cannot be written: ${reason}`, {
    hint: 'Name another file.',
    cause,
  })
}
