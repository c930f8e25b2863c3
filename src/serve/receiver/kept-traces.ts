/**
 * The file in which a receiver keeps traces: which spans it holds, and what is added.
 *
 * Requests wait in a row. Several are written, then the disk confirms them together, and only then are
 * they answered: what was acknowledged outlives a crash. A request of spans that are all there adds
 * nothing.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type OtlpLineKind, readOtlpDocument } from '../../delivery/otlp-line.js'
import { OtlpLineFile, type OtlpLineReader } from '../../delivery/otlp-line-file.js'
import type { JsonObject } from '../../json/lossless.js'
import type { SentSpans } from '../../trace/sent-spans.js'
import { SpanIdSet } from '../../trace/span-id-set.js'
import { counted } from '../../view/quantities.js'
import type { ReceivedRun } from './receiver.js'
import { RunsInSpans } from './runs-in-spans.js'
import { readableSpansIn, spansIn, withSpans } from './span-tree.js'

/** What is confirmed together, in bytes of the file: not more than a disk writes in a moment. */
const BATCH_BYTES = 16_000_000

/** What became of a request. */
export type Kept =
  | { readonly kind: 'kept'; readonly rejected: number; readonly problem: string | undefined }
  /** It is no OTLP; sent again it will be none either. */
  | { readonly kind: 'unreadable'; readonly error: unknown }
  /** The file cannot be written now. */
  | { readonly kind: 'unwritable'; readonly error: unknown }

/** What a file is opened with. */
export interface KeptTracesOptions {
  readonly say: (message: string) => void
  /** Told of the runs of which spans were added, once they are on the disk. */
  readonly told: (runs: readonly ReceivedRun[]) => void
  /** The most bytes of a line: what is small as it is sent may be large as JSON. */
  readonly lineBytes: number
  /** From how many bytes on the size of the file is told of, once. */
  readonly largeBytes: number
}

interface Job {
  readonly read: () => SentSpans
  readonly done: (kept: Kept) => void
}

/** What is written and not yet confirmed. */
interface Batch {
  /** The size of the file before. */
  readonly before: number
  bytes: number
  readonly taken: { readonly job: Job; readonly kept: Kept }[]
  readonly runs: RunsInSpans
}

/**
 * A file of traces that is open.
 *
 * @example
 * const kept = new KeptTraces('rivet-traces.otlp.jsonl', { say, told, lineBytes, largeBytes })
 * await kept.add(() => readSentProtobuf(body)) // { kind: 'kept', rejected: 0, problem: undefined }
 */
export class KeptTraces implements OtlpLineReader {
  readonly #file: OtlpLineFile
  readonly #options: KeptTracesOptions
  readonly #path: string
  #hasToldSize = false
  #known = new SpanIdSet()
  readonly #row: Job[] = []
  /** Goes on until the row is empty. */
  #working: Promise<void> | undefined
  #onFirstLine = () => {}

  /** @throws {RivetOtelError} `UNWRITABLE` where nothing can be added there. */
  constructor(path: string, options: KeptTracesOptions) {
    this.#file = new OtlpLineFile(path, this, { notice: options.say })
    this.#path = path
    this.#options = options
  }

