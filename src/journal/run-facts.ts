/**
 * What a journal says about its run in numbers: the one place where they are counted.
 *
 * Unknown is `undefined`, never 0: a number stands only where the journal says it. The journal is
 * taken at its word; nothing is checked against the files.
 */
import { exactInteger } from '../json/lossless.js'
import { ChunkIndexMap } from './chunk-index-map.js'
import { type EventFields, type Integer, openEvent } from './events.js'
import { LongestChunk } from './longest-chunk.js'
import type { RunJournal } from './run-journal.js'

/** A file that a run wrote. */
export interface FileFacts {
  readonly name: string
  readonly rows: Integer
  /** Bytes; `undefined` for a chunk's file, whose size no entry says. */
  readonly bytes: Integer | undefined
}

/** The numbers and verdicts of a run. */
export interface RunFacts {
  /** Rows of all FileWritten and ChunkCompleted entries. */
  readonly rows: Integer | undefined
  /** Bytes of all files; known only where those of every file are. */
  readonly bytes: Integer | undefined
  /** Every file name once, in the order in which they appear; empty where none was recorded. */
  readonly files: readonly FileFacts[]
  /** How many different chunk indices were recorded; `undefined` where the run has no chunks. */
  readonly chunks: number | undefined
  /** How many ChunkFailed entries there are; some of these chunks may have completed later. */
  readonly chunkFailures: number
  readonly retries: number
  /** Milliseconds, by {@link RunJournal.longestChunkMs}. */
  readonly longestChunkMs: number | undefined
  readonly qualityIssues: number
  readonly schemaChanges: number
  /** Warning and PlanWarning entries. */
  readonly warnings: number
  /** What the last ValidationResult says. */
  readonly validated: boolean | undefined
  /** What the last ReconciliationResult says. */
  readonly reconciled: boolean | undefined
  /** The last RunCompleted; `undefined` where the run did not record its end. */
  readonly outcome: EventFields<'RunCompleted'> | undefined
}

/**
 * Counts what a journal says about its run.
 *
 * @example
 * runFacts(journal).files.length // 16, for a run of 16 chunks
 */
export function runFacts(journal: RunJournal): RunFacts {
  const files = new Map<string, FileTotal>()
  const { entries } = journal
  const chunks = new ChunkIndexMap(entries.length)
  const longest = new LongestChunk(entries)
  let rows: Integer | undefined
  let [chunkFailures, retries, qualityIssues, schemaChanges, warnings] = [0, 0, 0, 0, 0]
  let validated: boolean | undefined
  let reconciled: boolean | undefined
  let outcome: EventFields<'RunCompleted'> | undefined
  for (let i = 0; i < entries.length; i++) {
    const opened = openEvent(entries[i]?.event ?? '')
    switch (opened.kind) {
      case 'FileWritten': {
        const { file_name, rows: ofFile, bytes } = opened.fields
        rows = sum(rows, ofFile)
        addToFile(files, file_name, ofFile, bytes)
        break
      }
      case 'ChunkCompleted': {
        const { chunk_index, rows: ofChunk, file_name } = opened.fields
        rows = sum(rows, ofChunk)
        chunks.set(chunk_index, i)
        longest.complete(chunk_index, i)
        if (file_name != null) addToFile(files, file_name, ofChunk, undefined)
        break
      }
      case 'ChunkStarted':
        chunks.set(opened.fields.chunk_index, i)
        longest.start(opened.fields.chunk_index, i)
        break
      case 'ChunkFailed':
        chunks.set(opened.fields.chunk_index, i)
        chunkFailures++
        break
      case 'RetryAttempted':
        retries++
        break
      case 'QualityIssue':
        qualityIssues++
        break
      case 'SchemaChanged':
        schemaChanges++
        break
      case 'Warning':
      case 'PlanWarning':
        warnings++
        break
      case 'ValidationResult':
        validated = opened.fields.passed
        break
      case 'ReconciliationResult':
        reconciled = opened.fields.matched
        break
      case 'RunCompleted':
        outcome = opened.fields
        break
      case 'PlanResolved':
      case 'ParallelismAdjusted':
      case 'unknown':
        break
    }
  }
  return {
    rows,
    bytes: knownBytes(files),
    files: [...files.values()],
    chunks: chunks.size > 0 ? chunks.size : undefined,
    chunkFailures,
    retries,
    longestChunkMs: longest.ms,
    qualityIssues,
    schemaChanges,
    warnings,
    validated,
    reconciled,
    outcome,
  }
}

type FileTotal = { -readonly [Member in keyof FileFacts]: FileFacts[Member] }

function addToFile(
  files: Map<string, FileTotal>,
  name: string,
  rows: Integer,
  bytes: Integer | undefined,
): void {
  const total = files.get(name)
  if (total === undefined) {
    files.set(name, { name, rows: exactInteger(rows), bytes: sum(undefined, bytes) })
  } else {
    total.rows = sum(total.rows, rows)
    total.bytes = sum(total.bytes, bytes)
  }
}

/** The bytes of a run, only where those of every file are known. */
function knownBytes(files: ReadonlyMap<string, FileTotal>): Integer | undefined {
  let total: Integer | undefined
  for (const { bytes } of files.values()) {
    if (bytes === undefined) return undefined
    total = sum(total, bytes)
  }
  return total
}

/** What is known of two numbers together; nothing where neither is known. */
function sum(one: Integer | undefined, other: Integer): Integer
function sum(one: Integer | undefined, other: Integer | undefined): Integer | undefined
function sum(one: Integer | undefined, other: Integer | undefined): Integer | undefined {
  if (other === undefined) return one
  if (one === undefined) return exactInteger(other)
  if (typeof one === 'number' && typeof other === 'number') {
    const total = one + other
    if (Number.isSafeInteger(total)) return total
  }
  return exactInteger(BigInt(one) + BigInt(other))
}
