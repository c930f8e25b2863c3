// Contender: this project as a library, from a file of OTLP JSON to journals in memory, each checked by its digest.
import { importRuns, openOtlpJsonFile } from 'rivet-otel'

const { traces, expected } = JSON.parse(process.argv[2] ?? '')

const started = performance.now()
const { runs } = await importRuns(openOtlpJsonFile(traces))
const ms = performance.now() - started

const exact = runs.filter(({ status }) => status === 'exact').length
if (exact !== expected) throw new Error(`${exact} runs are exact, ${expected} were expected`)
console.log(JSON.stringify({ ms }))