  /**
   * Begins to read which spans the file holds, and gives back as soon as it is known to be a file of
   * traces. What is added meanwhile waits until all is read.
   *
   * @throws {RivetOtelError} `INVALID_SOURCE` where it is something else.
   */
  async open(): Promise<void> {
    const first = new Promise<void>((resolve) => {
      this.#onFirstLine = resolve
    })
    const all = this.#file.catchUp()
    this.#working = all.then(
      () => this.#work(),
      () => this.#work(),
    )
    try {
      await Promise.race([all, first])
    } catch (error) {
      this.#file.close()
      throw error
    }
  }

  /** Adds what a request has and the file lacks. `read` is called when its turn has come. */
  add(read: () => SentSpans): Promise<Kept> {
    return new Promise((done) => {
      this.#row.push({ read, done })
      this.#working ??= this.#work()
    })
  }

  /** Adds what waits, then closes the file. */
  async close(): Promise<void> {
    while (this.#working !== undefined) await this.#working
    this.#file.close()
  }

  read(text: string): OtlpLineKind {
    const { kind, value } = readOtlpDocument(text)
    if (kind === 'traces') for (const ids of readableSpansIn(value)) this.#known.add(...ids)
    if (kind === 'traces' || kind === 'other') this.#onFirstLine()
    return kind
  }

  forget(): void {
    this.#known = new SpanIdSet()
  }

  async #work(): Promise<void> {
    while (this.#row.length > 0) {
      try {
        await this.#file.startOver()
        await this.#batch()
      } catch (error) {
        for (const { done } of this.#row.splice(0)) done({ kind: 'unwritable', error })
      }
    }
    this.#working = undefined
  }

  /** Takes requests from the row until they are many; throws where none can be written. */
  async #batch(): Promise<void> {
    const batch: Batch = { before: this.#file.size(), bytes: 0, taken: [], runs: new RunsInSpans() }
    try {
      for (let job = this.#row[0]; job !== undefined; job = this.#row[0]) {
        await nextTurn()
        await this.#file.mendEnd()
        this.#row.shift()
        this.#take(job, batch)
        if (batch.bytes >= BATCH_BYTES) break
      }
    } finally {
      await this.#confirm(batch)
    }
  }

  #take(job: Job, batch: Batch): void {
    let sent: SentSpans
    try {
      sent = job.read()
    } catch (error) {
      job.done({ kind: 'unreadable', error })
      return
    }
    let added: Added
    try {
      added = this.#append(sent.request, batch.runs)
    } catch (error) {
      job.done({ kind: 'unwritable', error })
      return
    }
    batch.bytes += added.bytes
    const rejected = sent.rejected + added.tooLarge
    const problems = [sent.problem, added.tooLarge > 0 ? this.#tooLarge(added.tooLarge) : undefined]
    const problem = problems.filter((each) => each !== undefined).join('; ') || undefined
    batch.taken.push({ job, kept: { kind: 'kept', rejected, problem } })
  }

  #tooLarge(spans: number): string {
    const { lineBytes } = this.#options
    return `too large as JSON: ${counted(spans, 'span')}; expected at most ${lineBytes} bytes for those of one request`
  }

  /** Adds a line of what the file lacks and has room in one. */
  #append(request: JsonObject, runs: RunsInSpans): Added {
    const added = new Set<string>()
    const lacking = withSpans(request, ({ traceId, spanId }) => {
      const ids = `${traceId}${spanId}`
      if (added.has(ids) || this.#known.has(String(traceId), String(spanId))) return false
      added.add(ids)
      return true
    })
    if (lacking === undefined) return { bytes: 0, tooLarge: 0 }
    const kept = this.#within(lacking)
    const tooLarge = count(lacking) - (kept === undefined ? 0 : count(kept.request))
    if (kept === undefined) return { bytes: 0, tooLarge }
    this.#file.append([kept.json])
    for (const span of spansIn(kept.request)) {
      this.#known.add(String(span.traceId), String(span.spanId))
      runs.add(span)
    }
    return { bytes: kept.json.length + 1, tooLarge }
  }

  /** As many of the spans as a line has room for; none, where what is around them is too large. */
  #within(request: JsonObject): Line | undefined {
    const { lineBytes } = this.#options
    const whole = lineOf(request)
    if (whole.json.length <= lineBytes) return whole
    const around = whole.json.length - sum([...spansIn(request)].map(bytesOf))
    let room = lineBytes - around
    const fitting = withSpans(request, (span) => {
      const bytes = bytesOf(span)
      if (bytes > room) return false
      room -= bytes
      return true
    })
    return fitting && lineOf(fitting)
  }

  async #confirm({ before, bytes, taken, runs }: Batch): Promise<void> {
    if (taken.length === 0) return
    try {
      await this.#file.sync()
    } catch (error) {
      // What the disk does not confirm is not there when it is sent again, unless others wrote behind it.
      if (bytes > 0 && this.#file.size() === before + bytes) this.#file.cutOff(before)
      for (const { job } of taken) job.done({ kind: 'unwritable', error })
      return
    }
    this.#tellSize(before + bytes)
    const added = runs.all()
    if (added.length > 0) this.#options.told(added)
    for (const { job, kept } of taken) job.done(kept)
  }

  #tellSize(bytes: number): void {
    const { largeBytes, say } = this.#options
    if (bytes < largeBytes || this.#hasToldSize) return
    this.#hasToldSize = true
    const megabytes = Math.floor(bytes / 1_000_000)
    say(
      `${this.#path} has ${megabytes} MB and grows with all that comes; move it away to begin anew`,
    )
  }
}

/** What became of the spans that the file lacked. */
interface Added {
  readonly bytes: number
  readonly tooLarge: number
}

interface Line {
  readonly request: JsonObject
  readonly json: Uint8Array
}

function lineOf(request: JsonObject): Line {
  return { request, json: Buffer.from(JSON.stringify(request)) }
}

function bytesOf(span: JsonObject): number {
  return Buffer.byteLength(JSON.stringify(span))
}

function count(request: JsonObject): number {
  return [...spansIn(request)].length
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
