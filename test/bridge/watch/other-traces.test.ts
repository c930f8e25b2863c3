/** A watcher and what is beside the runs: extra spans, killed runs and loads, on a clock that only waits turn on. */
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { revisionOf } from '../../../src/bridge/ledger/ledger-sending.js'
import { withLedger } from '../../../src/bridge/ledger/with-ledger.js'
import type { WatchEvent } from '../../../src/bridge/watch/watch-event.js'
import type { WatchOptions } from '../../../src/bridge/watch/watch-options.js'
import { watchRuns } from '../../../src/bridge/watch/watch-runs.js'
import { openOtlpHttp } from '../../../src/delivery/otlp-http.js'
import { otlpTargetName } from '../../../src/delivery/otlp-target-name.js'
import { openLedger } from '../../../src/ledger/ledger.js'
import { newOwner, retire } from '../../../src/ledger/owner.js'
import { interruptedRunToTrace } from '../../../src/mapping/interrupted-run.js'
import type { StateDatabase } from '../../../src/sources/run-feed.js'
import { openSqliteSource } from '../../../src/sources/sqlite.js'
import type { Span } from '../../../src/trace/trace.js'
import { target } from '../../delivery/target.js'
import { newFolder } from '../../delivery/temporary-folder.js'
import { names } from '../../e2e/watching.js'
import { OtlpReceiver, type ReceivedRequest } from '../../receiver/otlp-receiver.js'
import { changing, emptyState, putKilled, putLoad, putRun } from '../../sources/state-rows.js'

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

/** Watches for so many seconds of its own clock, which each wait turns on by a second. */
async function watchFor(
  seconds: number,
  {
    turn = () => {},
    hasLedger = true,
    ...more
  }: Partial<WatchOptions> & {
    readonly turn?: (second: number) => void
    readonly hasLedger?: boolean
  } = {},
) {
  const stopping = new AbortController()
  const settings = target(receiver.url)
  const ledger = hasLedger
    ? await openLedger(join(folder, 'ledger.db'), otlpTargetName(settings))
    : undefined
  const sending = openOtlpHttp(settings, { tryOnce: stopping.signal })
  const delivery = ledger === undefined ? sending : withLedger(sending, ledger)
  const events: WatchEvent[] = []
  let ms = 0
  try {
    const summary = await watchRuns({
      open: () => openSqliteSource(database),
      delivery,
      ...(ledger === undefined ? {} : { memory: ledger }),
      everyMs: 1000,
      signal: stopping.signal,
      onEvent: (event) => events.push(event),
      clock: {
        now: () => ms,
        sleep: async () => {
          turn(ms / 1000)
          ms += 1000
          if (ms >= seconds * 1000) stopping.abort()
        },
      },
      ...more,
    })
    return { events, summary }
  } finally {
    await delivery.close()
  }
}

/** The killed runs, as what a ledger knows them. */
async function killedRevisions() {
  const source = await openSqliteSource(database)
  const revisions = []
  for await (const run of source.records?.unjournaled({}) ?? [])
    if (run.kind === 'unjournaled') revisions.push(revisionOf(interruptedRunToTrace(run, {})))
  await source.close()
  return revisions
}

const nameOf = ({ name, attributes }: Span) =>
  `${name} ${attributes['rivet.run.id'] ?? attributes['rivet.load.id']}`
const taken = () => receiver.taken.map(({ span }) => nameOf(span))
const takenExtras = () =>
  receiver.taken
    .filter(({ span }) => !('rivet.run.revision' in span.attributes))
    .map(({ span }) => nameOf(span))

/** Answers requests that hold such a span in another way than all others. */
function refusing(isSuch: (span: Span) => boolean, status = 400): void {
  const holds = ({ spans }: ReceivedRequest) => spans.some(({ span }) => isSuch(span))
  receiver.answerTo = (request) => (holds(request) ? { status } : {})
}

const isSource = ({ name }: Span) => name === 'source'
const isOther = ({ name, attributes }: Span) =>
  name === 'load orders' || attributes['rivet.run.status'] === 'interrupted'

