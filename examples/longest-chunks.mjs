// Reads traces and prints the longest chunk of each run: node examples/longest-chunks.mjs traces.otlp.jsonl
// Without a file it makes the traces itself, from the state database beside it.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  exportRuns,
  importRuns,
  openOtlpFile,
  openOtlpJsonFile,
  openSqliteSource,
} from 'rivet-otel'

const [file = await exampleTraces()] = process.argv.slice(2)
const { runs } = await importRuns(openOtlpJsonFile(file))

for (const run of runs) {
  if (run.status === 'exact') {
    const longest = run.journal.longestChunkMs()
    console.log(
      `${run.runId}: ${longest === undefined ? 'no chunk was measured' : `${longest} ms`}`,
    )
  } else {
    console.log(`${run.runId}: ${run.status}, because ${run.reasons.join('; ')}`)
  }
}

async function exampleTraces() {
  const path = join(mkdtempSync(join(tmpdir(), 'rivet-otel-example-')), 'traces.otlp.jsonl')
  const source = await openSqliteSource(
    fileURLToPath(new URL('shop.rivet_state.db', import.meta.url)),
  )
  const delivery = await openOtlpFile(path)
  await exportRuns({ source, selection: {}, delivery })
  await delivery.close()
  await source.close()
  return path
}
