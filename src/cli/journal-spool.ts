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

/** So many bytes wait in memory. */
const MOST_IN_MEMORY = 4_000_000
/** So many are read together where they lie side by side. */
const READ_BYTES = 4_000_000

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
  /** In the order in which they came, all of them behind what is in the file. */
  #inMemory: Buffer[] = []
  #bytesInMemory = 0
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
    const start = this.#bytesInFile + this.#bytesInMemory
    for (const piece of pieces) {
      const bytes = Buffer.from(piece)
      this.#inMemory.push(bytes)
      this.#bytesInMemory += bytes.length
      if (this.#bytesInMemory > MOST_IN_MEMORY) await this.#spill()
    }
    return { start, length: this.#bytesInFile + this.#bytesInMemory - start }
  }

  /** Journals that wait, in the order in which they are asked for. */
  async *journals(waiting: Iterable<SpooledJournal>): AsyncGenerator<Buffer> {
    if (this.#file !== undefined) await this.#spill()
    else this.#inMemory = [Buffer.concat(this.#inMemory)]
    let side: SpooledJournal[] = []
    let bytes = 0
    for (const journal of waiting) {
      const last = side.at(-1)
      const isBeside = last === undefined || last.start + last.length === journal.start
      if (!isBeside || bytes + journal.length > READ_BYTES) {
        yield* this.#together(side)
        side = []
        bytes = 0
      }
      side.push(journal)
      bytes += journal.length
    }
    yield* this.#together(side)
  }

  /** Lets go of all of them. */
  async close(): Promise<void> {
    this.#inMemory = []
    await this.#file?.close()
    this.#file = undefined
  }

  async *#together(side: readonly SpooledJournal[]): AsyncGenerator<Buffer> {
    const [first] = side
    const last = side.at(-1)
    if (first === undefined || last === undefined) return
    const bytes = await this.#read(first.start, last.start + last.length)
    for (const { start, length } of side)
      yield bytes.subarray(start - first.start, start - first.start + length)
  }

  async #read(start: number, end: number): Promise<Buffer> {
    if (this.#file === undefined) return this.#inMemory[0]?.subarray(start, end) ?? Buffer.alloc(0)
    const bytes = Buffer.allocUnsafe(end - start)
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await this.#doing(
        this.#file.read(bytes, done, bytes.length - done, start + done),
      )
      if (bytesRead === 0) throw new RangeError('the file of waiting journals is too short')
      done += bytesRead
    }
    return bytes
  }

  async #spill(): Promise<void> {
    this.#file ??= await this.#doing(nameless(this.#folder))
    if (this.#inMemory.length > 0) await this.#doing(this.#file.writeFile(this.#inMemory))
    this.#bytesInFile += this.#bytesInMemory
    this.#bytesInMemory = 0
    this.#inMemory = []
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
