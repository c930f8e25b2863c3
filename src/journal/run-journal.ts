/**
 * One run of one export: its entries in the order in which rivet recorded them, and the queries
 * that rivet's own `RunJournal` answers, with the same semantics.
 *
 * | question | queries |
 * |---|---|
 * | What was planned? | `planSnapshot` |
 * | What happened? | `files`, `retries`, `chunkEvents`, `longestChunkMs` |
 * | What degraded? | `qualityIssues`, `schemaChanges`, `warnings` |
 * | What was the outcome? | `finalOutcome` |
 */
import type { JsonObject } from '../json/lossless.js'
import {
  type EventKind,
  fieldsOf,
  type Integer,
  kindOf,
  type PlanSnapshot,
  type RunEvent,
} from './events.js'
import { longestChunkMs } from './longest-chunk.js'
import { formatTimestamp } from './timestamp.js'

/** One entry of a journal: what happened, and when. */
export interface JournalEntry {
  /** RFC 3339 with up to nine digits of a second, as rivet wrote it. */
  readonly recorded_at: string
  readonly event: RunEvent
  /** Members of the entry that this version does not know; absent where there are none. */
  readonly extra?: JsonObject
}

const NANOS_PER_MS = 1_000_000n

/**
 * The journal of one run.
 *
 * @example
 * const journal = new RunJournal('orders_1', 'orders')
 * journal.record({ RunCompleted: { status: 'success', duration_ms: 1200 } })
 * journal.finalOutcome()?.event // { RunCompleted: { status: 'success', duration_ms: 1200 } }
 */
export class RunJournal {
  readonly run_id: string
  readonly export_name: string
  /** Every entry, in the order of recording, which need not be the order of their times. */
  readonly entries: JournalEntry[]
  /** Members of the journal that this version does not know; empty where there are none. */
  readonly extra: JsonObject

  constructor(
    run_id: string,
    export_name: string,
    entries: readonly JournalEntry[] = [],
    extra: JsonObject = {},
  ) {
    this.run_id = run_id
    this.export_name = export_name
    this.entries = [...entries]
    this.extra = extra
  }

  /** Appends an event with the current time, to the millisecond of the system's clock. */
  record(event: RunEvent): void {
    this.entries.push({ recorded_at: formatTimestamp(currentUnixNano()), event })
  }

  /** The first plan that was recorded. */
  planSnapshot(): PlanSnapshot | undefined {
    for (const entry of this.entries) {
      const plan = fieldsOf(entry.event, 'PlanResolved')
      if (plan !== undefined) return plan
    }
    return undefined
  }

  /** The `FileWritten` entries. Chunked runs have none: their files are in `ChunkCompleted`. */
  files(): JournalEntry[] {
    return this.#ofKinds('FileWritten')
  }

  /** The `RetryAttempted` entries. */
  retries(): JournalEntry[] {
    return this.#ofKinds('RetryAttempted')
  }

  /** The `ChunkStarted`, `ChunkCompleted` and `ChunkFailed` entries. */
  chunkEvents(): JournalEntry[] {
    return this.#ofKinds('ChunkStarted', 'ChunkCompleted', 'ChunkFailed')
  }

  /**
   * The longest time from a `ChunkStarted` to a `ChunkCompleted` of the same chunk, in whole
   * milliseconds, cut off; `undefined` where no chunk has both (a parallel run records only
   * completions). Each completion pairs with the last start before it; a completion that is dated
   * before its start counts for nothing.
   */
  longestChunkMs(): number | undefined {
    return longestChunkMs(this.entries)
  }

  /** The `QualityIssue` entries of both severities. */
  qualityIssues(): JournalEntry[] {
    return this.#ofKinds('QualityIssue')
  }

  /** The `SchemaChanged` entries. */
  schemaChanges(): JournalEntry[] {
    return this.#ofKinds('SchemaChanged')
  }

  /** The `Warning` and `PlanWarning` entries. */
  warnings(): JournalEntry[] {
    return this.#ofKinds('Warning', 'PlanWarning')
  }

  /** The last `RunCompleted` entry; `undefined` while the run has not finished. */
  finalOutcome(): JournalEntry | undefined {
    for (let i = this.entries.length - 1; i >= 0; i--) {
      const entry = this.entries[i]
      if (entry !== undefined && kindOf(entry.event) === 'RunCompleted') return entry
    }
    return undefined
  }

  #ofKinds(...kinds: readonly EventKind[]): JournalEntry[] {
    const wanted: ReadonlySet<string> = new Set(kinds)
    return this.entries.filter(
      ({ event }) => typeof event !== 'string' && wanted.has(kindOf(event)),
    )
  }
}

/**
 * One text for one chunk, whether its index came as a number or as a bigint.
 *
 * @example
 * chunkIndexKey(7) === chunkIndexKey(7n) // true
 */
export function chunkIndexKey(index: Integer): string {
  return String(index)
}

function currentUnixNano(): bigint {
  return BigInt(Date.now()) * NANOS_PER_MS
}
