/** What goes out beside journals, from real state databases into a real file and a real receiver. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ExportOptions, exportRuns } from '../../../src/bridge/export-runs.js'
import { withLedger } from '../../../src/bridge/ledger/with-ledger.js'
import type { RunOutcome, SkippedRun } from '../../../src/bridge/summary.js'
import type { Delivery } from '../../../src/delivery/delivery.js'
import { DryRun } from '../../../src/delivery/dry-run.js'
import { openOtlpFile } from '../../../src/delivery/otlp-file.js'
import { openOtlpHttp } from '../../../src/delivery/otlp-http.js'
import { otlpTargetName } from '../../../src/delivery/otlp-target-name.js'
import { openLedger } from '../../../src/ledger/ledger.js'
import { interruptedIdsOf, loadIdsOf, spanIdsOf, traceIdOf } from '../../../src/mapping/ids.js'
import type { JournalSource } from '../../../src/sources/source.js'
import { openSqliteSource } from '../../../src/sources/sqlite.js'
import type { Span } from '../../../src/trace/trace.js'
import { target } from '../../delivery/target.js'
import { newFolder } from '../../delivery/temporary-folder.js'
import { runsAt } from '../../e2e/received-runs.js'
import { names } from '../../e2e/watching.js'
import { OtlpReceiver, type ReceivedRequest } from '../../receiver/otlp-receiver.js'
import { insert, SHOP } from '../../sources/places.js'
import {
  changing,
  emptyState,
  put,
  putKilled,
  putLoad,
  putMetrics,
  putRun,
  putStatus,
} from '../../sources/state-rows.js'

let receiver: OtlpReceiver
let folder: string
let database: string

beforeEach(async () => {
  receiver = await OtlpReceiver.start()
  folder = newFolder()
  database = join(folder, '.rivet_state.db')
  emptyState(database)
})
afterEach(() => receiver.close())

type Told = RunOutcome | SkippedRun
type Options = Partial<ExportOptions> & { readonly from?: string; readonly change?: typeof asItIs }

const asItIs = (source: JournalSource): JournalSource => source

async function exporting(delivery: Delivery, { from, change = asItIs, ...more }: Options = {}) {
  const source = await openSqliteSource(from ?? database)
  const told: Told[] = []
  try {
    const summary = await exportRuns({
      source: change(source),
      selection: {},
      delivery,
      onRun: (run) => told.push(run),
      ...more,
    })
    return { ...summary, told }
  } finally {
    await source.close()
    await delivery.close()
  }
}

async function toReceiver(options?: Options) {
  const settings = target(receiver.url)
  const ledger = await openLedger(join(folder, 'ledger.db'), otlpTargetName(settings))
  if (ledger === undefined) throw new Error('there is no ledger')
  const before = receiver.taken.length
  const summary = await exporting(withLedger(openOtlpHttp(settings), ledger), options)
  return { ...summary, spans: receiver.taken.slice(before).map(({ span }) => span) }
}

async function toFile(options?: Options, name = 'a.otlp.jsonl') {
  const path = join(folder, name)
  const summary = await exporting(await openOtlpFile(path), options)
  return { ...summary, text: readFileSync(path, 'utf8') }
}

const nameOf = ({ name, attributes }: Span) => `${name} ${attributes['rivet.run.id']}`
const extra = ({ attributes }: Span) => !('rivet.run.revision' in attributes)
const holds =
  (...names: readonly string[]) =>
  ({ spans }: ReceivedRequest) =>
    spans.some(({ span }) => names.includes(span.name))

describe('beside the real runs', () => {
  it('goes what the database knows, and not a byte of the journals is another one', async () => {
    const without = await toFile({
      from: SHOP,
      change: ({ records: _, ...journals }) => journals,
    })
    const lines = without.text.trimEnd().split('\n')
    expect(without).toMatchObject({ runs: { sent: 12 } })
    expect(without).not.toHaveProperty('interrupted')
    const all = await toFile({ from: SHOP }, 'b.otlp.jsonl')
    expect(all).toMatchObject({ runs: { sent: 12 }, interrupted: { sent: 1 } })
    expect(all.told).toHaveLength(12)
    const allLines = all.text.trimEnd().split('\n')
    expect(allLines.filter((line) => lines.includes(line))).toEqual(lines)
    const added = allLines.filter((line) => !lines.includes(line))
    expect(added).toHaveLength(13)
    expect(added.filter((line) => line.includes('"name":"source"'))).toHaveLength(12)
    // What is beside a run follows it.
    expect(allLines.findIndex((line) => line.includes('"name":"source"'))).toBe(1)
    const again = await toFile({ from: SHOP }, 'b.otlp.jsonl')
    expect(again.text).toBe(all.text)
    expect(again).toMatchObject({
      runs: { sent: 0, present: 12 },
      interrupted: { sent: 0, present: 1 },
    })
    // What came before it can be added to a file of journals alone.
    const later = await toFile({ from: SHOP })
    expect(later.text.startsWith(without.text)).toBe(true)
    expect(later.text.length).toBe(all.text.length)
  })

  it('goes nothing a second time, and a dry run says so', async () => {
    const first = await toReceiver({ from: SHOP })
    const { runs } = first
    expect(first).toMatchObject({ runs: { sent: 12 }, interrupted: { sent: 1 } })
    expect(runsAt(receiver).map(({ status }) => status)).toEqual(Array(12).fill('exact'))
    const again = await toReceiver({ from: SHOP })
    expect(again).toMatchObject({ runs: { sent: 0, present: runs.sent }, spans: [] })
    expect(again.interrupted).toEqual({ sent: 0, present: 1, failed: 0, elsewhere: 0 })
    const dry = await exporting(new DryRun(await openOtlpFile(join(folder, 'none.jsonl'))), {
      from: SHOP,
    })
    expect(dry).toMatchObject({ runs: { sent: 12 }, interrupted: { sent: 1 } })
    expect(dry.spans.delivered).toBe(first.spans.length)
  })
})

describe('a row that changes', () => {
  it('sends exactly the span that it changes', async () => {
    changing(database, (db) => {
      for (const runId of names(3)) putRun(db, runId)
    })
    expect((await toReceiver()).runs.sent).toBe(3)
    const before = await toFile()
    changing(database, (db) => putMetrics(db, 'orders_1', { bytes_read: 2_000 }))
    const { runs, spans } = await toReceiver()
    expect(runs).toMatchObject({ sent: 0, present: 3 })
    expect(spans.map(nameOf)).toEqual(['source orders_1'])
    const after = await toFile()
    expect(after.text.startsWith(before.text)).toBe(true)
    expect(after.spans).toMatchObject({ delivered: 1 })
    expect((await toReceiver()).spans).toEqual([])
    expect(runsAt(receiver).map(({ status }) => status)).toEqual(Array(3).fill('exact'))
  })

  it('changes nothing about a killed run that was sent', async () => {
    changing(database, (db) => {
      putKilled(db, 'orders_0')
      put(db, 'chunk_run', {
        ...{ run_id: 'orders_0', export_name: 'orders', plan_hash: 'x', status: 'in_progress' },
        ...{ created_at: '2026-11-21T08:40:00+00:00', updated_at: '2026-11-21T08:40:00+00:00' },
      })
      put(db, 'chunk_task', {
        ...{ run_id: 'orders_0', chunk_index: 0, start_key: '1', end_key: '9', attempts: 1 },
        ...{ status: 'completed', updated_at: '2026-11-21T08:41:00+00:00' },
      })
    })
    expect((await toReceiver()).interrupted).toMatchObject({ sent: 1 })
    const before = await toFile()
    // Another run went on with it: its row gets that run's status and end.
    changing(database, (db) => {
      putRun(db, 'orders_1')
      putStatus(db, 'orders_0', {
        started_at: '2026-11-21T08:40:00+00:00',
        finished_at: '2026-11-21T08:53:39.200+00:00',
      })
    })
    const { interrupted, spans } = await toReceiver()
    expect(interrupted).toEqual({ sent: 0, present: 1, failed: 0, elsewhere: 0 })
    expect(spans.filter(extra).map(nameOf)).toEqual(['source orders_1', 'resumed run orders_1'])
    const { traceId, root } = interruptedIdsOf({ namespace: '', runId: 'orders_0' })
    expect(spans.flatMap(({ links }) => links)).toMatchObject([{ traceId, spanId: root }])
    const after = await toFile()
    expect(after.text.startsWith(before.text)).toBe(true)
    expect(after.text.slice(before.text.length)).not.toContain(
      `"traceId":"${traceId}","spanId":"${root}","name"`,
    )
    expect(after.text.slice(before.text.length)).not.toContain(`"parentSpanId":"${root}"`)
    expect(after.interrupted).toEqual({ sent: 0, present: 1, failed: 0, elsewhere: 0 })
  })
})

describe('loads and killed runs', () => {
  beforeEach(() => {
    changing(database, (db) => {
      for (const runId of names(2)) putRun(db, runId)
      putKilled(db, 'orders_killed')
      putKilled(db, 'users_killed', '2026-11-21T08:30:00+00:00')
      putStatus(db, 'users_killed', { export_name: 'users', status: 'interrupted' })
      putLoad(db, 'a:load:t', { source_run_ids: '["orders_0","orders_killed"]' })
      putLoad(db, 'b:load:t', { status: 'writing' })
      putLoad(db, 'c:load:t', { status: 'failed', finished_at: '2026-11-21T08:00:00+00:00' })
    })
  })

  it('are linked to the traces of their runs, killed ones too', async () => {
    const { interrupted, loads, spans } = await toReceiver()
    expect({ interrupted, loads }).toMatchObject({ interrupted: { sent: 2 }, loads: { sent: 2 } })
    const { root } = loadIdsOf({ namespace: '', runId: 'a:load:t' })
    const load = spans.find(({ spanId }) => spanId === root)
    const key = { namespace: '', runId: 'orders_0', page: 0, revision: 0 }
    const killed = interruptedIdsOf({ namespace: '', runId: 'orders_killed' })
    expect(load?.links).toMatchObject([
      { traceId: traceIdOf(key), spanId: spanIdsOf(key).root },
      { traceId: killed.traceId, spanId: killed.root },
    ])
  })

  it.each([
    ['one run', { runIds: ['orders_0'] }, { runs: 1, loads: 2 }],
    ['a killed one', { runIds: ['orders_killed'] }, { runs: 0, interrupted: 1, loads: 1 }],
    ['an export', { exports: ['users'] }, { runs: 0, interrupted: 1 }],
    // They end before the runs, but for one load.
    ['the last one', { last: 1 }, { runs: 1, interrupted: 1, loads: 1 }],
    ['the last of none', { last: 1, exports: ['none'] }, { runs: 0 }],
    ['nothing before', { sinceUnixNano: 10n ** 18n * 3n }, { runs: 0 }],
  ])('go as far as the selection wants them: %s', async (_, selection, sent) => {
    const { runs, interrupted, loads } = await toReceiver({ selection })
    expect({ runs: runs.sent, interrupted: interrupted?.sent, loads: loads?.sent }).toEqual({
      interrupted: undefined,
      loads: undefined,
      ...sent,
    })
  })

  it('are refused where redaction finds something in their names', async () => {
    const redaction = { patterns: [/killed|a:load/g] }
    const { runs, interrupted, loads, told, spans } = await toReceiver({ redaction })
    expect({ runs, interrupted, loads }).toMatchObject({ runs: { refused: 3 }, loads: { sent: 1 } })
    expect(interrupted).toBeUndefined()
    const refused = told.flatMap((each) => ('where' in each ? [each.where] : []))
    expect(refused.toSorted()).toEqual([
      'load_run row [redacted]:t',
      'run_status row orders_[redacted]',
      'run_status row users_[redacted]',
    ])
    expect(JSON.stringify(spans, (_, v) => (typeof v === 'bigint' ? `${v}` : v))).not.toMatch(
      /killed|a:load/,
    )
  })
})

describe('what fails beside a run that is there', () => {
  beforeEach(() => {
    changing(database, (db) => {
      for (const runId of names(2)) putRun(db, runId)
      putKilled(db, 'orders_killed')
      putLoad(db, 'a:load:t')
    })
  })

  it('is told, and costs nothing beside it', async () => {
    receiver.answerTo = (request) => (holds('source')(request) ? { status: 400 } : {})
    const summary = await toReceiver()
    expect(summary).toMatchObject({
      runs: { sent: 2, failed: 0 },
      besideFailed: 2,
      interrupted: { sent: 1 },
      loads: { sent: 1 },
    })
    const failed = summary.told.filter(({ result }) => result === 'failed')
    expect(failed).toMatchObject([
      { subject: 'source', runId: 'orders_0', failure: 'refused' },
      { subject: 'source', runId: 'orders_1', failure: 'refused' },
    ])
    receiver.answerTo = () => ({})
    const again = await toReceiver()
    expect(again.spans.map(nameOf).toSorted()).toEqual(['source orders_0', 'source orders_1'])
  })

  it('is a trace of its own that is told and counted', async () => {
    receiver.answerTo = ({ spans }) =>
      spans.some(({ span }) => extra(span) && span.name !== 'source') ? { status: 400 } : {}
    const { runs, interrupted, loads, told } = await toReceiver()
    expect({ runs, interrupted, loads }).toMatchObject({
      runs: { sent: 2 },
      interrupted: { failed: 1 },
      loads: { failed: 1 },
    })
    expect(told.filter(({ result }) => result === 'failed')).toMatchObject([
      { subject: 'interrupted', runId: 'orders_killed' },
      { subject: 'load', runId: 'a:load:t' },
    ])
  })

  it('is not told where the run failed as well', async () => {
    receiver.answer = () => ({ status: 401 })
    const { besideFailed, told } = await toReceiver({ selection: { runIds: ['orders_1'] } })
    expect(besideFailed).toBeUndefined()
    expect(told).toMatchObject([{ runId: 'orders_1', result: 'failed', failure: 'place' }])
    expect(told[0]).not.toHaveProperty('subject')
  })
})

/** Tells of how many runs the source is asked what it knows, each time. */
const counted =
  (tell: (runs: number) => void) =>
  (source: JournalSource): JournalSource => {
    const { records } = source
    if (records === undefined) return source
    const of: typeof records.of = (runs) => {
      tell(runs.length)
      return records.of(runs)
    }
    return { ...source, records: { ...records, of } }
  }

