import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseLocation } from '../../src/bridge/location.js'
import { openRuns, type RunItem, type RunReader } from '../../src/bridge/run-reader.js'
import type { RunSelection } from '../../src/bridge/run-selection.js'
import { type ReadRun, runsBefore } from '../../src/bridge/runs-before.js'
import { stringifyJournal } from '../../src/journal/codec.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp } from '../../src/journal/timestamp.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { RivetOtelError } from '../../src/problem.js'
import { encodeResourceSpansJson, joinJsonRequest } from '../../src/trace/otlp-json.js'
import { NEWEST, type TableRow } from '../contracts/rivet-tables.js'
import { journal, nano, status } from '../contracts/state-rows.js'
import { newFolder } from '../sources/places.js'
import { recordsDatabase } from '../sources/sqlite-records-place.js'
import { SERVERS, serverWithTraces } from './server-with-traces.js'

async function opened(location: string): Promise<RunReader> {
  const stdin = (async function* () {})()
  const server = { env: {}, version: '0', retryForMs: 0 }
  const reader = await openRuns(parseLocation(location), { stdin, server })
  onTestFinished(() => reader.close())
  return reader
}

const databaseOf = (rows: readonly TableRow[]) =>
  opened(recordsDatabase({ version: NEWEST, rows, changes: [] }))

async function find(reader: RunReader, runId: string): Promise<ReadRun> {
  for await (const item of reader.read({ runIds: [runId] }))
    if (item.kind !== 'unseen' && item.kind !== 'unreadable') return item
  throw new Error(`no run ${runId}`)
}

function nameOf(item: RunItem): string {
  if (item.kind === 'journal') return item.journal.run_id
  if (item.kind === 'unjournaled' || item.kind === 'broken') return item.run.runId
  return item.kind
}

async function namesBefore(reader: RunReader, runId: string, most?: number): Promise<string[]> {
  const { runs, problems } = await runsBefore(reader, await find(reader, runId), most)
  expect(problems).toEqual([])
  return runs.map(nameOf)
}

/** A run of one export, so many seconds after the others. */
function run(runId: string, seconds: number, exportName = 'orders'): RunJournal {
  const event = { RunCompleted: { status: 'success', duration_ms: 7 } }
  return new RunJournal(runId, exportName, [{ recorded_at: formatTimestamp(nano(seconds)), event }])
}

const HISTORY = [
  ...[status('a', 'success', 0, 5), journal('a', 5)],
  status('b', 'interrupted', 10, 20),
  journal('other', 22, 'events'),
  ...[status('c', 'failed', 20, 25), journal('c', 25)],
  ...[status('d', 'success', 30, 35), journal('d', 35)],
  status('e', 'running', 40),
  ...[status('f', 'success', 50, 55), journal('f', 55)],
]

describe('the runs before a run', () => {
  it('are those of its export that ended before it, the oldest first', async () => {
    const reader = await databaseOf(HISTORY)
    expect(await namesBefore(reader, 'd')).toEqual(['a', 'b', 'c'])
    expect(await namesBefore(reader, 'a')).toEqual([])
    expect(await namesBefore(reader, 'other')).toEqual([])
    expect(await namesBefore(reader, 'b')).toEqual(['a'])
  })

  it('are at most so many, the newest of them', async () => {
    const reader = await databaseOf(HISTORY)
    expect(await namesBefore(reader, 'f', 2)).toEqual(['c', 'd'])
    expect(await namesBefore(reader, 'f', 0)).toEqual([])
  })

  it('are all others of its export where it still runs, and none that runs itself', async () => {
    const reader = await databaseOf([...HISTORY, status('g', 'running', 60)])
    expect(await namesBefore(reader, 'e', 4)).toEqual(['b', 'c', 'd', 'f'])
  })

  it('come from a file of journals, and from a file of traces', async () => {
    const journals = [run('a', 1), run('b', 2), run('other', 3, 'events'), run('c', 4)]
    const folder = newFolder()
    const lines = journals.map(stringifyJournal)
    writeFileSync(join(folder, 'journals.jsonl'), `${lines.join('\n')}\n`)
    const requests = journals.flatMap((each) =>
      [...journalToTrace(each)].map(({ trace }) =>
        joinJsonRequest([encodeResourceSpansJson(trace)]),
      ),
    )
    writeFileSync(join(folder, 'traces.jsonl'), `${requests.join('\n')}\n`)
    for (const name of ['journals.jsonl', 'traces.jsonl'])
      expect(await namesBefore(await opened(join(folder, name)), 'c')).toEqual(['a', 'b'])
  })

  it.each(SERVERS)('come from a server, of the same namespace: %s', async (name) => {
    const server = await serverWithTraces(name)
    // Lately, because a server is not searched for longer ago than it may keep anything.
    const now = Number(BigInt(Date.now()) * 1_000_000n - nano(0)) / 1e9
    for (const [journal, namespace] of [
      [run('a', now - 400), ''],
      [run('b', now - 300), 'eu'],
      [run('c', now - 200), ''],
      [run('d', now - 100), ''],
    ] as const)
      for (const { trace } of journalToTrace(journal, { namespace })) server.keep(trace)
    const reader = await opened(server.location)
    const item = await find(reader, 'd')
    const { runs } = await runsBefore(reader, item)
    expect(runs.map(nameOf)).toEqual(['a', 'c'])
    expect((await runsBefore(reader, item, 1)).runs.map(nameOf)).toEqual(['c'])
  })

  it('say what could not be read of them, and cost nothing else', async () => {
    const broken = { ...journal('b', 2), values: { ...journal('b', 2).values, journal_json: '{' } }
    const reader = await databaseOf([journal('a', 1), broken, journal('c', 3)])
    const { runs, problems } = await runsBefore(reader, await find(reader, 'c'))
    expect(runs.map(nameOf)).toEqual(['a'])
    expect(problems).toEqual([expect.stringMatching(/^run_journal row b: /)])
  })

  it('are said not to be read where their place is gone', async () => {
    const reader = await databaseOf(HISTORY)
    const item = await find(reader, 'd')
    async function* read(_: RunSelection): AsyncGenerator<RunItem> {
      yield item
      throw new RivetOtelError('UNREACHABLE', 'cannot reach postgres://ana:hunter2@db/shop')
    }
    const gone = { ...reader, holds: reader.holds, location: '', listsAll: true, read }
    const { runs, problems } = await runsBefore(gone as unknown as RunReader, item)
    expect(runs).toEqual([])
    expect(problems).toEqual(['cannot reach postgres://ana:***@db/shop'])
  })
})
