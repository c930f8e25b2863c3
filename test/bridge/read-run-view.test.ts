import { copyFileSync, createReadStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { knownBeside } from '../../src/bridge/known-beside.js'
import { parseLocation } from '../../src/bridge/location.js'
import { readRunView } from '../../src/bridge/read-run-view.js'
import { openRuns, type RunReader } from '../../src/bridge/run-reader.js'
import { redactorOf } from '../../src/journal/redaction.js'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { pagesBeside } from '../../src/mapping/beside.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { encodeResourceSpansJson, joinJsonRequest } from '../../src/trace/otlp-json.js'
import type { Trace } from '../../src/trace/trace.js'
import type { RunView } from '../../src/view/run-view.js'
import { shopJournals } from '../cli/view/journals.js'
import { NEWEST } from '../contracts/rivet-tables.js'
import { found, howMany, putSecretsBeside, ROWS } from '../e2e/planted-secrets.js'
import { newFolder, openToWrite } from '../sources/places.js'
import { recordsDatabase } from '../sources/sqlite-records-place.js'
import { SERVERS, serverWithTraces } from './server-with-traces.js'

/** A copy of the real state database. */
function shop(): string {
  const path = join(newFolder(), '.rivet_state.db')
  copyFileSync(new URL('../../examples/shop.rivet_state.db', import.meta.url), path)
  return path
}

async function opened(location: string, stdin?: string): Promise<RunReader> {
  const stream = stdin === undefined ? (async function* () {})() : createReadStream(stdin)
  const server = { env: {}, version: '0', retryForMs: 0 }
  const reader = await openRuns(parseLocation(location), { stdin: stream, server })
  onTestFinished(() => reader.close())
  return reader
}

async function viewFrom(reader: RunReader, runId: string, before?: number): Promise<RunView> {
  for await (const item of reader.read({ runIds: [runId] })) {
    if (item.kind === 'unseen') continue
    const known = await knownBeside(reader, item)
    return readRunView(reader, known, before === undefined ? {} : { before })
  }
  throw new Error(`no run ${runId}`)
}

/** Everything that an export sends of a run. */
async function tracesOf(
  journal: RunJournal,
  reader: RunReader,
  redaction?: string,
): Promise<Trace[]> {
  const { run_id: runId, export_name: exportName } = journal
  const record = await reader.record({ runId, exportName })
  const beside = pagesBeside(journal, record === undefined ? {} : { record })
  const mapped = journalToTrace(journal, redaction === undefined ? {} : { redaction })
  return [...mapped, ...beside].map(({ trace }) => trace)
}

async function fileOfTraces(reader: RunReader): Promise<string> {
  const file = join(newFolder(), 'traces.otlp.jsonl')
  const lines: string[] = []
  for (const journal of shopJournals)
    for (const trace of await tracesOf(journal, reader))
      lines.push(joinJsonRequest([encodeResourceSpansJson(trace)]))
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

const runIds = shopJournals.map(({ run_id }) => run_id)

describe('the view of each run of a real state database', () => {
  it('is plain JSON, with the runs before it and how it compares with the last of them', async () => {
    const reader = await opened(shop())
    let compared = 0
    for await (const item of reader.read({})) {
      if (item.kind === 'unseen') throw new Error(item.problem)
      const view = await readRunView(reader, await knownBeside(reader, item))
      expect(JSON.parse(JSON.stringify(view))).toEqual(view)
      const { summary, before, before_problems, comparison } = view
      expect(before_problems).toEqual([])
      for (const { export_name, run_id } of before) {
        expect(export_name).toBe(summary.export_name)
        expect(run_id).not.toBe(summary.run_id)
      }
      const last = before.findLast(({ journal }) => journal)
      expect(comparison?.a).toEqual(summary.journal ? last : undefined)
      if (comparison !== null) {
        expect(comparison.b).toEqual(summary)
        compared++
      }
    }
    expect(compared).toBeGreaterThan(0)
  })

  it('has no run before it where none is asked for', async () => {
    const reader = await opened(shop())
    for (const runId of runIds) {
      const { before, comparison } = await viewFrom(reader, runId, 0)
      expect({ before, comparison }).toEqual({ before: [], comparison: null })
    }
  })
})

describe('the view of a run', () => {
  it('is the same from a state database and from a file of traces', async () => {
    const database = await opened(shop())
    const file = await opened(await fileOfTraces(database))
    for (const runId of runIds) {
      const view = await viewFrom(database, runId)
      expect(view.beside.length).toBeGreaterThan(0)
      // A run that was killed left no journal, and is in another kind of trace.
      const before = view.before.filter(({ journal }) => journal)
      expect(await viewFrom(file, runId)).toEqual({ ...view, before })
    }
  })

  it.each(SERVERS)('is the same from %s', async (name) => {
    const database = await opened(shop())
    const server = await serverWithTraces(name)
    for (const journal of shopJournals)
      for (const trace of await tracesOf(journal, database)) server.keep(trace)
    const reader = await opened(server.location)
    for (const runId of runIds)
      expect(await viewFrom(reader, runId, 0)).toEqual(await viewFrom(database, runId, 0))
  })

  it('has what is known beside a run that its sender took something out of', async () => {
    const database = await opened(shop())
    const server = await serverWithTraces('Tempo')
    for (const journal of shopJournals) {
      const redacted = redactorOf({ fields: ['query'] })(journal)
      for (const trace of await tracesOf(redacted.journal, database, redacted.redaction))
        server.keep(trace)
    }
    const [runId = ''] = runIds
    const view = await viewFrom(await opened(server.location), runId, 0)
    const whole = await viewFrom(database, runId, 0)
    expect(view.banner).toMatch(/^REDACTED: .*: query\.$/)
    expect(view.query).toBe('[redacted]')
    expect(view.beside).toEqual(whole.beside)
    expect(view.attempts).toEqual(whole.attempts)
  })

  it('is whole from a stream, whatever is known there of the runs before it', async () => {
    const database = await opened(shop())
    const stream = await opened('-', await fileOfTraces(database))
    const [runId = ''] = runIds
    const alone = { before: [], before_problems: [], comparison: null }
    const view = await viewFrom(database, runId, 0)
    expect({ ...(await viewFrom(stream, runId)), ...alone }).toEqual(view)
  })
})

describe('secrets planted in a state database', () => {
  it('stand in no view of any run of it', async () => {
    const path = recordsDatabase({ version: NEWEST, rows: [], changes: [] })
    const database = openToWrite(path)
    for (const { run_id, export_name, finished_at, text } of ROWS)
      database.run(
        'INSERT INTO run_journal VALUES (?,?,?,?)',
        ...[run_id, export_name, finished_at, text],
      )
    putSecretsBeside(database)
    database.close()
    const reader = await opened(path)
    const views: RunView[] = []
    for await (const item of reader.read({})) {
      if (item.kind === 'unseen' || item.kind === 'unreadable') continue
      views.push(await readRunView(reader, await knownBeside(reader, item)))
    }
    expect(howMany()).toBeGreaterThan(10)
    expect(new Set(views.map(({ summary }) => summary.journal))).toEqual(new Set([true, false]))
    expect(found(JSON.stringify(views))).toEqual([])
  })
})
