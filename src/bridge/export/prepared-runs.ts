/**
 * The journals of a source made ready to go out, in their order: in this thread, or, where there is
 * much of them, in this one and another beside it, which share the work.
 *
 * What comes out is the same. Each journal is mapped as if nothing of its run was sent before; where that
 * is not so it is read again, and a very large one is read and mapped at its turn.
 */
import { availableParallelism } from 'node:os'
import { encodedPage } from '../../delivery/span-encoding.js'
import type { SpanEncodingName } from '../../mapping/page.js'
import type { UnreadJournals } from '../../sources/source.js'
import type { ExportOptions } from '../export-runs.js'
import { gateFor } from '../outgoing-run.js'
import { batchesOf, type PieceBatch } from './journal-batches.js'
import { type PreparedRun, prepareRun, type UnfitRun } from './prepared-run.js'
import { BatchMapper } from './threads/batch-mapper.js'
import type { MappedBatch, MappedRun, MappingSetup } from './threads/mapped-batch.js'
import { MappingThreads } from './threads/mapping-threads.js'

/** Less is done in the same time without one: each thread compiles the code for itself. */
const WORTH_THREADS_BYTES = 32_000_000
/** This thread does its share; a third one would need more memory, and more of the machine than a job beside it likes. */
const THREADS = 1
/** So many batches for each thread are read before it is their turn. */
const READ_AHEAD = 4

type Prepared = PreparedRun | UnfitRun

/**
 * Makes the journals ready that an export is about.
 *
 * @example
 * for await (const run of preparedRuns(options)) console.log(run.kind)
 */
export async function* preparedRuns(options: ExportOptions): AsyncGenerator<Prepared> {
  const { source, selection, redaction } = options
  const work = workForThreads(options)
  if (work !== undefined) {
    yield* inThreads(work)
    return
  }
  const gate = gateFor(redaction)
  for await (const item of source.read(selection)) yield prepareRun(item, gate)
}

interface Work {
  readonly threads: number
  readonly unread: UnreadJournals
  readonly setup: MappingSetup
}

/** `undefined` where nothing is gained, or whole journals are wanted in this thread. */
function workForThreads(options: ExportOptions): Work | undefined {
  const { source, selection, delivery, onJournal, wrapper } = options
  const { encoding } = delivery
  if (encoding === undefined || onJournal !== undefined || wrapper !== undefined) return undefined
  const threads = options.threads ?? Math.min(THREADS, availableParallelism() - 1)
  if (!(threads >= 1)) return undefined
  const unread = source.unread?.(selection)
  if (unread === undefined) return undefined
  if (options.threads === undefined && unread.bytes < WORTH_THREADS_BYTES) return undefined
  const { namespace = '', resource, redaction = {} } = options
  return { threads, unread, setup: { selection, redaction, namespace, resource, encoding } }
}

interface UnderWay {
  readonly batch: PieceBatch
  /** What its journals came to; `undefined` where they are left to their turn. */
  readonly mapping: Promise<MappedBatch | undefined> | MappedBatch | undefined
}

async function* inThreads({ unread, setup, ...work }: Work): AsyncGenerator<Prepared> {
  const threads = new MappingThreads(work.threads, setup)
  const mapper = new BatchMapper(setup)
  const underWay: UnderWay[] = []
  let brokenOff: { readonly error: unknown } | undefined
  const batches = batchesOf(unread.items())
  try {
    for (;;) {
      const batch = await batches.next().catch((error: unknown) => {
        brokenOff = { error }
      })
      if (batch === undefined || batch.done) break
      underWay.push({ batch: batch.value, mapping: mappingOf(batch.value, threads, mapper) })
      // Nothing is read beside a very large journal.
      const most = batch.value.kind === 'alone' ? 0 : work.threads * READ_AHEAD
      while (underWay.length > most) yield* next(underWay, mapper, setup.encoding)
    }
    // What was read before an error is not lost by it.
    while (underWay.length > 0) yield* next(underWay, mapper, setup.encoding)
    if (brokenOff !== undefined) throw brokenOff.error
  } finally {
    await batches.return(undefined)
    await threads.close()
  }
}

/**
 * What the threads have no room for is done here, before its turn: they must not wait for this one. What
 * fails then fails again at its turn.
 */
function mappingOf(
  batch: PieceBatch,
  threads: MappingThreads,
  mapper: BatchMapper,
): UnderWay['mapping'] {
  if (batch.kind === 'alone') return undefined
  if (threads.haveRoom) return threads.map(batch.pieces)
  try {
    return mapper.map(batch.pieces)
  } catch {
    return undefined
  }
}

/** The journals of the batch whose turn it is. */
async function* next(
  underWay: UnderWay[],
  mapper: BatchMapper,
  encoding: SpanEncodingName,
): AsyncGenerator<Prepared> {
  const first = underWay.shift()
  if (first === undefined) return
  const { batch } = first
  const mapped = await first.mapping
  const pieces = batch.kind === 'alone' ? [batch.piece] : batch.pieces
  for (const [i, piece] of pieces.entries()) {
    const run = mapped === undefined ? mapper.prepare(piece) : mapped[i]
    if (run === undefined) continue
    yield run.kind === 'mapped' ? asPrepared(run, encoding, () => mapper.prepare(piece)) : run
  }
}

/** A run that was mapped; where it goes out in another way, it is read `again`. */
function asPrepared(
  run: MappedRun,
  encoding: SpanEncodingName,
  again: () => Prepared | undefined,
): Prepared {
  const readAgain = () => {
    const prepared = again()
    if (prepared?.kind === 'ready') return prepared
    throw new Error(`run ${run.runId} was read, and now it cannot be`)
  }
  return {
    ...run,
    kind: 'ready',
    journal: () => readAgain().journal(),
    pages(mapping) {
      const { revision = 0, joined } = mapping
      if (revision > 0 || joined !== undefined) return readAgain().pages(mapping)
      return run.pages.map(({ page, bytes }) => encodedPage({ encoding, bytes, page }))
    },
  }
}
