/**
 * Delivery into a file of OTLP JSON lines: the store that is used where there is no backend.
 *
 * Each line is an ExportTraceServiceRequest with the spans of one page. An export adds only the
 * spans that the file lacks; where it lacks none, no byte is added. The same runs give the same
 * bytes, also when an export was killed in the middle and is repeated: a last line that was cut is
 * taken off, and one that only lacks its newline gets it, once nobody else is writing there.
 *
 * It never changes a line that has its end, and refuses a file that is something else.
 */
import { setTimeout as realSleep } from 'node:timers/promises'
import { decodeUtf8, FIRST_LINE, type Line, type LinePosition } from '../json/lines.js'
import type { PageSubject, TracePage } from '../mapping/page.js'
import { RivetOtelError, reasonOf } from '../problem.js'
import { encodeResourceSpansJson, joinJsonRequest } from '../trace/otlp-json.js'
import type { Trace } from '../trace/trace.js'
import { AppendFile } from './append-file.js'
import type { Delivery, HeldRevision, PageOutcome } from './delivery.js'
import { linesOf } from './file-lines.js'
import { OtlpFileIndex } from './otlp-file-index.js'
import { describeOther, isBeginningOfTraces, type OtlpLine, readOtlpLine } from './otlp-line.js'

/** What a file delivery tells on the way. */
export interface OtlpFileOptions {
  /** Told of damage that was found or mended, one sentence each. */
  readonly notice?: (message: string) => void
  readonly sleep?: (ms: number) => Promise<unknown>
}

/** How long a file must stay as it is before its damaged end counts as nobody's work, in ms. */
const QUIET_MS = 250
/** How often that is tried while somebody else writes. */
const QUIET_TRIES = 20

/**
 * Opens a file of OTLP JSON lines and reads which spans it holds. A file that does not exist is
 * made with its first line.
 *
 * @throws {RivetOtelError} `INVALID_SOURCE` where the file is something else, `UNWRITABLE` where it
 *   cannot be written.
 * @example
 * const delivery = await openOtlpFile('rivet-traces.otlp.jsonl', { notice: console.error })
 * for await (const { page, delivered, present } of delivery.send(pages)) {
 *   console.log(page.runId, delivered, present)
 * }
 * await delivery.close()
 */
export async function openOtlpFile(path: string, options: OtlpFileOptions = {}): Promise<Delivery> {
  const store = new OtlpFile(path, options)
  try {
    await store.catchUp()
  } catch (error) {
    await store.close()
    throw error
  }
  return store
}

/** A last line without its newline. */
interface OpenEnd extends LinePosition {
  readonly bytes: number
  /** Whether only the newline lacks. */
  readonly isWhole: boolean
}

class OtlpFile implements Delivery {
  readonly location: string
  readonly #file: AppendFile
  readonly #notice: (message: string) => void
  readonly #sleep: (ms: number) => Promise<unknown>
  #index = new OtlpFileIndex()
  /** Where the first line begins that is not known to have its end. */
  #next = FIRST_LINE
  #openEnd: OpenEnd | undefined
  /** Whether a line with traces came already; before that the file may be something else. */
  #isOtlp = false

  constructor(path: string, { notice = () => {}, sleep = realSleep }: OtlpFileOptions) {
    this.location = path
    this.#file = new AppendFile(path)
    this.#notice = notice
    this.#sleep = sleep
  }

  async *send(pages: AsyncIterable<TracePage>): AsyncGenerator<PageOutcome> {
    let failure = await this.#startOver()
    for await (const page of pages) {
      let outcome: PageOutcome | undefined
      // After a failure nothing more is written, so that a repeated export continues in order.
      try {
        if (failure === undefined) outcome = await this.#add(page)
      } catch (error) {
        failure = reasonOf(error)
      }
      yield outcome ?? unsent(page, failure ?? '')
    }
  }

  async held(
    namespace: string,
    runId: string,
    subject?: PageSubject,
  ): Promise<readonly HeldRevision[]> {
    return this.#index.held(namespace, runId, subject)
  }