describe('a watcher', () => {
  it('sends what is beside each run, and what has no journal, when it begins', async () => {
    changing(database, (db) => {
      for (const runId of names(2)) putRun(db, runId)
      putKilled(db, 'orders_killed')
      putLoad(db, 'a:load:t')
    })
    const { summary, events } = await watchFor(1)
    expect(summary).toMatchObject({
      runs: { sent: 2 },
      interrupted: { sent: 1, present: 0, failed: 0 },
      loads: { sent: 1, present: 0, failed: 0 },
      waiting: 0,
    })
    expect(takenExtras()).toEqual([
      'source orders_0',
      'source orders_1',
      'export orders orders_killed',
      'interrupted orders_killed',
      'load orders a:load:t',
    ])
    const told = events.flatMap((event) => (event.kind === 'other' ? [event.trace.runId] : []))
    expect(told).toEqual(['orders_killed', 'a:load:t'])
    const before = taken().length
    const again = await watchFor(30)
    expect(again.summary).toMatchObject({ interrupted: { sent: 0, present: 1 } })
    expect(taken()).toHaveLength(before)
  })

  it('sends those that come later within ten seconds, and once where it has no ledger', async () => {
    const { summary } = await watchFor(40, {
      hasLedger: false,
      turn: (second) => {
        if (second === 5) changing(database, (db) => putKilled(db, 'orders_killed'))
        if (second === 9) expect(takenExtras()).toEqual([])
        if (second === 12)
          expect(takenExtras()).toEqual([
            'export orders orders_killed',
            'interrupted orders_killed',
          ])
        if (second === 15) changing(database, (db) => putLoad(db, 'a:load:t'))
      },
    })
    expect(summary).toMatchObject({ interrupted: { sent: 1 }, loads: { sent: 1 } })
    expect(takenExtras()).toEqual([
      'export orders orders_killed',
      'interrupted orders_killed',
      'load orders a:load:t',
    ])
  })

  it('sends in its last look what came just before it', async () => {
    await watchFor(5, {
      turn: (second) => {
        if (second === 4) changing(database, (db) => putLoad(db, 'a:load:t'))
      },
    })
    expect(takenExtras()).toEqual(['load orders a:load:t'])
  })

  it('looks at no load again while the database stays as it is', async () => {
    changing(database, (db) => putLoad(db, 'a:load:t'))
    let asked = 0
    const open = async (): Promise<StateDatabase> => {
      const source = await openSqliteSource(database)
      const { records } = source
      if (records === undefined) throw new Error('it has no records')
      const loads: typeof records.loads = (selection) => {
        asked++
        return records.loads(selection)
      }
      return { ...source, records: { ...records, loads } }
    }
    await watchFor(200, { open })
    expect(asked).toBe(2)
  })

  it('reads the work of a killed run once, however often the database changes', async () => {
    const loaded = { source_run_ids: '["orders_killed"]' }
    changing(database, (db) => {
      putKilled(db, 'orders_killed')
      putLoad(db, 'a:load:t', loaded)
    })
    let [passes, read] = [0, 0]
    const open = async (): Promise<StateDatabase> => {
      const source = await openSqliteSource(database)
      const { records } = source
      if (records === undefined) throw new Error('it has no records')
      const unjournaled: typeof records.unjournaled = async function* (...asked) {
        passes++
        for await (const run of records.unjournaled(...asked)) {
          read++
          yield run
        }
      }
      return { ...source, records: { ...records, unjournaled } }
    }
    const { summary } = await watchFor(60, {
      open,
      turn: (second) => {
        if (second % 10 === 5) changing(database, (db) => putRun(db, `orders_${second}`))
        if (second === 25) changing(database, (db) => putLoad(db, 'b:load:t', loaded))
      },
    })
    expect(summary).toMatchObject({ interrupted: { sent: 1 }, loads: { sent: 2 } })
    expect(passes).toBeGreaterThan(5)
    expect(read).toBe(1)
  })

  it('leaves out what ended before it began where only what comes from now on is wanted', async () => {
    changing(database, (db) => putKilled(db, 'orders_killed'))
    await watchFor(15, {
      since: 'now',
      turn: (second) => {
        const now = new Date(Date.now() + 60_000).toISOString()
        if (second === 2) changing(database, (db) => putKilled(db, 'orders_late', now))
      },
    })
    expect(takenExtras()).toEqual(['export orders orders_late', 'interrupted orders_late'])
  })
})