describe('a run that has just ended', () => {
  function putYoung(runId: string, endMs = Date.now()): void {
    const now = new Date(endMs).toISOString()
    const text = `{"run_id":"${runId}","export_name":"orders","entries":[{"recorded_at":"${now}","event":{"RunCompleted":{"status":"success","error_message":null,"duration_ms":5}}}]}`
    changing(database, (db) => {
      insert(db, { run_id: runId, export_name: 'orders', finished_at: now, text })
      putStatus(db, runId, { started_at: now, finished_at: now })
    })
  }

  it('gets the row that comes a moment after its journal', async () => {
    changing(database, (db) => putRun(db, 'orders_0'))
    putYoung('orders_1')
    const exported = toReceiver()
    await sleep(300)
    changing(database, (db) => {
      putMetrics(db, 'orders_1', { bytes_read: 4_321 })
    })
    const { spans } = await exported
    const source = spans.find((span) => nameOf(span) === 'source orders_1')
    expect(Object.values(source?.attributes ?? {})).toContain(4_321)
    expect((await toReceiver()).spans).toEqual([])
  })

  it('is not waited for where its end lies far ahead', async () => {
    putYoung('orders_1', Date.now() + 3_600_000)
    let asked = 0
    const { spans } = await toReceiver({ change: counted(() => asked++) })
    expect(asked).toBe(1)
    expect(spans.map(nameOf)).toEqual(['export orders orders_1', 'source orders_1'])
  })

  it('is asked about again no longer when the export is told to stop', async () => {
    putYoung('orders_1')
    const stopping = new AbortController()
    let asked = 0
    const counting = counted(() => {
      if (++asked === 3) stopping.abort()
    })
    const { spans } = await toReceiver({ change: counting, signal: stopping.signal })
    expect(asked).toBe(3)
    expect(spans.map(nameOf)).toEqual(['export orders orders_1', 'source orders_1'])
  })

  it('is asked about once where whatever wrote it has ended', async () => {
    putYoung('orders_1')
    let asked = 0
    const { spans } = await toReceiver({ change: counted(() => asked++), areOver: true })
    expect(asked).toBe(1)
    expect(spans.map(nameOf)).toEqual(['export orders orders_1', 'source orders_1'])
  })

  it('is asked about once where it ended long ago, in groups', async () => {
    changing(database, (db) => {
      for (const runId of names(150)) putRun(db, runId)
      db.exec('DELETE FROM export_metrics')
    })
    const asked: number[] = []
    const { runs } = await toFile({
      change: counted((runs) => asked.push(runs)),
    })
    expect(runs.sent).toBe(150)
    expect(asked).toEqual([100, 50])
  })
})

