/**
 * Files of traces: OTLP JSON as one document, a list of documents, or JSON lines as the collector's
 * file exporter writes them; and what Jaeger or Tempo answered, saved as it came.
 *
 * Lines are read one at a time. Only a file whose first line is not JSON by itself is read as one
 * document, and then as a whole.
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { decodeUtf8, FIRST_LINE, type Line, LONGEST_LINE_BYTES, readLines } from '../json/lines.js'
import { isJsonObject, isList, type JsonValue, parseJson } from '../json/lossless.js'
import { RivetOtelError, reasonOf } from '../problem.js'
import { readOtlpText } from '../trace/otlp-json-text.js'
import type { ReceivedSpan } from '../trace/trace.js'
import { decodeTraceDocument, TRACE_DOCUMENTS } from '../trace/trace-document.js'
import type { SpanDocument, SpanItem, SpanProblem, SpanStream } from './backend.js'

/**
 * A file of traces, in any JSON that `decodeTraceDocument` reads.
 *
 * @example
 * for await (const item of openOtlpJsonFile('traces.otlp.jsonl').spans()) console.log(item.kind)
 */
export function openOtlpJsonFile(path: string): SpanStream {
  return {
    location: path,
    spans: () => itemsOf(readDocuments(readFile(path), path)),
    documents: () => readDocumentsOfFile(path),
    again: (places) => readAgain(path, places),
  }
}

/**
 * Traces from a stream, for example standard input; it can be read once.
 *
 * @example
 * openOtlpJsonStream(process.stdin, 'standard input').spans()
 */
export function openOtlpJsonStream(
  stream: AsyncIterable<Uint8Array>,
  location: string,
): SpanStream {
  return {
    location,
    spans: () => itemsOf(readDocuments(stream, location)),
    documents: () => withoutPlaces(readDocuments(stream, location)),
  }
}

const READ_BYTES = 1 << 18

async function* readFile(path: string, start = 0): AsyncGenerator<Uint8Array> {
  try {
    const options = { start, highWaterMark: READ_BYTES }
    yield* createReadStream(path, options) as AsyncIterable<Uint8Array>
  } catch (error) {
    throw unreadableFile(path, error)
  }
}

/** What is no plain file, a device for example, gives its bytes once only. */
async function* readDocumentsOfFile(path: string): AsyncGenerator<SpanDocument> {
  const documents = readDocuments(readFile(path), path)
  const isFile = await stat(path).then(
    (file) => file.isFile(),
    () => false,
  )
  yield* isFile ? documents : withoutPlaces(documents)
}

async function* withoutPlaces(
  documents: AsyncIterable<SpanDocument>,
): AsyncGenerator<SpanDocument> {
  for await (const { spans, problems } of documents) yield { spans, problems }
}

async function* itemsOf(documents: AsyncIterable<SpanDocument>): AsyncGenerator<SpanItem> {
  for await (const { spans, problems } of documents) {
    for (const received of spans) yield { kind: 'span', received }
    for (const problem of problems) yield { kind: 'problem', ...problem }
  }
}

async function* readAgain(path: string, places: readonly number[]): AsyncGenerator<SpanDocument> {
  let next = 0
  while (next < places.length) {
    const start = places[next] ?? 0
    const from = start === 0 ? FIRST_LINE : { number: 2, start }
    const begun = next
    for await (const line of readLines(readFile(path, start), from)) {
      const wanted = places[next]
      // What lies between is passed over, unless it is much.
      if (wanted === undefined || wanted > line.end + READ_BYTES) break
      if (line.start < wanted) continue
      if (line.start > wanted) throw changedFile(path)
      next++
      yield documentOf(line)
    }
    if (next === begun) throw changedFile(path)
  }
}

function changedFile(path: string): RivetOtelError {
  return new RivetOtelError('INVALID_SOURCE', `${path} was changed while it was read`, {
    hint: 'Read it again.',
  })
}

async function* readDocuments(
  chunks: AsyncIterable<Uint8Array>,
  location: string,
): AsyncGenerator<SpanDocument> {
  const lines = readLines(chunks)
  let documents = 0
  for await (const line of lines) {
    if (isBlank(line)) continue
    const usual = readOtlpText(line.bytes)
    if (usual !== undefined) {
      documents++
      yield { start: line.start, spans: usual, problems: [] }
      continue
    }
    const value = jsonOf(line.bytes)
    if (documents === 0 && value instanceof RivetOtelError) {
      yield* readWhole(line, lines, location)
      return
    }
    documents++
    yield documentIn(line, value)
  }
  if (documents === 0) {
    throw new RivetOtelError('INVALID_SOURCE', `${location} is empty; expected ${TRACE_DOCUMENTS}`)
  }
}

