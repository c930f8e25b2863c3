// Journals in the shapes of real ones: what rivet writes for a chunked, a parallel, a full and a troubled run. The spelling (order
// of fields, nulls, nanoseconds) is that of serde, as examples/shop.rivet_state.db has it. The same number gives the same journal.
import { RunClock } from './run-clock.mjs'
import { SeededRandom } from './seeded-random.mjs'

/**
 * @typedef {{ recorded_at: string, event: Record<string, Record<string, unknown>> }} Entry
 * @typedef {{ run_id: string, export_name: string, entries: Entry[] }} Journal
 * @typedef {'chunked' | 'parallel' | 'files' | 'long-sql' | 'troubled' | 'non-ascii'} Shape
 */

const MS = 1_000_000
const FIRST_RUN = Date.UTC(2025, 2, 1) / 1000
const SECONDS_BETWEEN_RUNS = 60

/**
 * Makes the journal of one run.
 *
 * @param {Shape} shape
 * @param {number} number Which run, from 0: it decides everything else.
 * @param {number} size How many chunks, or files, the run has.
 * @returns {Journal}
 */
export function makeJournal(shape, number, size) {
  return new RunInTheMaking(number, shape).journal(size)
}

class RunInTheMaking {
  #shape
  #name
  #random
  #clock
  #runId
  #stamp
  /** @type {Entry[]} */
  #entries = []

  /** @param {number} number @param {Shape} shape */
  constructor(number, shape) {
    this.#shape = shape
    this.#name = shape === 'non-ascii' ? 'заказы_été_注文' : `orders_${shape.replace('-', '_')}`
    this.#random = new SeededRandom(number + 1)
    const nanos = this.#random.between(0, 999_999_999)
    this.#clock = new RunClock(FIRST_RUN + number * SECONDS_BETWEEN_RUNS, nanos)
    const second = this.#clock.second().replaceAll(/[-:]/g, '')
    const ms = String(Math.floor(nanos / MS)).padStart(3, '0')
    this.#runId = `${this.#name}_${second}.${ms}_${10_000 + (number % 50_000)}`
    this.#stamp = second.replace('T', '_')
  }

