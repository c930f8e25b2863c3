/**
 * Delivery into a file of OTLP JSON lines: the store that is used where there is no backend.
 *
 * Each line is an ExportTraceServiceRequest with the spans of one page. An export adds only the
 * spans that the file lacks; where it lacks none, no byte is added. The same runs give the same
 * bytes, also when an export was killed in the middle and is repeated.
 */
import { type PageSubject, type SentPage, sentPage, type TracePage } from '../mapping/page.js'
import { reasonOf } from '../problem.js'
import { encodedSpanIds } from '../trace/otlp-json.js'
import type { Delivery, HeldRevision, PageOutcome } from './delivery.js'
import { OtlpFileIndex } from './otlp-file-index.js'
import { type OtlpLineKind, readOtlpLine } from './otlp-line.js'
import { OtlpLineFile, type OtlpLineFileOptions, type OtlpLineReader } from './otlp-line-file.js'
import { spanEncoding } from './span-encoding.js'

const json = spanEncoding('json')

/** What a file delivery tells on the way. */
export type OtlpFileOptions = OtlpLineFileOptions

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

class OtlpFile implements Delivery, OtlpLineReader {
  readonly location: string
  readonly encoding = json.name
  readonly #file: OtlpLineFile
  #index = new OtlpFileIndex()

  constructor(path: string, options: OtlpFileOptions) {
    this.location = path
    this.#file = new OtlpLineFile(path, this, options)
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
    return this.#index.missingFrom(sentPage(page), spanIdsOf(page)).length
  }

  async close(): Promise<void> {
    this.#file.close()
  }

  /** Reads what came into the file since it was last read. */
  async catchUp(): Promise<void> {
    await this.#file.catchUp()
  }

  read(text: string): OtlpLineKind {
    const content = readOtlpLine(text)
    if (content.kind === 'traces') for (const { span } of content.spans) this.#index.add(span)
    return content.kind
  }

  forget(): void {
    this.#index = new OtlpFileIndex()
  }

  /** Says why it cannot be begun anew, where it has to be. */
  async #startOver(): Promise<string | undefined> {
    try {
      await this.#file.startOver()
      return undefined
    } catch (error) {
      return reasonOf(error)
    }
  }

  async #add(page: TracePage): Promise<PageOutcome> {
    await this.#file.mendEnd()
    const sent = sentPage(page)
    const missing = this.#index.missingFrom(sent, spanIdsOf(page))
    const delivered = missing.length
    if (delivered > 0) {
      const isWhole = delivered === sent.spans
      this.#append(sent, missing, isWhole ? encodedOf(page) : encodedPartOf(page, missing))
    }
    return { page: sent, delivered, present: sent.spans - delivered, rejected: 0, unsent: 0 }
  }

  #append(page: SentPage, spanIds: readonly string[], resourceSpans: Uint8Array): void {
    this.#file.append(json.join([resourceSpans]))
    this.#index.addOf(page, spanIds)
  }
}

function spanIdsOf(page: TracePage): readonly string[] {
  const bytes = cameEncoded(page)
  if (bytes !== undefined) return encodedSpanIds(bytes, sentPage(page).traceId)
  return page.trace.spans.map(({ spanId }) => spanId)
}

function encodedOf(page: TracePage): Uint8Array {
  return cameEncoded(page) ?? json.encode(page.trace)
}

function encodedPartOf({ trace }: TracePage, spanIds: readonly string[]): Uint8Array {
  const wanted = new Set(spanIds)
  return json.encode({ ...trace, spans: trace.spans.filter(({ spanId }) => wanted.has(spanId)) })
}

function cameEncoded({ encoded }: TracePage): Uint8Array | undefined {
  return encoded?.encoding === json.name ? encoded.bytes : undefined
}

function unsent(page: TracePage, message: string): PageOutcome {
  const sent = sentPage(page)
  const problem = { kind: 'rejected', message, isPlace: true } as const
  return { page: sent, delivered: 0, present: 0, rejected: 0, unsent: sent.spans, problem }
}
