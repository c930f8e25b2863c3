/**
 * Files of traces: OTLP JSON as one document, a list of documents, or JSON lines as the collector's
 * file exporter writes them; and what Jaeger or Tempo answered, saved as it came.
 *
 * Lines are read one at a time. Only a file whose first line is not JSON by itself is read as one
 * document, and then as a whole.
 */
import { createReadStream } from 'node:fs'
import { decodeUtf8, type Line, LONGEST_LINE_BYTES, readLines } from '../json/lines.js'
import { isJsonObject, isList, type JsonValue, parseJson } from '../json/lossless.js'
import { RivetOtelError, reasonOf } from '../problem.js'
import { decodeTraceDocument, TRACE_DOCUMENTS } from '../trace/trace-document.js'
import type { SpanItem, SpanStream } from './backend.js'

/**
 * A file of traces, in any JSON that `decodeTraceDocument` reads.
 *
 * @example
 * for await (const item of openOtlpJsonFile('traces.otlp.jsonl').spans()) console.log(item.kind)
 */
export function openOtlpJsonFile(path: string): SpanStream {
  return { location: path, spans: () => readSpans(readFile(path), path) }
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
  return { location, spans: () => readSpans(stream, location) }
}

async function* readFile(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>
  } catch (error) {
    throw unreadableFile(path, error)
  }
}

async function* readSpans(
  chunks: AsyncIterable<Uint8Array>,
  location: string,
): AsyncGenerator<SpanItem> {
  const lines = readLines(chunks)
  let documents = 0
  for await (const line of lines) {
    if (isBlank(line)) continue
    const value = jsonOf(line.bytes)
    if (documents === 0 && value instanceof RivetOtelError) {
      yield* readDocument(line, lines, location)
      return
    }
    documents++
    if (value instanceof RivetOtelError)
      yield problemOf(`line ${line.number}`, cutLine(line, value))
    else yield* spansOf(value, `line ${line.number}`)
  }
  if (documents === 0) {
    throw new RivetOtelError('INVALID_SOURCE', `${location} is empty; expected ${TRACE_DOCUMENTS}`)
  }
}

/** What did not end after its first line may be one document, or lines of which the first is broken. */
async function* readDocument(
  first: Line,
  rest: AsyncIterator<Line>,
  location: string,
): AsyncGenerator<SpanItem> {
  const { lines, isAll } = await collect(first, rest)
  const whole = isAll ? jsonOf(joinLines(lines)) : TOO_LONG
  if (!(whole instanceof RivetOtelError)) {
    yield* spansOf(whole, 'the document')
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
  for (const line of lines) yield* itemsOf(line)
  for (let next = await rest.next(); !next.done; next = await rest.next()) {
    yield* itemsOf(next.value)
  }
}

const TOO_LONG = new RivetOtelError(
  'INVALID_TRACE',
  `one document of more than ${LONGEST_LINE_BYTES} bytes`,
)

function* itemsOf(line: Line): Generator<SpanItem> {
  if (isBlank(line)) return
  const where = `line ${line.number}`
  const value = jsonOf(line.bytes)
  if (value instanceof RivetOtelError) yield problemOf(where, cutLine(line, value))
  else yield* spansOf(value, where)
}

function* spansOf(value: JsonValue, where: string): Generator<SpanItem> {
  if (isList(value)) {
    for (const [i, item] of value.entries()) yield* spansOf(item, `${where} item ${i + 1}`)
    return
  }
  if (isOtherSignal(value)) return
  const { spans, problems } = decodeTraceDocument(value)
  for (const received of spans) yield { kind: 'span', received }
  for (const problem of problems) yield problemOf(where, problem)
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

function problemOf(where: string, problem: string): SpanItem {
  return { kind: 'problem', where, problem }
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
