// Reads traces and prints the longest chunk of each run: node examples/longest-chunks.mjs traces.otlp.jsonl
import { importRuns, openOtlpJsonFile } from 'rivet-otel'

const [file = 'rivet-traces.otlp.jsonl'] = process.argv.slice(2)
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