describe('what fails beside the runs of a watcher', () => {
  it('is tried again with the next pass where it has no journal, and stops no run', async () => {
    changing(database, (db) => {
      putRun(db, 'orders_0')
      putKilled(db, 'orders_killed')
      putLoad(db, 'a:load:t')
    })
    refusing(isOther, 503)
    const { summary, events } = await watchFor(40, {
      turn: (second) => {
        if (second === 15) changing(database, (db) => putRun(db, 'orders_1'))
        if (second === 25) receiver.answerTo = () => ({})
      },
    })
    expect(summary).toMatchObject({
      runs: { sent: 2, failed: 0 },
      interrupted: { sent: 1, failed: 0 },
      loads: { sent: 1, failed: 0 },
      waiting: 0,
      isTargetAway: false,
    })
    expect(events.filter(({ kind }) => kind === 'target')).toMatchObject([{ isThere: true }])
    // Each problem is told once, and then that it was sent.
    const told = events.flatMap((event) => (event.kind === 'other' ? [event.trace.result] : []))
    expect(told).toEqual(['failed', 'failed', 'sent', 'sent'])
  })

  it('is given up where the target refuses it too often', async () => {
    changing(database, (db) => {
      putRun(db, 'orders_0')
      putLoad(db, 'a:load:t')
    })
    refusing(isOther)
    const { summary } = await watchFor(100)
    expect(summary).toMatchObject({ runs: { sent: 1 }, loads: { sent: 0, failed: 1 }, waiting: 0 })
  })

  it('is looked at until another process that has it in hand lets go, while the database stays as it is', async () => {
    changing(database, (db) => putKilled(db, 'orders_killed'))
    const other = await openLedger(join(folder, 'ledger.db'), otlpTargetName(target(receiver.url)))
    const owner = newOwner()
    try {
      const [revision] = await killedRevisions()
      expect(other?.begin(revision === undefined ? [] : [revision], owner)).toMatchObject([
        { kind: 'send' },
      ])
      const { summary } = await watchFor(200, {
        turn: (second) => {
          if (second !== 100) return
          expect(takenExtras()).toEqual([])
          other?.release(owner)
        },
      })
      expect(takenExtras()).toEqual(['export orders orders_killed', 'interrupted orders_killed'])
      expect(summary).toMatchObject({ interrupted: { sent: 1, failed: 0 }, waiting: 0 })
    } finally {
      retire(owner)
      other?.close()
    }
  })

  it('waits where the target was not there at last', async () => {
    changing(database, (db) => putLoad(db, 'a:load:t'))
    refusing(isOther, 503)
    const { summary } = await watchFor(12)
    expect(summary).toMatchObject({ waiting: 1, isTargetAway: true })
    expect(summary).not.toHaveProperty('loads')
  })

  it('is tried again alone where it is beside a run, whose journal is sent and told once', async () => {
    changing(database, (db) => putRun(db, 'orders_0'))
    refusing(isSource)
    const { summary, events } = await watchFor(200, {
      turn: (second) => {
        if (second === 100) receiver.answerTo = () => ({})
      },
    })
    expect(summary).toMatchObject({ runs: { sent: 1, present: 0, failed: 0 }, waiting: 0 })
    expect(summary).not.toHaveProperty('besideFailed')
    const told = events.flatMap((event) => (event.kind === 'run' ? [event] : []))
    expect(told).toMatchObject([
      { run: { runId: 'orders_0', result: 'sent' } },
      { run: { runId: 'orders_0', subject: 'source', failure: 'refused' }, againInMs: 60_000 },
      { run: { runId: 'orders_0', subject: 'source', failure: 'refused' }, againInMs: 120_000 },
    ])
    expect(taken().filter((name) => name === 'export orders orders_0')).toHaveLength(1)
    expect(takenExtras()).toEqual(['source orders_0'])
  })

  it('is given up beside a run as a run is', async () => {
    changing(database, (db) => putRun(db, 'orders_0'))
    refusing(isSource)
    const { summary } = await watchFor(1000)
    expect(summary).toMatchObject({ runs: { sent: 1, failed: 0 }, besideFailed: 1, waiting: 0 })
  })
})
