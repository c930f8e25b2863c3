/**
 * Runs from any location, in one way: a state database, journals, or traces.
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { SpanStream, TraceBackend } from '../backends/backend.js'
import { openOtlpJsonFile, openOtlpJsonStream } from '../backends/otlp-file.js'
import { runEnd } from '../journal/run-end.js'
import type { BrokenRun, ImportedRun, RedactedRun } from '../mapping/imported-run.js'
import { RivetOtelError } from '../problem.js'
import { openJournalFile, openJournalStream } from '../sources/json-file.js'
import { Newest, type RunPlace } from '../sources/selection.js'
import type { JournalSource, RunListing, SourceItem } from '../sources/source.js'
import { openSqliteSource } from '../sources/sqlite.js'
import { importRuns, type RunFound, runFound } from './import-runs.js'
import { type FileKind, fileKind, kindOfContent, type Location, SNIFFED_BYTES } from './location.js'
import { hasStatus, type RunSelection } from './run-selection.js'
import { type RunSearch, searchRuns } from './search-runs.js'
import { openServer, type ServerAccess } from './server.js'

/** A run that was read, could not be read, or came back from traces redacted or in part. */
export type RunItem =
  | (SourceItem & {
      /** What it was sent with; only of traces. */
      readonly namespace?: string
    })
  | {
      readonly kind: 'redacted'
      readonly run: RedactedRun
      readonly where: string
      /** What it was sent with. */
      readonly namespace: string
    }
  | { readonly kind: 'broken'; readonly run: BrokenRun; readonly where: string }
  /** Runs that a search may have missed, and how they are found. */
  | { readonly kind: 'unseen'; readonly problem: string }

/** A place that runs are read from: a source, or the traces in a backend. */
export interface RunReader {
  readonly holds: 'journals' | 'traces'
  /** The place as messages name it; never holds a secret. */
  readonly location: string
  /** The runs that are wanted, oldest first. */
  read(selection: RunSelection): AsyncIterable<RunItem>
  /** Whether `list` names every run there is; of a server, it names those that were read. */
  readonly listsAll: boolean
  /** The runs there are, for suggestions when a name is not found. */
  list(): AsyncIterable<RunListing | RunFound>
  /** Lets go of the place. */
  close(): Promise<void>
}

/** What is needed to open any place. */
export interface Opening {
  readonly stdin: AsyncIterable<Uint8Array>
  /** How a server is reached, for `jaeger+http(s)://` and `tempo+http(s)://`. */
  readonly server: ServerAccess
}

/** What only traces need to be told. */
export type TraceReading = Pick<RunSearch, 'namespace' | 'waitMs'>

/**
 * Opens a place to read runs from, whatever it holds.
 *
 * @throws {RivetOtelError} where it cannot be read, or can only be written to.
 * @example
 * const reader = await openRuns(parseLocation('.rivet_state.db'), { stdin: process.stdin, server })
 */
export async function openRuns(
  location: Location,
  opening: Opening,
  reading: TraceReading = {},
): Promise<RunReader> {
  const opened = await open(location, opening, 'journals')
  return holdsJournals(opened) ? new SourceRuns(opened) : new TraceRuns(opened, reading)
}

/**
 * Opens a place that holds journals.
 *
 * @throws {RivetOtelError} also where it holds traces.
 * @example
 * const source = await openSource(parseLocation('.rivet_state.db'), { stdin: process.stdin, server })
 */
export async function openSource(location: Location, opening: Opening): Promise<JournalSource> {
  const opened = await open(location, opening, 'journals')
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
  const opened = await open(location, opening, 'traces')
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

type Opened = JournalSource | SpanStream | TraceBackend

function holdsJournals(opened: Opened): opened is JournalSource {
  return 'read' in opened
}

/** `expected` is what a place holds that looks like nothing known: its reader says what is wrong. */
async function open(
  location: Location,
  { stdin, server }: Opening,
  expected: FileKind,
): Promise<Opened> {
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

function openFile(path: string, kind: FileKind): Promise<JournalSource> | SpanStream {
  switch (kind) {
    case 'sqlite':
      return openSqliteSource(path)
    case 'journals':
      return openJournalFile(path)
    case 'traces':
      return openOtlpJsonFile(path)
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
    ? openOtlpJsonStream(bytes, location)
    : openJournalStream(bytes, location)
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

/** The runs of a source, with the conditions that only a journal's contents answer. */
class SourceRuns implements RunReader {
  readonly holds = 'journals'
  readonly listsAll = true
  readonly #source: JournalSource

  constructor(source: JournalSource) {
    this.#source = source
  }

  get location(): string {
    return this.#source.location
  }

  async *read({ statuses, last, ...selection }: RunSelection): AsyncGenerator<RunItem> {
    if (statuses === undefined) {
      yield* this.#source.read(last === undefined ? selection : { ...selection, last })
      return
    }
    const newest = new Newest<RunPlace & { readonly item: RunItem }>(last ?? 0)
    for await (const item of this.#source.read(selection)) {
      if (item.kind === 'journal' && !hasStatus(item.journal, statuses, true)) continue
      if (last === undefined || item.kind !== 'journal') yield item
      else newest.add({ item, runId: item.journal.run_id, endedUnixNano: runEnd(item.journal) })
    }
    for (const { item } of newest.oldestFirst()) yield item
  }

  list(): AsyncIterable<RunListing> {
    return this.#source.list()
  }

  close(): Promise<void> {
    return this.#source.close()
  }
}

/** The runs that traces hold. */
class TraceRuns implements RunReader {
  readonly holds = 'traces'
  readonly #traces: SpanStream | TraceBackend
  readonly #reading: TraceReading
  readonly #found: RunFound[] = []

  constructor(traces: SpanStream | TraceBackend, reading: TraceReading) {
    this.#traces = traces
    this.#reading = reading
  }

  get location(): string {
    return this.#traces.location
  }

  get listsAll(): boolean {
    return 'spans' in this.#traces
  }

  async *read(selection: RunSelection): AsyncGenerator<RunItem> {
    const search = { ...this.#reading, selection }
    if ('spans' in this.#traces) {
      const { runs, problems, found } = await importRuns(this.#traces, search)
      this.#found.push(...found)
      for (const { where, problem } of problems) yield { kind: 'unreadable', where, problem }
      for (const run of runs) yield runItem(run)
      return
    }
    for await (const item of searchRuns(this.#traces, search)) {
      if (item.kind === 'unseen') yield item
      else if (item.kind === 'problem') yield { ...item, kind: 'unreadable', where: '' }
      else if (item.kind === 'read') this.#found.push(...item.runs.map(runFound))
      else yield runItem(item.run)
    }
  }

  async *list(): AsyncGenerator<RunFound> {
    yield* this.#found
  }

  async close(): Promise<void> {
    if ('close' in this.#traces) this.#traces.close()
  }
}

function runItem(run: ImportedRun): RunItem {
  const within = run.namespace === '' ? '' : ` of namespace ${run.namespace}`
  const where = `trace ${run.traceIds[0] ?? ''}${within}`
  const { namespace } = run
  switch (run.status) {
    case 'exact':
      return { kind: 'journal', journal: run.journal, where, namespace }
    case 'redacted':
      return { kind: 'redacted', run, where, namespace }
    default:
      return { kind: 'broken', run, where }
  }
}
