import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openRuns } from '../../src/bridge/run-reader.js'
import { runIdOf, withRunIds } from '../../src/bridge/run-reference.js'
import { runsOf } from '../../src/bridge/runs-of.js'
import { stringifyJournal } from '../../src/journal/codec.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp } from '../../src/journal/timestamp.js'
import { traceIdOf } from '../../src/mapping/ids.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { encodeResourceSpansJson, joinJsonRequest } from '../../src/trace/otlp-json.js'
import {
  describeReferences,
  type PlaceOfRuns,
  REFERENCE_RUNS,
} from '../contracts/reference-contract.js'
import { NEWEST } from '../contracts/rivet-tables.js'
import { journal, status } from '../contracts/state-rows.js'
import { runCompleted } from '../journal/example-journals.js'
import { newFolder } from '../sources/places.js'
import { recordsDatabase } from '../sources/sqlite-records-place.js'
import { SERVERS, serverWithTraces } from './server-with-traces.js'

const NO_SERVER = { env: {}, version: '0' }

async function* noBytes(): AsyncGenerator<Uint8Array> {}
async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

const lines = (journals: readonly RunJournal[]) => `${journals.map(stringifyJournal).join('\n')}\n`
const otlpLines = (journals: readonly RunJournal[]) =>
  journals
    .map((one) =>
      joinJsonRequest([...journalToTrace(one)].map(({ trace }) => encodeResourceSpansJson(trace))),
    )
    .join('\n')

function inFile(name: string, textOf: (journals: readonly RunJournal[]) => string): PlaceOfRuns {
  return (journals) => {
    const path = join(newFolder(), name)
    writeFileSync(path, textOf(journals))
    return openRuns({ kind: 'path', path }, { stdin: noBytes(), server: NO_SERVER })
  }
}

function asStream(textOf: (journals: readonly RunJournal[]) => string): PlaceOfRuns {
  return (journals) =>
    openRuns({ kind: 'stdio' }, { stdin: bytesOf(textOf(journals)), server: NO_SERVER })
}

const inDatabase: PlaceOfRuns = (journals) => {
  const rows = journals.map((one) => ({
    table: 'run_journal',
    values: {
      run_id: one.run_id,
      export_name: one.export_name,
      finished_at: String(one.entries.at(-1)?.recorded_at).replace('Z', '+00:00'),
      journal_json: stringifyJournal(one),
    },
  }))
  const path = recordsDatabase({ version: NEWEST, rows, changes: [] })
  return openRuns({ kind: 'path', path }, { stdin: noBytes(), server: NO_SERVER })
}

describeReferences('a state database', inDatabase)
describeReferences('journals, one a line', inFile('journals.jsonl', lines))
describeReferences(
  'journals that do not lie in the order of time',
  inFile('journals.json', (journals) => `[${journals.map(stringifyJournal).toReversed().join()}]`),
)
describeReferences('journals on standard input', asStream(lines))
describeReferences('a file of traces', inFile('traces.otlp.jsonl', otlpLines))
describeReferences('traces on standard input', asStream(otlpLines))
for (const name of SERVERS) {
  describeReferences(name, async (journals) => {
    const { backend, keep } = await serverWithTraces(name)
    for (const one of journals) for (const { trace } of journalToTrace(one)) keep(trace)
    return runsOf(backend)
  })
}

