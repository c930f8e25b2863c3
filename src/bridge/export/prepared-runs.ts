/**
 * The journals of a source made ready to go out, in their order: in this thread, or, where there is
 * much of them, in others beside it.
 *
 * What comes out is the same. A thread maps each journal as if nothing of its run was sent before;
 * where that is not so, and where a journal is very large, it is read here.
 */
import { availableParallelism } from 'node:os'
import { encodedPage } from '../../delivery/span-encoding.js'
import type { TracePage } from '../../mapping/page.js'
import type { JournalPiece } from '../../sources/journal-texts.js'
import { readUnread } from '../../sources/json-file.js'
import type { UnreadJournals } from '../../sources/source.js'
import type { ExportOptions } from '../export-runs.js'
import { gateFor } from '../outgoing-run.js'
import { inBatches, type PieceBatch, toThread } from './journal-batches.js'
import { type PreparedRun, prepareRun, type UnfitRun } from './prepared-run.js'
import type { MappedBatch, MappedPage, MappedRun, MappingSetup } from './threads/mapped-batch.js'
import { MappingThreads } from './threads/mapping-threads.js'

/** Less is done before a thread has started. */
const WORTH_THREADS_BYTES = 8_000_000
/** More of them need more memory, and wait for the sending. */
const MOST_THREADS = 2
/** So many batches are on their way to a thread or back: it never waits for the next. */
const BATCHES_OF_A_THREAD = 3

type Prepared = PreparedRun | UnfitRun
type Prepare = (piece: JournalPiece) => Prepared | undefined

/**
 * Makes the journals ready that an export is about.
 *
 * @example
 * for await (const run of preparedRuns(options)) console.log(run.kind)
 */
export async function* preparedRuns(options: ExportOptions): AsyncGenerator<Prepared> {
  const { source, selection, redaction } = options
  const gate = gateFor(redaction)
  const work = workForThreads(options)
  if (work === undefined) {
    for await (const item of source.read(selection)) yield prepareRun(item, gate)
    return
  }
  yield* inThreads(work, (piece) => {
    const item = readUnread(piece, selection)
    return item && prepareRun(item, gate)
  })
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
  const cores = availableParallelism()
  const threads = cores < 2 ? 0 : Math.min(options.threads ?? MOST_THREADS, MOST_THREADS, cores)
  if (!(threads >= 1)) return undefined
  const unread = source.unread?.(selection)
  if (unread === undefined) return undefined
  if (options.threads === undefined && unread.bytes < WORTH_THREADS_BYTES) return undefined
  const { namespace = '', resource, redaction = {} } = options
  return { threads, unread, setup: { selection, redaction, namespace, resource, encoding } }
}

async function* inThreads(work: Work, here: Prepare): AsyncGenerator<Prepared> {
  const { unread, setup } = work
  const threads = new MappingThreads(work.threads, setup)
  const underWay: UnderWay[] = []
  try {
    for await (const batch of inBatches(unread.items())) {
      underWay.push({ batch, mapping: batch.isLarge ? undefined : threads.map(toThread(batch)) })
      while (underWay.length > work.threads * BATCHES_OF_A_THREAD)
        yield* preparedNext(underWay, here, setup)
    }
    while (underWay.length > 0) yield* preparedNext(underWay, here, setup)
  } finally {
    await threads.close()
  }
}

interface UnderWay {
  readonly batch: PieceBatch
  /** `undefined` where it stays here. */
  readonly mapping: Promise<MappedBatch | undefined> | undefined
}

/** The journals of the batch whose turn it is. */
async function* preparedNext(
  underWay: UnderWay[],
  here: Prepare,
  { encoding }: MappingSetup,
): AsyncGenerator<Prepared> {
  const next = underWay.shift()
  if (next === undefined) return
  const mapped = await next.mapping
  const pageOf =
    ({ bytes }: MappedBatch) =>
    ({ page, start, end }: MappedPage) =>
      encodedPage({ encoding, bytes: bytes.subarray(start, end), page })
  for (const [i, piece] of next.batch.pieces.entries()) {
    // What could not be read has no bytes that a thread could have got.
    const isHere = mapped === undefined || 'problem' in piece
    const run = isHere ? here(piece) : mappedRun(mapped.runs[i], pageOf(mapped), () => here(piece))
    if (run !== undefined) yield run
  }
}

/** A run that a thread has mapped; where it goes out in another way, it is read `again`. */
function mappedRun(
  run: MappedRun | UnfitRun | undefined,
  pageOf: (page: MappedPage) => TracePage,
  again: () => Prepared | undefined,
): Prepared | undefined {
  if (run?.kind !== 'ready') return run
  const readAgain = () => {
    const prepared = again()
    if (prepared?.kind === 'ready') return prepared
    throw new Error(`run ${run.runId} was read, and now it cannot be`)
  }
  return {
    ...run,
    journal: () => readAgain().journal(),
    pages(mapping) {
      const { revision = 0, joined } = mapping
      const isAsMapped = revision === 0 && joined === undefined
      return isAsMapped ? run.pages.map(pageOf) : readAgain().pages(mapping)
    },
  }
}
