import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { knownBeside } from '../../src/bridge/known-beside.js'
import { parseLocation } from '../../src/bridge/location.js'
import { readRunView } from '../../src/bridge/read-run-view.js'
import { openRuns } from '../../src/bridge/run-reader.js'
import type { RunDiff } from '../../src/view/run-diff.js'
import { NEWEST, type TableRow } from '../contracts/rivet-tables.js'
import { journal, metrics, status } from '../contracts/state-rows.js'
import { runHere } from '../e2e/in-process.js'
import { recordsDatabase } from '../sources/sqlite-records-place.js'
import { serving } from './serving.js'

const ran = (runId: string, start: number, version: string, memory: number): TableRow[] => [
  status(runId, 'success', start, start + 5, { source: 'postgres://db:5432/shop' }),
  journal(runId, start + 5),
  metrics(runId, 'success', start + 5, 7, { rivet_version: version, peak_rss_mb: memory }),
]
const TWO = [
  ...ran('a', 0, '0.31.0', 20),
  status('k', 'interrupted', 10, 20),
  ...ran('c', 30, '0.32.2', 90),
]
const damaged = journal('b', 25)
const WITH_DAMAGE = [...TWO, { ...damaged, values: { ...damaged.values, journal_json: '{' } }]

/** What each of those that show it says of how `c` differs from `a`. */
async function comparisons(rows: readonly TableRow[]): Promise<Record<string, RunDiff>> {
  const path = recordsDatabase({ version: NEWEST, rows, changes: [] })
  const server = { env: {}, version: '0', retryForMs: 0 }
  const stdin = (async function* () {})()
  const reader = await openRuns(parseLocation(path), { stdin, server })
  let report: unknown
  for await (const item of reader.read({ runIds: ['c'] }))
    if (item.kind === 'journal')
      report = (await readRunView(reader, await knownBeside(reader, item))).comparison
  await reader.close()
  const { ask } = await serving({ from: path })
  const asked = async (url: string) => JSON.parse((await ask(url)).body)
  const said = async (...runs: string[]) => {
    const { stdout } = await runHere(['diff', '--json', '--from', path, ...runs], {
      cwd: dirname(path),
    })
    const { gates: _, ...diff } = JSON.parse(stdout)
    return diff
  }
  return {
    'the report': report as RunDiff,
    'the page of a run': (await asked('/api/run?run_id=c')).comparison,
    '/api/diff': await asked('/api/diff?a=a&b=c'),
    'diff with one run': await said('c'),
    'diff with two runs': await said('a', 'c'),
  }
}

describe('how a run differs from the one before it', () => {
  it('is the same wherever it is shown, with what is known beside both', async () => {
    const all = await comparisons(TWO)
    const [first, ...others] = Object.values(all)
    const beside = first?.differences.filter(({ subject }) => subject === 'beside')
    expect(beside?.map(({ label, a, b }) => [label, a, b])).toEqual([
      ['rivet', '0.31.0', '0.32.2'],
      ['memory', '20 MB at most', '90 MB at most'],
    ])
    expect(first?.not_compared.map(({ subject }) => subject)).not.toContain('schema')
    for (const other of others) expect(other).toEqual(first)
  })

  it('says nothing of the schema where a run between them cannot be read, wherever it is shown', async () => {
    const all = await comparisons(WITH_DAMAGE)
    for (const [where, { not_compared }] of Object.entries(all)) {
      const whys = not_compared.filter(({ subject }) => subject === 'schema').map(({ why }) => why)
      expect([where, whys]).toEqual([where, ['it is not known which runs lie between them']])
    }
    const [first, ...others] = Object.values(all)
    for (const other of others) expect(other).toEqual(first)
  })
})
