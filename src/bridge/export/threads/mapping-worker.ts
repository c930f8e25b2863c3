/** The program of a thread: a batch of journals in, its encoded pages out. */
import { parentPort, workerData } from 'node:worker_threads'
import { BatchMapper } from './batch-mapper.js'
import type { JournalBatch, MappedBatch, MappingSetup, ThreadAnswer } from './mapped-batch.js'

const mapper = new BatchMapper(workerData as MappingSetup)

parentPort?.on('message', ({ bytes, journals }: JournalBatch) => {
  let start = 0
  const pieces = journals.map(({ where, end }) => {
    const piece = { where, bytes: bytes.subarray(start, end) }
    start = end
    return piece
  })
  const runs = mapper.map(pieces)
  const answer: ThreadAnswer = { runs, bytes }
  parentPort?.postMessage(answer, [bytes.buffer, ...buffersOf(runs)])
})

/** The memory of all pages, which goes along; each has its own. */
function buffersOf(runs: MappedBatch): ArrayBuffer[] {
  return runs.flatMap((run) =>
    run?.kind === 'mapped' ? run.pages.map(({ bytes }) => bytes.buffer as ArrayBuffer) : [],
  )
}
