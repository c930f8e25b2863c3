/**
 * A run that is recorded while it goes on: a journal, and its live spans through the tracer of whoever
 * runs it.
 *
 * It needs the OpenTelemetry API and no SDK, keeps no global state and brings no provider: where the host
 * has none, or its sampler drops everything, the journal is kept all the same. What it sends has passed
 * the same redaction as an exported journal, and comes back by the same importer.
 */
import { type Context, context, diag, type Tracer } from '@opentelemetry/api'
import {
  ENTRY_MEMBERS,
  eventFromJson,
  JOURNAL_MEMBERS,
  journalFromJson,
  membersBeside,
} from '../journal/codec.js'
import type { EventFields, RunEvent } from '../journal/events.js'
import type { RedactionPolicy } from '../journal/redaction.js'
import type { JournalEntry, RunJournal } from '../journal/run-journal.js'
import { formatTimestamp, parseTimestamp } from '../journal/timestamp.js'
import { type JsonObject, type JsonValue, parseJson, stringifyJson } from '../json/lossless.js'
import { namespaceWithoutSecrets } from '../mapping/namespace.js'
import { isInside } from '../mapping/times.js'
import { RivetOtelError, reasonOf } from '../problem.js'
import { LiveSpans } from './live-spans.js'
import { EntryGate } from './outgoing-entry.js'

/** What a run is called, and how it is sent. */
export interface LiveRunOptions {
  /** Unlike that of any other run; a run is found by it. */
  readonly runId: string
  readonly exportName: string
  /** Tells apart programs whose run_ids may be the same; default `''`. */
  readonly namespace?: string
  /** 0 for the first run under this run_id (default), 1 for the next, and so on. */
  readonly revision?: number
  /** Members of the journal that this version does not know. */
  readonly extra?: JsonObject
  /** When the run started, as RFC 3339, where it is recorded later; default now. */
  readonly startedAt?: string
  /** What the run's span is a child of; default the active context. */
  readonly context?: Context
  /**
   * What is taken out of what the tracer gets, beside passwords of connection strings, which always
   * are. The kept journal loses nothing.
   */
  readonly redaction?: RedactionPolicy
}

const NANOS_PER_MS = 1_000_000n

/**
 * Records a run as a journal and as live spans at once.
 *
 * The run's span starts at once and ends with `end()`. A chunk has a span from its ChunkStarted to its
 * first ChunkCompleted or ChunkFailed; every other entry is an event. A program that crashes has sent the
 * spans that were ended; an import then says `incomplete`.
 *
 * @example
 * import { trace } from '@opentelemetry/api'
 *
 * const run = new LiveRun(trace.getTracer('rivet-otel', '1'), { runId: 'orders_1', exportName: 'orders' })
 * run.record({ ChunkStarted: { chunk_index: 0, start_key: '1', end_key: '25000' } })
 * run.record({ ChunkCompleted: { chunk_index: 0, rows: 25000, file_name: 'orders_0.parquet' } })
 * run.journal.longestChunkMs() // 12
 * run.end({ status: 'success', duration_ms: 12 })
 */
export class LiveRun {
  /** Every entry so far, as it was recorded; it is here to be asked, not to be added to. */
  readonly journal: RunJournal
  readonly #gate: EntryGate
  readonly #spans: LiveSpans
  #hasEnded = false