describe('the wrapper that started runs', () => {
  const context = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }
  /** Between the two runs. */
  const startUnixNano = BigInt(Date.parse('2026-11-21T08:53:39Z')) * 1_000_000n

  beforeEach(() => {
    changing(database, (db) => {
      putRun(db, 'orders_1')
      const text = `{"run_id":"orders_0","export_name":"orders","entries":[{"recorded_at":"2026-11-21T08:00:00Z","event":"Paused"}]}`
      const finished_at = '2026-11-21T08:00:00+00:00'
      insert(db, { run_id: 'orders_0', export_name: 'orders', finished_at, text })
    })
  })

  it('is linked from those that began after it', async () => {
    const wrapper = { ...context, startUnixNano, isJoined: false }
    const { spans } = await toReceiver({ wrapper })
    expect(spans.filter(extra).map(nameOf)).toEqual(['source orders_1', 'wrapper orders_1'])
    expect(spans.flatMap(({ links }) => links)).toMatchObject([context])
  })

  it('becomes their parent where they are joined, and nothing is sent once more', async () => {
    const wrapper = { ...context, startUnixNano, isJoined: true }
    const first = await toFile({ wrapper })
    expect(first.text).toContain('"name":"signpost"')
    expect(first.told).toMatchObject([{ runId: 'orders_0' }, { traceIds: [context.traceId] }])
    const again = await toFile()
    expect(again.runs).toMatchObject({ sent: 0, present: 2 })
    expect(again.text).toBe(first.text)
    expect((await toReceiver({ wrapper })).spans.filter(extra)).toHaveLength(2)
    expect((await toReceiver()).spans).toEqual([])
    expect((await toReceiver({ wrapper })).spans).toEqual([])
  })

  it('is only linked where the run is in the place already', async () => {
    await toReceiver()
    const { spans } = await toReceiver({ wrapper: { ...context, startUnixNano, isJoined: true } })
    expect(spans.map(nameOf)).toEqual(['wrapper orders_1'])
  })
})
