// Contender: this project as a library, from requests in protobuf, as a receiver gets them, to journals in memory.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeOtlpProtobuf, JournalAssembler } from 'rivet-otel'

/**
 * @param {{ bodies: string, expected: number }} settings `bodies`: a folder, a request a file; `expected`: how many runs.
 * @returns {Promise<number>} ms.
 */
export default async function importFromProtobuf({ bodies, expected }) {
  const started = performance.now()
  const assembler = new JournalAssembler()
  for (const name of readdirSync(bodies).sort()) {
    for (const received of decodeOtlpProtobuf(readFileSync(join(bodies, name))).spans) {
      assembler.add(received)
    }
  }
  const runs = assembler.finish()
  const ms = performance.now() - started

  const exact = runs.filter(({ status }) => status === 'exact').length
  if (exact !== expected) throw new Error(`${exact} runs are exact, ${expected} were expected`)
  return ms
}