  async lacking(page: TracePage): Promise<number> {
    return this.#index.missingFrom(page).length
  }

  async close(): Promise<void> {
    this.#file.close()
  }

  /** Where the file was moved or removed since it was last written, begins a new one; says why not. */
  async #startOver(): Promise<string | undefined> {
    if (!this.#file.wasMoved()) return undefined
    try {
      this.#file.close()
      this.#forget()
      await this.catchUp()
      return undefined
    } catch (error) {
      return reasonOf(error)
    }
  }

  /** Reads what came into the file since it was last read. */
  async catchUp(): Promise<void> {
    for (let size = this.#file.size(); size !== this.#known(); size = this.#file.size()) {
      if (size < this.#next.start) this.#forget()
      await this.#read()
    }
  }

  async #add(page: TracePage): Promise<PageOutcome> {
    await this.#mendEnd()
    const missing = this.#index.missingFrom(page)
    if (missing.length > 0) this.#append({ ...page.trace, spans: missing })
    const present = page.trace.spans.length - missing.length
    return { page, delivered: missing.length, present, rejected: 0, unsent: 0 }
  }

  #append(trace: Trace): void {
    const line = Buffer.from(`${joinJsonRequest([encodeResourceSpansJson(trace)])}\n`)
    this.#file.append(line)
    this.#isOtlp = true
    for (const span of trace.spans) this.#index.add(span)
    const { start, number } = this.#next
    // Where another program added a line just before, both are read again instead.
    if (this.#file.size() === start + line.length) {
      this.#next = { start: start + line.length, number: number + 1 }
    }
  }

  /** Brings the end of the file to the end of a line, once nobody else is writing there. */
  async #mendEnd(): Promise<void> {
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

  #mend({ isWhole, start, number, bytes }: OpenEnd): void {
    if (isWhole) {
      this.#file.append(Buffer.from('\n'))
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
    this.#index = new OtlpFileIndex()
    this.#next = FIRST_LINE
    this.#isOtlp = false
  }

  async #read(): Promise<void> {
    this.#openEnd = undefined
    const { fd } = this.#file
    if (fd === undefined) return
    for await (const line of linesOf(fd, this.#next)) {
      const { start, number, end } = line
      const { kind } = this.#take(line)
      if (line.terminated) this.#next = { start: end, number: number + 1 }
      else this.#openEnd = { start, number, bytes: end - start, isWhole: kind !== 'broken' }
    }
  }

  #take({ bytes, number, terminated }: Line): OtlpLine {
    const whole = decodeUtf8(bytes)
    const text = whole ?? Buffer.from(bytes).toString()
    if (text.trim() === '') return { kind: 'other' }
    const content: OtlpLine = whole === undefined ? { kind: 'broken' } : readOtlpLine(whole)
    if (content.kind === 'traces') {
      this.#isOtlp = true
      for (const { span } of content.spans) this.#index.add(span)
    } else if (content.kind === 'other') {
      this.#isOtlp = true
    } else if (!this.#isOtlp) {
      if (terminated || !isBeginningOfTraces(text)) throw this.#refusal(text)
    } else if (terminated) {
      const what = content.kind === 'json' ? 'no OTLP' : 'no JSON'
      this.#notice(`${this.location} line ${number} is ${what}; it is left as it is`)
    }
    return content
  }

  #refusal(firstLine: string): RivetOtelError {
    return new RivetOtelError(
      'INVALID_SOURCE',
      `${this.location} holds ${describeOther(firstLine)}; expected OTLP JSON lines to add to, so nothing was written`,
      { hint: 'Name another file.' },
    )
  }
}

function unsent(page: TracePage, message: string): PageOutcome {
  const { length } = page.trace.spans
  const problem = { kind: 'rejected', message, isPlace: true } as const
  return { page, delivered: 0, present: 0, rejected: 0, unsent: length, problem }
}
