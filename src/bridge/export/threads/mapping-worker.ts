/**
 * A thread that reads journals and makes encoded pages of them: a function from batch to batch.
 *
 * It holds nothing from one batch to the next, and knows no file and no network.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { spanEncoding } from '../../../delivery/span-encoding.js'
import type { MappingOptions } from '../../../mapping/journal-to-trace.js'
import { sentPage } from '../../../mapping/page.js'
import { readUnread } from '../../../sources/json-file.js'
import { gateFor } from '../../outgoing-run.js'
import { type PreparedRun, prepareRun } from '../prepared-run.js'
import type { JournalBatch, MappedBatch, MappedPage, MappingSetup } from './mapped-batch.js'

const { selection, redaction, namespace, resource, encoding } = workerData as MappingSetup
const gate = gateFor(redaction)
const { encode } = spanEncoding(encoding)

parentPort?.on('message', (batch: JournalBatch) => {
  const mapped = mapBatch(batch)
  parentPort?.postMessage(mapped, [mapped.bytes.buffer])
})

function mapBatch({ bytes, journals }: JournalBatch): MappedBatch {
  const encoded = new EncodedPages()
  let start = 0
  const runs = journals.map(({ where, end }) => {
    const item = readUnread({ where, bytes: bytes.subarray(start, end) }, selection)
    start = end
    const run = item && prepareRun(item, gate)
    if (run?.kind !== 'ready') return run
    const { journal, pages, ...facts } = run
    return { ...facts, pages: encoded.add(run) }
  })
  return { bytes: encoded.joined(), runs }
}

/** The pages of a batch, as bytes one after the other. */
class EncodedPages {
  readonly #pieces: Uint8Array[] = []
  #length = 0

  add(run: PreparedRun): MappedPage[] {
    const { digest, redaction } = run
    const options: MappingOptions = {
      namespace,
      digest,
      ...(resource === undefined ? {} : { resource }),
      ...(redaction === undefined ? {} : { redaction }),
    }
    const mapped: MappedPage[] = []
    for (const page of run.pages(options)) {
      const piece = encode(page.trace)
      this.#pieces.push(piece)
      const start = this.#length
      this.#length += piece.length
      mapped.push({ page: sentPage(page), start, end: this.#length })
    }
    return mapped
  }

  joined(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#length)
    let at = 0
    for (const piece of this.#pieces) {
      bytes.set(piece, at)
      at += piece.length
    }
    return bytes
  }
}
