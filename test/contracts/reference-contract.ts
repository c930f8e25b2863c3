/**
 * What every place that runs are read from must do with references: the same runs, the same answers.
 *
 * The runs ended in the last hours, because a server is searched for those of the last week.
 */
import { describe, expect, it, onTestFinished } from 'vitest'
import { meantRunId } from '../../src/bridge/meant-run.js'
import type { RunReader } from '../../src/bridge/run-reader.js'
import { runIdOf, withMeantRunIds, withRunIds } from '../../src/bridge/run-reference.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp } from '../../src/journal/timestamp.js'
import type { RivetOtelError } from '../../src/problem.js'
import { runCompleted, warning } from '../journal/example-journals.js'

const NOW = BigInt(Date.now()) * 1_000_000n
const MINUTE = 60_000_000_000n

/** A run that ended so many minutes ago. */
function run(runId: string, exportName: string, minutesAgo: bigint, status = 'success') {
  const ended = NOW - minutesAgo * MINUTE
  return new RunJournal(runId, exportName, [
    { recorded_at: formatTimestamp(ended - 1_000_000n), event: warning(runId) },
    { recorded_at: formatTimestamp(ended), event: runCompleted(status) },
  ])
}

/** The oldest first. */
export const REFERENCE_RUNS = [
  run('orders_1', 'orders', 90n),
  run('orders_10', 'orders', 80n, 'failed'),
  run('customers_1', 'customers', 70n),
  run('@latest~1', 'odd', 60n),
  run('odd@latest', 'odd@latest~2', 50n),
  run('events_日本', 'events', 40n),
  run('events_20', 'events', 30n),
  run('orders_2', 'orders', 20n, 'failed'),
  run('zeta_1', 'zeta', 10n),
]

/** Opens a place of a kind that holds these runs. */
export type PlaceOfRuns = (journals: readonly RunJournal[]) => Promise<RunReader>

/**
 * Runs the battery.
 *
 * @param open a place of this kind with runs in it; it is closed by the battery
 */
export function describeReferences(name: string, open: PlaceOfRuns): void {
  describe(`references in ${name}`, () => {
    const opened = async (journals = REFERENCE_RUNS) => {
      const reader = await open(journals)
      onTestFinished(() => reader.close())
      return reader
    }

    it('are the latest runs, of all and of an export, and beginnings that one run has', async () => {
      const reader = await opened()
      const meanings = {
        '@latest': 'zeta_1',
        '@latest~0': 'zeta_1',
        '@latest~3': 'events_日本',
        '@latest~8': 'orders_1',
        'orders@latest': 'orders_2',
        'orders@latest~1': 'orders_10',
        'odd@latest~2@latest': 'odd@latest',
        events_日: 'events_日本',
        z: 'zeta_1',
        c: 'customers_1',
        orders_2: 'orders_2',
      }
      for (const [reference, runId] of Object.entries(meanings))
        expect([reference, await runIdOf(reader, reference)]).toEqual([reference, runId])
    })

    it('give way to a run that is called just so', async () => {
      const reader = await opened()
      for (const runId of ['@latest~1', 'odd@latest', 'orders_1'])
        expect(await runIdOf(reader, runId)).toBe(runId)
      expect(await meantRunId(reader, '@latest~1')).toBe('orders_2')
    })

    it('are refused where several runs or none are meant', async () => {
      const reader = await opened()
      const problem = (reference: string) =>
        runIdOf(reader, reference).then(
          (runId) => `no error: ${runId}`,
          ({ code, message }: RivetOtelError) => `${code} ${message}`,
        )
      expect(await problem('orders_')).toMatch(
        /^USAGE orders_ is the beginning of 3 run_ids in .*: orders_\d+, orders_\d+, orders_\d+$/,
      )
      expect(await problem('ordres_2')).toMatch(/^USAGE no run ordres_2 \(did you mean orders_/)
      expect(await problem('nothing like it')).toMatch(/^USAGE no run nothing like it in /)
      expect(await problem('')).toMatch(/^USAGE no run /)
      expect(await problem('nobody@latest')).toMatch(
        /^USAGE nobody@latest: no runs of an export nobody in /,
      )
      expect(await problem('zeta@latest~1')).toMatch(
        /^USAGE zeta@latest~1: there is only one run of zeta in /,
      )
      expect(await problem('@latest~9')).toMatch(/^USAGE @latest~9: there are only 9 runs in /)
      expect(await problem('@latest~1000')).toContain('expected a number up to 999')
    })

    it('names five of many candidates', async () => {
      const many = Array.from({ length: 12 }, (_, i) => run(`m_${i}`, 'm', BigInt(12 - i)))
      const reader = await opened(many)
      await expect(runIdOf(reader, 'm_')).rejects.toThrow(
        /12 run_ids in .*: (m_\d+, ){4}m_\d+ and 7 more$/,
      )
    })

    it('are resolved one by one in a selection, and one that nobody knows costs the others nothing', async () => {
      const reader = await opened()
      const asked = { runIds: ['orders@latest', 'zeta', 'orders_1', 'nobody'], exports: ['orders'] }
      const first = await withRunIds(reader, asked)
      const found = new Set<string>()
      for await (const item of reader.read(first))
        if (item.kind === 'journal') found.add(item.journal.run_id)
      const { runIds } = (await withMeantRunIds(reader, first, found)) ?? first
      expect(runIds).toEqual(['orders_2', 'zeta_1', 'orders_1', 'nobody'])
    })
  })
}
