// Contender: this project as a library, from a file of OTLP JSON to journals in memory, each checked by its digest.
import { importRuns, openOtlpJsonFile } from 'rivet-otel'

/**
 * @param {{ traces: string, expected: number }} settings `expected`: how many runs.
 * @returns {Promise<number>} ms.
 */
export default async function importWithLibrary({ traces, expected }) {
  const started = performance.now()
  const { runs } = await importRuns(openOtlpJsonFile(traces))
  const ms = performance.now() - started

  const exact = runs.filter(({ status }) => status === 'exact').length
  if (exact !== expected) throw new Error(`${exact} runs are exact, ${expected} were expected`)
  return ms
}
