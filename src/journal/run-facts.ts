/**
 * What a journal says about its run in numbers: the one place where they are counted.
 *
 * Unknown is `undefined`, never 0: a number stands only where the journal says it. The journal is
 * taken at its word; nothing is checked against the files.
 */
import { exactInteger } from '../json/lossless.js'
import { type EventFields, fieldsOf, type Integer, openEvent } from './events.js'
import { chunkIndexKey, type RunJournal } from './run-journal.js'

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
  const chunks = new Set<string>()
  let rows: bigint | undefined
  let [chunkFailures, retries, qualityIssues, schemaChanges, warnings] = [0, 0, 0, 0, 0]
  let validated: boolean | undefined
  let reconciled: boolean | undefined
  for (const { event } of journal.entries) {
    const opened = openEvent(event)
    switch (opened.kind) {
      case 'FileWritten': {
        const { file_name, rows: ofFile, bytes } = opened.fields
        rows = (rows ?? 0n) + BigInt(ofFile)
        addToFile(files, file_name, ofFile, bytes)
        break
      }
      case 'ChunkCompleted': {
        const { chunk_index, rows: ofChunk, file_name } = opened.fields
        rows = (rows ?? 0n) + BigInt(ofChunk)
        chunks.add(chunkIndexKey(chunk_index))
        if (file_name != null) addToFile(files, file_name, ofChunk)
        break
      }
      case 'ChunkStarted':
        chunks.add(chunkIndexKey(opened.fields.chunk_index))
        break
      case 'ChunkFailed':
        chunks.add(chunkIndexKey(opened.fields.chunk_index))
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
      case 'PlanResolved':
      case 'ParallelismAdjusted':
      case 'RunCompleted':
      case 'unknown':
        break
    }
  }
  return {
    rows: exact(rows),
    bytes: exact(knownBytes(files)),
    files: [...files].map(([name, total]) => ({
      name,
      rows: exactInteger(total.rows),
      bytes: exact(total.bytes),
    })),
    chunks: chunks.size > 0 ? chunks.size : undefined,
    chunkFailures,
    retries,
    longestChunkMs: journal.longestChunkMs(),
    qualityIssues,
    schemaChanges,
    warnings,
    validated,
    reconciled,
    outcome: fieldsOf(journal.finalOutcome()?.event ?? '', 'RunCompleted'),
  }
}

interface FileTotal {
  rows: bigint
  bytes: bigint | undefined
}

function addToFile(
  files: Map<string, FileTotal>,
  name: string,
  rows: Integer,
  bytes?: Integer,
): void {
  const total = files.get(name) ?? { rows: 0n, bytes: undefined }
  total.rows += BigInt(rows)
  if (bytes !== undefined) total.bytes = (total.bytes ?? 0n) + BigInt(bytes)
  files.set(name, total)
}

/** The bytes of a run, only where those of every file are known. */
function knownBytes(files: ReadonlyMap<string, FileTotal>): bigint | undefined {
  if (files.size === 0) return undefined
  let sum = 0n
  for (const { bytes } of files.values()) {
    if (bytes === undefined) return undefined
    sum += bytes
  }
  return sum
}

function exact(value: bigint | undefined): Integer | undefined {
  return value === undefined ? undefined : exactInteger(value)
}
