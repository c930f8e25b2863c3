/**
 * Journals that wait to be written: what comes in any order goes out in another, and together they may
 * be more than memory has room for.
 *
 * Few of them wait in memory. More wait in a file that nobody else can open, and that has no name as soon
 * as it is open: nothing stays behind, however the process ends.
 */
import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { RivetOtelError, reasonOf } from '../problem.js'

/** Where a journal waits, in bytes. */
export interface SpooledJournal {
  readonly start: number
  readonly length: number
}

/** So many bytes wait in memory, and are read together where they lie side by side. */
const BUFFER_BYTES = 4_000_000

/**
 * A place for journals to wait in.
 *
 * @example
 * const spool = new JournalSpool(tmpdir())
 * const waiting = await spool.add(journalPieces(journal))
 * for await (const bytes of spool.journals([waiting])) console.log(bytes.toString())
 * await spool.close()
 */
export class JournalSpool {
  readonly #folder: string
  /** What came last, which is not in the file yet. It is one for all: many would pile up as garbage. */
  #buffer = Buffer.alloc(0)
  #bytesInBuffer = 0
  #bytesInFile = 0
  #file: FileHandle | undefined

  /** @param folder where the file is made, if there is one */
  constructor(folder: string) {
    this.#folder = folder
  }

  /**
   * Takes a journal, given in pieces.
   *
   * @throws {RivetOtelError} `UNWRITABLE` where there is no room for it.
   */
  async add(pieces: Iterable<string>): Promise<SpooledJournal> {
    const start = this.#bytesInFile + this.#bytesInBuffer
    for (const piece of pieces) {
      const length = Buffer.byteLength(piece)
      if (length > this.#buffer.length - this.#bytesInBuffer) {
        await this.#spill()
        this.#makeRoom(length)
      }
      this.#bytesInBuffer += this.#buffer.write(piece, this.#bytesInBuffer)
      if (this.#bytesInBuffer > BUFFER_BYTES) await this.#spill()
    }
    return { start, length: this.#bytesInFile + this.#bytesInBuffer - start }
  }

  /**
   * Journals that wait, in the order in which they are asked for; each is there until the next is asked
   * for, and none may be added meanwhile.
   */
  async *journals(waiting: Iterable<SpooledJournal>): AsyncGenerator<Buffer> {
    const file = this.#file
    if (file === undefined) {
      for (const { start, length } of waiting) yield this.#buffer.subarray(start, start + length)
      return
    }
    await this.#spill()
    let side: SpooledJournal[] = []
    let bytes = 0
    for (const journal of waiting) {
      const last = side.at(-1)
      const isBeside = last === undefined || last.start + last.length === journal.start
      if (!isBeside || bytes + journal.length > this.#buffer.length) {
        yield* this.#together(file, side)
        side = []
        bytes = 0
      }
      side.push(journal)
      bytes += journal.length
    }
    yield* this.#together(file, side)
  }

  /** Lets go of all of them. */
  async close(): Promise<void> {
    this.#buffer = Buffer.alloc(0)
    await this.#file?.close()
    this.#file = undefined
  }

  async *#together(file: FileHandle, side: readonly SpooledJournal[]): AsyncGenerator<Buffer> {
    const [first] = side
    const last = side.at(-1)
    if (first === undefined || last === undefined) return
    await this.#read(file, first.start, last.start + last.length - first.start)
    for (const { start, length } of side)
      yield this.#buffer.subarray(start - first.start, start - first.start + length)
  }

  async #read(file: FileHandle, start: number, length: number): Promise<void> {
    this.#makeRoom(length)
    for (let done = 0; done < length; ) {
      const { bytesRead } = await this.#doing(
        file.read(this.#buffer, done, length - done, start + done),
      )
      if (bytesRead === 0) throw new RangeError('the file of waiting journals is too short')
      done += bytesRead
    }
  }

  async #spill(): Promise<void> {
    if (this.#bytesInBuffer === 0) return
    this.#file ??= await this.#doing(nameless(this.#folder))
    await this.#doing(this.#file.writeFile(this.#buffer.subarray(0, this.#bytesInBuffer)))
    this.#bytesInFile += this.#bytesInBuffer
    this.#bytesInBuffer = 0
  }

  /** The buffer must hold nothing that is not in the file. */
  #makeRoom(bytes: number): void {
    if (bytes > this.#buffer.length)
      this.#buffer = Buffer.allocUnsafe(Math.max(bytes, BUFFER_BYTES))
  }

  async #doing<T>(action: Promise<T>): Promise<T> {
    try {
      return await action
    } catch (error) {
      throw new RivetOtelError(
        'UNWRITABLE',
        `the journals have to wait in a file, and that failed in ${this.#folder}: ${reasonOf(error)}`,
        { hint: 'Make room there; standard output has them wait where TMPDIR says.', cause: error },
      )
    }
  }
}

async function nameless(folder: string): Promise<FileHandle> {
  const path = join(folder, `.rivet-otel-${randomBytes(6).toString('hex')}.tmp`)
  const file = await open(path, 'wx+', 0o600)
  await rm(path, { force: true }).catch(() => undefined)
  return file
}
