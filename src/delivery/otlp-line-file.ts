/**
 * A file of OTLP JSON lines that is added to, while others may add to it too.
 *
 * It goes through the lines once, and through what came since whenever it is asked. A last line that
 * was cut is taken off, and one that only lacks its newline gets it, once nobody else is writing there.
 * It never changes a line that has its end, and refuses a file that is something else. What a line
 * means is its reader's business.
 */
import { setTimeout as realSleep } from 'node:timers/promises'
import { decodeUtf8, FIRST_LINE, type Line, type LinePosition } from '../json/lines.js'
import { RivetOtelError } from '../problem.js'
import { AppendFile } from './append-file.js'
import { linesOf } from './file-lines.js'
import { describeOther, isBeginningOfTraces, type OtlpLineKind } from './otlp-line.js'

/** Who reads the lines of a file. */
export interface OtlpLineReader {
  /** Takes note of a line, and says what it holds. */
  read(text: string): OtlpLineKind
  /** What was read is no longer there: the file is another one. */
  forget(): void
}

/** What a file of lines tells on the way. */
export interface OtlpLineFileOptions {
  /** Told of damage that was found or mended, one sentence each. */
  readonly notice?: (message: string) => void
  readonly sleep?: (ms: number) => Promise<unknown>
}

const NEWLINE = Buffer.from('\n')

/** How long a file must stay as it is before its damaged end counts as nobody's work, in ms. */
const QUIET_MS = 250
/** How often that is tried while somebody else writes. */
const QUIET_TRIES = 20

/** A last line without its newline. */
interface OpenEnd extends LinePosition {
  readonly bytes: number
  /** Whether only the newline lacks. */
  readonly isWhole: boolean
}

/**
 * A file of OTLP JSON lines; one that does not exist is made with its first line.
 *
 * @throws {RivetOtelError} `INVALID_SOURCE` where the file is something else, `UNWRITABLE` where it
 *   cannot be written.
 * @example
 * const file = new OtlpLineFile('rivet-traces.otlp.jsonl', reader)
 * await file.mendEnd()
 * file.append([Buffer.from('{"resourceSpans":[]}')])
 * file.close()
 */
export class OtlpLineFile {
  readonly location: string
  readonly #file: AppendFile
  readonly #reader: OtlpLineReader
  readonly #notice: (message: string) => void
  readonly #sleep: (ms: number) => Promise<unknown>
  /** Where the first line begins that is not known to have its end. */
  #next = FIRST_LINE
  #openEnd: OpenEnd | undefined
  /** Whether a line with traces came already; before that the file may be something else. */
  #isOtlp = false

  constructor(
    path: string,
    reader: OtlpLineReader,
    { notice = () => {}, sleep = realSleep }: OtlpLineFileOptions = {},
  ) {
    this.location = path
    this.#file = new AppendFile(path)
    this.#reader = reader
    this.#notice = notice
    this.#sleep = sleep
  }

  /** Where the file was moved or removed since it was last written, begins a new one. */
  async startOver(): Promise<void> {
    if (!this.#file.wasMoved()) return
    this.#file.close()
    this.#forget()
    await this.catchUp()
  }

  /** Reads what came into the file since it was last read. */
  async catchUp(): Promise<void> {
    for (let size = this.#file.size(); size !== this.#known(); size = this.#file.size()) {
      if (size < this.#next.start) this.#forget()
      await this.#read()
    }
  }

  /** Brings the end of the file to the end of a line, once nobody else is writing there. */
  async mendEnd(): Promise<void> {
    for (let tries = 0; ; tries++) {
      await this.catchUp()
      const end = this.#openEnd
      if (end === undefined) return
      if (tries === QUIET_TRIES) {
        throw new RivetOtelError(
          'UNWRITABLE',
          `${this.location} cannot be written: another program is writing to it`,
        )
      }
      await this.#sleep(QUIET_MS)
      await this.#read()
      const now = this.#openEnd
      const isQuiet =
        now?.start === end.start && now.bytes === end.bytes && this.#file.size() === this.#known()
      if (isQuiet) this.#mend(end)
    }
  }

  /**
   * Adds a line of traces, given in pieces and without its newline, whose contents the reader knows
   * already.
   */
  append(pieces: readonly Uint8Array[]): void {
    const bytes = this.#file.append([...pieces, NEWLINE])
    this.#isOtlp = true
    const { start, number } = this.#next
    // Where another program added a line just before, both are read again instead.
    if (this.#file.size() === start + bytes)
      this.#next = { start: start + bytes, number: number + 1 }
  }

  /** In bytes; 0 while there is no file. */
  size(): number {
    return this.#file.size()
  }

  /** Waits until everything is on the disk. */
  async sync(): Promise<void> {
    await this.#file.sync()
  }

  /** Takes off what was added last; it is no longer known then. */
  cutOff(start: number): void {
    this.#file.cutOff(start)
  }

  /** Closes the file, with everything on the disk. */
  close(): void {
    this.#file.close()
  }

  #mend({ isWhole, start, number, bytes }: OpenEnd): void {
    if (isWhole) {
      this.#file.append([NEWLINE])
      return
    }
    this.#file.cutOff(start)
    this.#notice(
      `${this.location} line ${number} was cut off in the middle; its ${bytes} bytes were taken off`,
    )
  }

  /** The size up to which the file was read. */
  #known(): number {
    return this.#next.start + (this.#openEnd?.bytes ?? 0)
  }

  #forget(): void {
    this.#reader.forget()
    this.#next = FIRST_LINE
    this.#isOtlp = false
  }

  async #read(): Promise<void> {
    this.#openEnd = undefined
    const { fd } = this.#file
    if (fd === undefined) return
    for await (const line of linesOf(fd, this.#next)) {
      const { start, number, end } = line
      const kind = this.#take(line)
      if (line.terminated) this.#next = { start: end, number: number + 1 }
      else this.#openEnd = { start, number, bytes: end - start, isWhole: kind !== 'broken' }
    }
  }

  #take({ bytes, number, terminated }: Line): OtlpLineKind {
    const whole = decodeUtf8(bytes)
    const text = whole ?? Buffer.from(bytes).toString()
    if (text.trim() === '') return 'other'
    const kind = whole === undefined ? 'broken' : this.#reader.read(whole)
    if (kind === 'traces' || kind === 'other') {
      this.#isOtlp = true
    } else if (!this.#isOtlp) {
      if (terminated || !isBeginningOfTraces(text)) throw this.#refusal(text)
    } else if (terminated) {
      const what = kind === 'json' ? 'no OTLP' : 'no JSON'
      this.#notice(`${this.location} line ${number} is ${what}; it is left as it is`)
    }
    return kind
  }

  #refusal(firstLine: string): RivetOtelError {
    return new RivetOtelError(
      'INVALID_SOURCE',
      `${this.location} holds ${describeOther(firstLine)}; expected OTLP JSON lines to add to, so nothing was written`,
      { hint: 'Name another file.' },
    )
  }
}
