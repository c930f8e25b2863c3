/** A run as `show` prints it, from several places, for the tests that it is the same everywhere. */
import { rivetOtel, SHOP } from './command-line.js'

/** It left no journal: its trace has less than the state database. */
export const KILLED = 'chunk_slow_20261121T085434.212_13009'

/** Every run of the real state database that left a journal. */
export async function journaledRuns(): Promise<string[]> {
  const { stdout } = await rivetOtel(['runs', '--json', '--from', SHOP])
  const rows = stdout.trim().split('\n')
  return rows
    .map((row) => JSON.parse(row) as { run_id: string; journal: boolean })
    .flatMap(({ run_id, journal }) => (journal ? [run_id] : []))
}

/** The view in the report of a run, without what only tells where it was read. */
export async function viewFrom(place: string, runId: string): Promise<object> {
  const { stdout } = await rivetOtel(['report', runId, '--from', place, '--to', '-'])
  return JSON.parse(
    /<script type="application\/json"[^>]*>(.*?)<\/script>/s.exec(stdout)?.[1] ?? '',
  )
}

/** What `show` prints of a run; fails where it says anything beside. */
export async function shownFrom(place: string, runId: string): Promise<string> {
  const { code, stdout, stderr } = await rivetOtel(['show', runId, '--from', place])
  if (code !== 0 || stderr !== '') throw new Error(`${code}: ${stderr}`)
  return stdout
}