  /**
   * Starts the run's span.
   *
   * @param tracer the host's; one named `rivet-otel` with version `1` says which mapping wrote the spans
   * @throws {RivetOtelError} `INVALID_CONFIGURATION` for a run_id or a namespace with a secret in it, or a
   *   policy that cannot be used; `INVALID_JOURNAL` or `INVALID_JSON` for names and times that are none.
   */
  constructor(tracer: Tracer, options: LiveRunOptions) {
    const { runId, exportName, extra = {}, namespace = '', revision = 0 } = options
    const members = membersBeside(extra, JOURNAL_MEMBERS)
    this.journal = journalFromJson({
      ...(copyOf(members, 'extra') as JsonObject),
      run_id: copyOf(runId, 'runId'),
      export_name: copyOf(exportName, 'exportName'),
      entries: [],
    })
    this.#gate = new EntryGate(options.redaction)
    this.#spans = new LiveSpans(
      tracer,
      options.context ?? context.active(),
      this.#gate.journal(this.journal),
      { namespace: namespaceWithoutSecrets(namespace), revision },
      startOf(options.startedAt),
    )
  }

  /**
   * A context with the run's span as the active one, for spans of the host's own inside of the run.
   *
   * @example
   * context.with(run.context, () => readTheTable())
   */
  get context(): Context {
    return this.#spans.context
  }

  /**
   * Records an event.
   *
   * @param recordedAt RFC 3339, up to nine digits of a second; default now, to the millisecond
   * @throws {RivetOtelError} `INVALID_JOURNAL` or `INVALID_JSON` for what rivet cannot have written,
   *   `USAGE` after the end. Nothing is recorded then.
   * @example
   * run.record({ Warning: { context: 'schema', message: 'a column is wider than before' } })
   */
  record(event: RunEvent, recordedAt: string = formatTimestamp(currentUnixNano())): void {
    this.append({ recorded_at: recordedAt, event })
  }

  /**
   * Records an entry that somebody else made, with members that this version may not know.
   *
   * @throws {RivetOtelError} as {@link LiveRun.record} does.
   * @example
   * for (const entry of journal.entries) run.append(entry)
   */
  append(entry: JournalEntry): void {
    if (this.#hasEnded) {
      throw new RivetOtelError(
        'USAGE',
        `run ${this.journal.run_id} has ended, and takes no more entries`,
      )
    }
    const kept = this.#copyOf(entry)
    this.journal.entries.push(kept)
    const outgoing = this.#gate.entry(kept)
    if (outgoing !== undefined) {
      this.#spans.add(outgoing)
      return
    }
    this.#spans.withhold(kept)
    const index = this.journal.entries.length - 1
    diag.error(`rivet-otel: entry ${index} of a live run was not sent: ${this.#gate.tooLong}`)
  }

  /**
   * Ends every span of the run. A second call changes nothing, so it can stand in a `finally`.
   *
   * @param outcome recorded as the last entry; leave it out where it is recorded already
   * @throws {RivetOtelError} as {@link LiveRun.record} does, with an outcome.
   * @example
   * run.end({ status: 'failed', error_message: 'division by zero', duration_ms: 12 })
   */
  end(outcome?: EventFields<'RunCompleted'>): void {
    if (outcome !== undefined) this.record({ RunCompleted: outcome })
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#spans.end(this.#gate.redaction)
  }

  /** What was recorded must stay as it is, whatever the caller does with its objects afterwards. */
  #copyOf({ recorded_at, event, extra }: JournalEntry): JournalEntry {
    const where = `entries[${this.journal.entries.length}]`
    if (typeof recorded_at !== 'string') {
      throw new RivetOtelError(
        'INVALID_JOURNAL',
        `${where}.recorded_at: expected a text like 2026-11-21T08:53:39.134436857Z, got another value`,
      )
    }
    parseTimestamp(recorded_at)
    const copy = eventFromJson(copyOf(event as JsonValue, `${where}.event`), `${where}.event`)
    const members = membersBeside(extra ?? {}, ENTRY_MEMBERS)
    return Object.keys(members).length === 0
      ? { recorded_at, event: copy }
      : { recorded_at, event: copy, extra: copyOf(members, where) as JsonObject }
  }
}

/** Only what JSON can say: a program in JavaScript can hand over anything. */
function copyOf(value: JsonValue, where: string): JsonValue {
  try {
    return parseJson(stringifyJson(value))
  } catch (error) {
    if (error instanceof RivetOtelError) throw error
    const problem = `${where}: expected what JSON can say, got something else (${reasonOf(error)})`
    throw new RivetOtelError('INVALID_JOURNAL', problem, { cause: error })
  }
}

function startOf(startedAt: string | undefined): bigint {
  if (startedAt === undefined) return currentUnixNano()
  const { unixNano } = parseTimestamp(startedAt)
  return isInside(unixNano) ? unixNano : currentUnixNano()
}

function currentUnixNano(): bigint {
  return BigInt(Date.now()) * NANOS_PER_MS
}
