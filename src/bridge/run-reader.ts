/**
 * Runs from any location, in one way: a state database, journals, or traces.
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { SpanBackend } from '../backends/backend.js'
import { openOtlpJsonFile, openOtlpJsonStream } from '../backends/otlp-file.js'
import type { BrokenRun } from '../mapping/imported-run.js'
import { RivetOtelError } from '../problem.js'
import { openJournalFile, openJournalStream } from '../sources/json-file.js'
import type { JournalSource, RunListing, Selection, SourceItem } from '../sources/source.js'
import { openSqliteSource } from '../sources/sqlite.js'
import { type ImportResult, importRuns } from './import-runs.js'
import { type FileKind, fileKind, kindOfContent, type Location, SNIFFED_BYTES } from './location.js'

/** A run that was read, could not be read, or came back from traces in part. */
export type RunItem =
  | SourceItem
  | { readonly kind: 'broken'; readonly run: BrokenRun; readonly where: string }

/** A place that runs are read from: a source, or the traces in a backend. */
export interface RunReader {
  /** The place as messages name it; never holds a secret. */
  readonly location: string
  /** The runs that are wanted, oldest first. */
  read(selection: Selection): AsyncIterable<RunItem>
  /** Every run there is, for suggestions when a name is not found. */
  list(): AsyncIterable<RunListing>
  /** Lets go of the place. */
  close(): Promise<void>
}

/**
 * Opens a place to read runs from, whatever it holds.
 *
 * Of traces only those of the namespace are taken, where one is given; journals have none.
 *
 * @throws {RivetOtelError} where it cannot be read, or can only be written to.
 * @example
 * const reader = await openRuns(parseLocation('.rivet_state.db'), process.stdin)
 */
export async function openRuns(
  location: Location,
  stdin: AsyncIterable<Uint8Array>,
  namespace?: string,
): Promise<RunReader> {
  const opened = await open(location, stdin, 'journals')
  return 'spans' in opened ? new TraceRuns(opened, namespace) : opened
}

/**
 * Opens a place that holds journals.
 *
 * @throws {RivetOtelError} also where it holds traces.
 * @example
 * const source = await openSource(parseLocation('.rivet_state.db'), process.stdin)
 */
export async function openSource(
  location: Location,
  stdin: AsyncIterable<Uint8Array>,
): Promise<JournalSource> {
  const opened = await open(location, stdin, 'journals')
  if (!('spans' in opened)) return opened
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
 * const backend = await openBackend(parseLocation('traces.otlp.jsonl'), process.stdin)
 */
export async function openBackend(
  location: Location,
  stdin: AsyncIterable<Uint8Array>,
): Promise<SpanBackend> {
  const opened = await open(location, stdin, 'traces')
  if ('spans' in opened) return opened
  await opened.close()
  throw new RivetOtelError(
    'INVALID_SOURCE',
    `${opened.location} holds journals; expected traces (OTLP JSON with resourceSpans)`,
    {
      hint: 'rivet-otel export reads journals and writes traces.',
    },
  )
}

/** `expected` is what a place holds that looks like nothing known: its reader says what is wrong. */
async function open(
  location: Location,
  stdin: AsyncIterable<Uint8Array>,
  expected: FileKind,
): Promise<JournalSource | SpanBackend> {
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
        'an OTLP endpoint can only be written to; expected a file or a state database',
      )
    case 'postgres':
    case 'jaeger':
    case 'tempo':
      throw new RivetOtelError(
        'USAGE',
        `this version does not read from ${location.kind}; expected a file or a SQLite state database`,
      )
  }
}

function openFile(path: string, kind: FileKind): Promise<JournalSource> | SpanBackend {
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
): Promise<JournalSource | SpanBackend> {
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
  while (head.length < SNIFFED_BYTES && kindOfContent(head) === undefined) {
    const next = await chunks.next()
    if (next.done) break
    seen.push(next.value)
    head = Buffer.concat([head, next.value])
  }
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield* seen
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
  }
  return { head, bytes: bytes() }
}

/** The runs that the traces of a backend hold. */
class TraceRuns implements RunReader {
  readonly #backend: SpanBackend
  readonly #namespace: string | undefined
  #found: ImportResult['found'] = []

  constructor(backend: SpanBackend, namespace: string | undefined) {
    this.#backend = backend
    this.#namespace = namespace
  }

  get location(): string {
    return this.#backend.location
  }

  async *read(selection: Selection): AsyncGenerator<RunItem> {
    const { runs, problems, found } = await importRuns(this.#backend, selection, this.#namespace)
    this.#found = found
    for (const { where, problem } of problems) yield { kind: 'unreadable', where, problem }
    for (const run of runs) {
      const within = run.namespace === '' ? '' : ` of namespace ${run.namespace}`
      const where = `trace ${run.traceIds[0] ?? ''}${within}`
      if (run.status === 'exact') yield { kind: 'journal', journal: run.journal, where }
      else yield { kind: 'broken', run, where }
    }
  }

  async *list(): AsyncGenerator<RunListing> {
    yield* this.#found
  }

  async close(): Promise<void> {}
}