  /** @param {number} size @returns {Journal} */
  journal(size) {
    this.#plan()
    if (this.#shape === 'files') this.#files(size)
    else if (this.#shape === 'parallel') this.#completions(size)
    else for (let index = 0; index < size; index++) this.#chunk(index)
    this.#end(size)
    return { run_id: this.#runId, export_name: this.#name, entries: this.#entries }
  }

  /** @param {number} afterNanos @param {string} kind @param {Record<string, unknown>} fields */
  #add(afterNanos, kind, fields) {
    this.#entries.push({ recorded_at: this.#clock.after(afterNanos), event: { [kind]: fields } })
  }

  /** @param {number} leastMs @param {number} mostMs Nanoseconds within these milliseconds. */
  #between(leastMs, mostMs) {
    return this.#random.between(leastMs * MS, mostMs * MS)
  }

  #plan() {
    const isFull = this.#shape === 'files'
    this.#add(0, 'PlanResolved', {
      export_name: this.#name,
      base_query: this.#query(),
      strategy: isFull ? 'full' : 'chunked',
      format: 'parquet',
      compression: 'zstd',
      destination_type: 'local',
      tuning_profile: 'balanced (default)',
      batch_size: 10000,
      validate: isFull,
      reconcile: this.#shape === 'parallel',
      resume: false,
      chunk_key: isFull ? null : 'id',
      resumable: false,
      row_hash: null,
    })
  }

  #query() {
    if (this.#shape !== 'long-sql') return `SELECT * FROM ${this.#name}`
    const columns = Array.from(
      { length: this.#random.between(60, 300) },
      (_, i) => `CASE WHEN o.column_${i} < 9 THEN NULL ELSE o.column_${i} END AS "col ${i}"`,
    )
    return `SELECT ${columns.join(',\n  ')}\nFROM orders o\nWHERE o.updated_at > now() - interval '1 day'`
  }

  /** @param {number} index */
  #chunk(index) {
    this.#start(index)
    if (this.#shape === 'troubled') this.#trouble(index)
    this.#complete(index, this.#between(40, 160))
  }

  /** @param {number} index */
  #start(index) {
    const [first, last] = [index * 25_000 + 1, (index + 1) * 25_000]
    const key = (/** @type {number} */ at) =>
      this.#shape === 'non-ascii' ? `ключ-${at}-é` : String(at)
    this.#add(this.#between(1, 2), 'ChunkStarted', {
      chunk_index: index,
      start_key: key(first),
      end_key: key(last),
    })
  }

  /** @param {number} index @param {number} afterNanos */
  #complete(index, afterNanos) {
    this.#add(afterNanos, 'ChunkCompleted', {
      chunk_index: index,
      rows: 25_000,
      file_name: `${this.#name}_${this.#stamp}_chunk${index}_${this.#random.hex(16)}.parquet`,
    })
  }

  /** What goes wrong on the way; a chunk that failed is started again. @param {number} index */
  #trouble(index) {
    if (index % 4 === 1) {
      const reason = 'db error: ERROR: canceling statement due to statement timeout'
      this.#add(this.#between(20, 90), 'RetryAttempted', { attempt: 1, reason, backoff_ms: 250 })
    }
    if (index % 8 === 3) {
      const error = 'db error: FATAL: terminating connection due to administrator command'
      this.#add(this.#between(20, 90), 'ChunkFailed', { chunk_index: index, error, attempt: 1 })
      this.#start(index)
    }
    if (index % 16 === 5) {
      const message = `column 'note': 12 values were longer than 4096 bytes in chunk ${index}`
      this.#add(this.#between(1, 9), 'Warning', { context: 'shape', message })
    }
    if (index % 32 === 7) {
      const [from, to] = [8, 4]
      this.#add(this.#between(1, 9), 'ParallelismAdjusted', { from, to, reason: 'source is busy' })
    }
  }

  /** They come in bursts and not in order, from several workers. @param {number} size */
  #completions(size) {
    for (let index = 0; index < size; index += 4) {
      const burst = [index, index + 3, index + 1, index + 2].filter((one) => one < size)
      for (const one of burst) this.#complete(one, this.#between(one === index ? 200 : 0, 400))
    }
  }

  /** @param {number} size */
  #files(size) {
    for (let index = 0; index < size; index++) {
      this.#add(this.#between(60, 200), 'FileWritten', {
        file_name: `${this.#name}_${this.#stamp}_${this.#random.hex(16)}_part${index}.parquet`,
        rows: this.#random.between(40_000, 60_000),
        bytes: this.#random.between(400_000, 900_000),
        part_index: index,
      })
    }
  }

  /** @param {number} size */
  #end(size) {
    if (this.#shape === 'files') this.#add(MS, 'ValidationResult', { passed: true })
    if (this.#shape === 'parallel') {
      const rows = size * 25_000
      const fields = { source_count: rows, exported_rows: rows, matched: true }
      this.#add(this.#between(50, 90), 'ReconciliationResult', fields)
    }
    if (this.#shape === 'troubled') {
      const message = "column 'nick': null ratio 0.0167 exceeds threshold 0.0100"
      this.#add(MS, 'QualityIssue', { severity: 'WARN', message })
      this.#add(MS, 'SchemaChanged', {
        added: ['region (Utf8)'],
        removed: ['kind'],
        type_changed: [['at', 'Timestamp(Microsecond, Some("UTC"))', 'Utf8']],
      })
    }
    const last = this.#between(1, 20)
    this.#add(last, 'RunCompleted', {
      status: 'success',
      error_message: null,
      duration_ms: this.#clock.elapsedMs,
    })
  }
}
