/** Exports of runs that an export before sent, or tried to send, by a real ledger to a real receiver. */
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exportAfter } from '../../../src/bridge/exec/export-after.js'
import { type ExportOptions, exportRuns } from '../../../src/bridge/export-runs.js'
import { type LedgerUse, withLedger } from '../../../src/bridge/ledger/with-ledger.js'
import { openOtlpHttp } from '../../../src/delivery/otlp-http.js'
import { otlpTargetName } from '../../../src/delivery/otlp-target-name.js'
import { openLedger } from '../../../src/ledger/ledger.js'
import { spanIdsOf, traceIdOf } from '../../../src/mapping/ids.js'
import { openSqliteSource } from '../../../src/sources/sqlite.js'
import type { Span } from '../../../src/trace/trace.js'
import { NEWEST } from '../../contracts/rivet-tables.js'
import { journal, load, metrics, nano, status } from '../../contracts/state-rows.js'
import { target } from '../../delivery/target.js'
import { newFolder } from '../../delivery/temporary-folder.js'
import { OtlpReceiver } from '../../receiver/otlp-receiver.js'
import { recordsDatabase } from '../../sources/sqlite-records-place.js'

const RUN = 'orders_1'
const KEY = { namespace: '', runId: RUN, page: 0, revision: 0 }
const OWN = { traceId: traceIdOf(KEY), spanId: spanIdsOf(KEY).root }
const INNER = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }
const JOINED = { ...INNER, startUnixNano: 0n, isJoined: true }

let receiver: OtlpReceiver
let ledgerFile: string
let database: string

beforeEach(async () => {
  receiver = await OtlpReceiver.start()
  ledgerFile = join(newFolder(), 'ledger.db')
  database = recordsDatabase({
    version: NEWEST,
    rows: [
      status(RUN, 'success', 2, 3, { source: 'postgres://db:5432/shop' }),
      journal(RUN, 3),
      metrics(RUN, 'success', 3, 1),
      load('a:load:t', 4, [RUN, 'acme_1']),
    ],
    changes: [],
  })
})
afterEach(() => receiver.close())

async function delivering(use: LedgerUse = {}) {
  const settings = target(receiver.url)
  const ledger = await openLedger(ledgerFile, otlpTargetName(settings))
  if (ledger === undefined) throw new Error('there is no ledger')
  return withLedger(openOtlpHttp(settings), ledger, use)
}

/** What the receiver took in the meantime. */
async function takenDuring(work: () => Promise<unknown>): Promise<Span[]> {
  const before = receiver.taken.length
  await work()
  return receiver.taken.slice(before).map(({ span }) => span)
}

type Options = Partial<ExportOptions> & { readonly use?: LedgerUse }

function exporting({ use, ...options }: Options = {}): Promise<Span[]> {
  return takenDuring(async () => {
    const delivery = await delivering(use)
    const source = await openSqliteSource(database)
    await exportRuns({ source, selection: { runIds: [RUN] }, delivery, ...options })
    await source.close()
    await delivery.close()
  })
}

const placeOf = ({ name, traceId, parentSpanId }: Span) => ({ name, traceId, parentSpanId })
const ofRun = (spans: readonly Span[]) =>
  spans.filter(({ name }) => !name.startsWith('load')).map(placeOf)

const ALL_IN_ITS_OWN = [
  { name: 'export orders', traceId: OWN.traceId, parentSpanId: undefined },
  { name: 'source', traceId: OWN.traceId, parentSpanId: OWN.spanId },
]

describe('a run that was to be joined to another trace', () => {
  it('goes to its own, with all that is beside it, where nobody took it then', async () => {
    receiver.answer = () => ({ status: 401 })
    expect(await exporting({ wrapper: JOINED })).toEqual([])
    receiver.answer = () => ({})
    expect(ofRun(await exporting())).toEqual(ALL_IN_ITS_OWN)
    expect(await exporting()).toEqual([])
  })

  it('is left alone once it was joined', async () => {
    const spans = await exporting({ wrapper: JOINED })
    expect(ofRun(spans)).toEqual([
      { name: 'export orders', traceId: INNER.traceId, parentSpanId: INNER.spanId },
      { name: 'source', traceId: INNER.traceId, parentSpanId: OWN.spanId },
      { name: 'signpost', traceId: OWN.traceId, parentSpanId: undefined },
    ])
    expect(await exporting()).toEqual([])
  })

  it('goes to its own, with all that is beside it, when it is to be sent again', async () => {
    await exporting({ wrapper: JOINED })
    expect(ofRun(await exporting({ use: { again: true } }))).toEqual(ALL_IN_ITS_OWN)
    expect(await exporting()).toEqual([])
  })

  it('is linked by the command that it was joined to, and not by one around that', async () => {
    const executing = (spanId: string, isJoined: boolean) =>
      takenDuring(async () => {
        const delivery = await delivering()
        const direct = openOtlpHttp(target(receiver.url))
        const state = await openSqliteSource(database)
        await exportAfter({
          left: {
            database: state,
            runIds: [RUN],
            killed: new Set(),
            period: { startUnixNano: 1n, endUnixNano: nano(9) },
            hasLoads: false,
          },
          command: {
            context: { ...INNER, spanId },
            program: 'sh',
            startUnixNano: 1n,
            endUnixNano: nano(9),
            exitCode: 0,
          },
          isJoined,
          delivery,
          direct,
        })
        for (const each of [delivery, direct, state]) await each.close()
      })
    const inner = await executing(INNER.spanId, true)
    const root = { traceId: INNER.traceId, spanId: OWN.spanId }
    expect(inner.find(({ name }) => name === 'exec sh')?.links).toMatchObject([root])
    const outer = await executing('c'.repeat(16), false)
    expect(outer).toMatchObject([{ name: 'exec sh', links: [] }])
  })
})

describe('what is beside a run', () => {
  it('is sent once for each thing it says, also when it says an earlier one again', async () => {
    const hidden = { fields: ['files'] } as const
    const names = async (options: Options) => (await exporting(options)).map(({ name }) => name)
    const first = await names({})
    expect(first).toContain('source')
    expect(await names({ redaction: hidden })).toEqual(['source'])
    expect(await names({})).toEqual([])
    expect(await names({ redaction: hidden })).toEqual([])
  })

  it('is sent as something new where an earlier try with the same was in vain', async () => {
    receiver.answerTo = ({ spans }) =>
      spans.some(({ span }) => span.name === 'source') ? { status: 400 } : {}
    await exporting()
    receiver.answerTo = () => ({})
    const names = async (options: Options) => (await exporting(options)).map(({ name }) => name)
    expect(await names({ redaction: { fields: ['files'] } })).toEqual(['source'])
    expect(await names({})).toEqual(['source'])
    expect(await names({})).toEqual([])
  })
})

describe('a load', () => {
  it('says how many runs it took in, those too that it does not name', async () => {
    const spans = await exporting({ redaction: { patterns: [/acme/g] } })
    const span = spans.find(({ name }) => name === 'load orders')
    expect(span?.attributes).toMatchObject({ 'rivet.load.runs': 2, 'rivet.trace.left_out': 1 })
    expect(span?.links).toMatchObject([OWN])
  })
})
