// Writes made-up journals into a journals.jsonl, one run at a time, so that any size fits.
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { makeJournal } from './journal-shapes.mjs'
import { spansOfJournal } from './journal-spans.mjs'

/**
 * @typedef {import('./journal-shapes.mjs').Shape} Shape
 * @typedef {import('./journal-shapes.mjs').Journal} Journal
 *
 * @typedef {object} JournalFile
 * @property {string} path
 * @property {number} runs
 * @property {number} entries
 * @property {number} spans How many spans say the same.
 * @property {number} bytes
 * @property {Journal[]} samples The first, the middle and the last run.
 */

const PIECE = 4_000_000

/**
 * Writes a file of runs. Of several shapes they take turns.
 *
 * @param {string} path
 * @param {{ shapes: readonly Shape[], runs: number, size: number }} what `size`: chunks, or files, of a run.
 * @returns {Promise<JournalFile>}
 */
export async function writeJournals(path, { shapes, runs, size }) {
  const sampled = new Set([0, runs >> 1, runs - 1])
  /** @type {JournalFile} */
  const file = { path, runs, entries: 0, spans: 0, bytes: 0, samples: [] }
  const stream = createWriteStream(path)
  let piece = ''
  const flush = async () => {
    file.bytes += Buffer.byteLength(piece)
    if (!stream.write(piece)) await once(stream, 'drain')
    piece = ''
  }
  for (let number = 0; number < runs; number++) {
    const shape = shapes[number % shapes.length] ?? 'chunked'
    const journal = makeJournal(shape, number, size)
    file.entries += journal.entries.length
    file.spans += spansOfJournal(journal)
    if (sampled.has(number)) file.samples.push(journal)
    piece += `${JSON.stringify(journal)}\n`
    if (piece.length > PIECE) await flush()
  }
  await flush()
  stream.end()
  await once(stream, 'finish')
  return file
}