/** What did not end after its first line may be one document, or lines of which the first is broken. */
async function* readWhole(
  first: Line,
  rest: AsyncIterator<Line>,
  location: string,
): AsyncGenerator<SpanDocument> {
  const { lines, isAll } = await collect(first, rest)
  const whole = isAll ? jsonOf(joinLines(lines)) : TOO_LONG
  if (!(whole instanceof RivetOtelError)) {
    const document = { spans: [], problems: [] }
    addSpans(document, whole, 'the document')
    yield document
    return
  }
  if (lines.every(({ bytes }) => jsonOf(bytes) instanceof RivetOtelError)) {
    throw new RivetOtelError(
      'INVALID_SOURCE',
      `${location} is ${whole.message}; expected ${TRACE_DOCUMENTS}, in one document or one a line`,
      {
        hint: 'A file that was cut off in the middle has to be written again.',
      },
    )
  }
  for (const line of lines) if (!isBlank(line)) yield documentOf(line)
  for (let next = await rest.next(); !next.done; next = await rest.next()) {
    if (!isBlank(next.value)) yield documentOf(next.value)
  }
}

const TOO_LONG = new RivetOtelError(
  'INVALID_TRACE',
  `one document of more than ${LONGEST_LINE_BYTES} bytes`,
)

function documentOf(line: Line): SpanDocument {
  return documentIn(line, jsonOf(line.bytes))
}

function documentIn(line: Line, value: JsonValue | RivetOtelError): SpanDocument {
  const document = { start: line.start, spans: [], problems: [] }
  addTo(document, line, value)
  return document
}

/** A document in the making. */
interface OpenDocument {
  readonly spans: ReceivedSpan[]
  readonly problems: SpanProblem[]
}

function addTo(document: OpenDocument, line: Line, value: JsonValue | RivetOtelError): void {
  const where = `line ${line.number}`
  if (value instanceof RivetOtelError)
    document.problems.push({ where, problem: cutLine(line, value) })
  else addSpans(document, value, where)
}

function addSpans(document: OpenDocument, value: JsonValue, where: string): void {
  if (isList(value)) {
    for (const [i, item] of value.entries()) addSpans(document, item, `${where} item ${i + 1}`)
    return
  }
  if (isOtherSignal(value)) return
  const { spans, problems } = decodeTraceDocument(value)
  for (const received of spans) document.spans.push(received)
  for (const problem of problems) document.problems.push({ where, problem })
}

/** A collector may write logs, metrics and profiles into the same file. */
function isOtherSignal(value: JsonValue): boolean {
  if (!isJsonObject(value) || value.resourceSpans !== undefined) return false
  return isList(value.resourceLogs ?? value.resourceMetrics ?? value.resourceProfiles)
}

function jsonOf(bytes: Uint8Array): JsonValue | RivetOtelError {
  const text = decodeUtf8(bytes)
  if (text === undefined) return new RivetOtelError('INVALID_TRACE', 'not valid UTF-8')
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof RivetOtelError) return error
    throw error
  }
}

function cutLine({ terminated }: Line, error: RivetOtelError): string {
  return terminated ? error.message : `the last line was cut off: ${error.message}`
}

function isBlank({ bytes }: Line): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09)
}

/** As many lines as one document may have bytes, and whether these are all of them. */
async function collect(
  first: Line,
  rest: AsyncIterator<Line>,
): Promise<{ lines: Line[]; isAll: boolean }> {
  const lines = [first]
  let length = first.bytes.length
  while (length <= LONGEST_LINE_BYTES) {
    const next = await rest.next()
    if (next.done) return { lines, isAll: true }
    lines.push(next.value)
    length += next.value.bytes.length + 1
  }
  return { lines, isAll: false }
}

function joinLines(lines: readonly Line[]): Uint8Array {
  return Buffer.concat(lines.flatMap(({ bytes }) => [bytes, Buffer.from('\n')]))
}

function unreadableFile(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  if (code === 'ENOENT')
    return new RivetOtelError('NOT_FOUND', `${path} does not exist; expected a file of traces`)
  if (code === 'EISDIR')
    return new RivetOtelError('INVALID_SOURCE', `${path} is a folder; expected a file of traces`)
  if (code === 'EACCES' || code === 'EPERM')
    return new RivetOtelError('INVALID_SOURCE', `${path} cannot be read: permission denied`)
  return error instanceof RivetOtelError
    ? error
    : new RivetOtelError('INVALID_SOURCE', `${path} cannot be read: ${reasonOf(error)}`, {
        cause: error,
      })
}
