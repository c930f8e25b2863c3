/**
 * Opens any place that is read from: a state database, journals, or traces, in a file, a stream or
 * a server. It looks at a file or a stream to tell what it holds, and reads no more of it.
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { SpanStream, TraceBackend } from '../backends/backend.js'
import { RivetOtelError } from '../problem.js'
import type { JournalSource } from '../sources/source.js'
import { type FileKind, fileKind, kindOfContent, type Location, SNIFFED_BYTES } from './location.js'
import { openServer, type ServerAccess } from './server.js'

/** What is needed to open any place. */
export interface Opening {
  readonly stdin: AsyncIterable<Uint8Array>
  /** How a server is reached, for `jaeger+http(s)://` and `tempo+http(s)://`. */
  readonly server: ServerAccess
}

/**
 * Opens a place that holds journals.
 *
 * @throws {RivetOtelError} also where it holds traces.
 * @example
 * const source = await openSource(parseLocation('.rivet_state.db'), { stdin: process.stdin, server })
 */
export async function openSource(location: Location, opening: Opening): Promise<JournalSource> {
  const opened = await openPlace(location, opening, 'journals')
  if (holdsJournals(opened)) return opened
  throw new RivetOtelError(
    'INVALID_SOURCE',
    `${opened.location} holds traces; expected journals or a state database`,
    {
      hint: 'rivet-otel import reads traces and writes journals.',
    },
  )
}

/**
 * Opens a place that holds traces.
 *
 * @throws {RivetOtelError} also where it holds journals.
 * @example
 * const traces = await openTraces(parseLocation('traces.otlp.jsonl'), { stdin: process.stdin, server })
 */
export async function openTraces(
  location: Location,
  opening: Opening,
): Promise<SpanStream | TraceBackend> {
  const opened = await openPlace(location, opening, 'traces')
  if (!holdsJournals(opened)) return opened
  await opened.close()
  throw new RivetOtelError(
    'INVALID_SOURCE',
    `${opened.location} holds journals; expected traces (OTLP JSON, or JSON from Jaeger or Tempo)`,
    {
      hint: 'rivet-otel export reads journals and writes traces.',
    },
  )
}

/**
 * Lets go of traces; a file or a stream is let go of when it has been read.
 *
 * @example
 * const traces = await openTraces(location, opening)
 * try { … } finally { closeTraces(traces) }
 */
export function closeTraces(traces: SpanStream | TraceBackend): void {
  if ('close' in traces) traces.close()
}

/** What a place turned out to be. */
export type OpenedPlace = JournalSource | SpanStream | TraceBackend

/**
 * Whether a place that was opened holds journals; else it holds traces.
 *
 * @example
 * if (holdsJournals(opened)) for await (const item of opened.read({})) …
 */
export function holdsJournals(opened: OpenedPlace): opened is JournalSource {
  return 'read' in opened
}

/**
 * Opens a place, whatever it holds.
 *
 * @param expected what a place holds that looks like nothing known: its reader says what is wrong
 * @throws {RivetOtelError} where it cannot be read, or can only be written to.
 * @example
 * const opened = await openPlace(parseLocation('-'), { stdin: process.stdin, server }, 'traces')
 */
export async function openPlace(
  location: Location,
  { stdin, server }: Opening,
  expected: FileKind,
): Promise<OpenedPlace> {
  switch (location.kind) {
    case 'path':
      // A pipe, as `<(…)` makes one, cannot be looked at twice.
      return (await isPipe(location.path))
        ? openStream(createReadStream(location.path), location.path, expected)
        : openFile(location.path, (await fileKind(location.path)) ?? expected)
    case 'stdio':
      return openStream(stdin, 'standard input', expected)
    case 'otlp':
      throw new RivetOtelError(
        'USAGE',
        'an OTLP endpoint can only be written to; expected a file, a state database, or the backend behind it',
        { hint: 'For example jaeger+http://localhost:16686 or tempo+http://localhost:3200.' },
      )
    case 'postgres': {
      const { openPostgresSource } = await import('../sources/postgres.js')
      return openPostgresSource(location.url, { env: server.env })
    }
    case 'jaeger':
    case 'tempo':
      return openServer(location.kind, location.url, server)
  }
}

/** Loads only what reads that kind. */
async function openFile(path: string, kind: FileKind): Promise<JournalSource | SpanStream> {
  switch (kind) {
    case 'sqlite':
      return (await import('../sources/sqlite.js')).openSqliteSource(path)
    case 'journals':
      return (await import('../sources/json-file.js')).openJournalFile(path)
    case 'traces':
      return (await import('../backends/otlp-file.js')).openOtlpJsonFile(path)
  }
}

async function isPipe(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFIFO()
  } catch {
    return false
  }
}

async function openStream(
  stream: AsyncIterable<Uint8Array>,
  location: string,
  expected: FileKind,
): Promise<JournalSource | SpanStream> {
  const { head, bytes } = await peek(stream)
  const kind = kindOfContent(head) ?? expected
  return kind === 'traces'
    ? (await import('../backends/otlp-file.js')).openOtlpJsonStream(bytes, location)
    : (await import('../sources/json-file.js')).openJournalStream(bytes, location)
}

/** Looks at the beginning of a stream, as much as tells what it holds, without losing it. */
async function peek(
  stream: AsyncIterable<Uint8Array>,
): Promise<{ head: Uint8Array; bytes: AsyncIterable<Uint8Array> }> {
  const chunks = stream[Symbol.asyncIterator]()
  const seen: Uint8Array[] = []
  let head = Buffer.alloc(0)
  let length = 0
  // Looked at again only when it has doubled: it may come byte by byte.
  while (head.length < SNIFFED_BYTES && kindOfContent(head) === undefined) {
    let next = await chunks.next()
    for (; !next.done; next = await chunks.next()) {
      seen.push(next.value)
      length += next.value.length
      if (length >= 2 * head.length) break
    }
    head = Buffer.concat(seen)
    if (next.done) break
  }
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield* seen
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
  }
  return { head, bytes: bytes() }
}
