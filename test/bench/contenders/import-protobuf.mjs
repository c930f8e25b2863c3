// Contender: this project as a library, from requests in protobuf, as a receiver gets them, to journals in memory.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeOtlpProtobuf, JournalAssembler } from 'rivet-otel'

const { bodies, expected } = JSON.parse(process.argv[2] ?? '')

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
console.log(JSON.stringify({ ms }))