describe('references in a state database', () => {
  it('count runs that were interrupted or are running', async () => {
    const path = recordsDatabase({
      version: NEWEST,
      changes: [],
      rows: [
        journal('orders_1', 10),
        status('orders_2', 'interrupted', 20, 30),
        journal('orders_3', 40),
        status('orders_4', 'running', 35),
      ],
    })
    const reader = await openRuns({ kind: 'path', path }, { stdin: noBytes(), server: NO_SERVER })
    onTestFinished(() => reader.close())
    expect(await runIdOf(reader, '@latest')).toBe('orders_4')
    expect(await runIdOf(reader, 'orders@latest~1')).toBe('orders_3')
    expect(await runIdOf(reader, '@latest~2')).toBe('orders_2')
    await expect(runIdOf(reader, 'orders_')).rejects.toThrow(/beginning of 4 run_ids/)
  })

  it('count a run whose journal cannot be read, where its row says that it ended', async () => {
    const damaged = (runId: string, finished: number, values = {}) => {
      const row = journal(runId, finished)
      return { ...row, values: { ...row.values, journal_json: '{', ...values } }
    }
    const path = recordsDatabase({
      version: NEWEST,
      changes: [],
      rows: [
        status('orders_1', 'interrupted', 0, 10),
        journal('orders_2', 20),
        damaged('orders_3', 30),
        status('orders_4', 'interrupted', 35, 40),
        damaged('orders_5', 50),
        damaged('events_1', 60, { export_name: 'events', finished_at: 'soon' }),
      ],
    })
    const reader = await openRuns({ kind: 'path', path }, { stdin: noBytes(), server: NO_SERVER })
    onTestFinished(() => reader.close())
    const references = ['@latest', 'orders@latest~1', '@latest~2', '@latest~3', '@latest~4']
    const meant = await Promise.all(references.map((one) => runIdOf(reader, one)))
    expect(meant).toEqual(['orders_5', 'orders_4', 'orders_3', 'orders_2', 'orders_1'])
    // Whoever cannot say when it ended comes first of all.
    expect(await runIdOf(reader, '@latest~5')).toBe('events_1')
  })
})

describe('references in a server', () => {
  const old = (runId: string, daysAgo: number) =>
    new RunJournal(runId, 'orders', [
      {
        recorded_at: formatTimestamp(BigInt(Date.now() - daysAgo * 86_400_000) * 1_000_000n),
        event: runCompleted('success'),
      },
    ])

  it.each(SERVERS)('need no search where a run_id is whole: %s', async (name) => {
    const { backend, keep, requests } = await serverWithTraces(name)
    for (const one of REFERENCE_RUNS) for (const { trace } of journalToTrace(one)) keep(trace)
    await runIdOf(runsOf(backend), 'orders_1')
    const traceId = traceIdOf({ namespace: '', runId: 'orders_1', page: 0 })
    expect(requests.length).toBeGreaterThan(0)
    for (const { pathname } of requests) expect(pathname).toContain(traceId)
  })

  it.each(SERVERS)('say what was looked at where nothing is found: %s', async (name) => {
    const { backend, keep } = await serverWithTraces(name)
    const reader = runsOf(backend)
    for (const { trace } of journalToTrace(old('orders_old', 20))) keep(trace)
    const week = new Date(Date.now() - 7 * 86_400_000).toISOString().slice(0, 10)
    const looked = `what was looked at are the runs that ended since ${week}`
    await expect(runIdOf(reader, 'orders_o')).rejects.toThrow(looked)
    await expect(runIdOf(reader, 'orders@latest')).rejects.toThrow(looked)
    const sinceUnixNano = BigInt(Date.now() - 30 * 86_400_000) * 1_000_000n
    const selection = { runIds: ['orders@latest'], sinceUnixNano }
    expect((await withRunIds(reader, selection)).runIds).toEqual(['orders_old'])
  })

  it.each(SERVERS)('look at the day that the beginning of a run_id holds: %s', async (name) => {
    const { backend, keep } = await serverWithTraces(name)
    const day = new Date(Date.now() - 40 * 86_400_000).toISOString().slice(0, 10)
    const runId = `orders_${day.replaceAll('-', '')}T085339.134_11188`
    for (const { trace } of journalToTrace(old(runId, 40))) keep(trace)
    expect(await runIdOf(runsOf(backend), runId.slice(0, 'orders_20261121T'.length))).toBe(runId)
  })
})
