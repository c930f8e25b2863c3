import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withLedger } from '../../../src/bridge/ledger/with-ledger.js'
import type { WatchEvent } from '../../../src/bridge/watch/watch-event.js'
import type { WatchOptions } from '../../../src/bridge/watch/watch-options.js'
import { watchRuns } from '../../../src/bridge/watch/watch-runs.js'
import { openOtlpHttp } from '../../../src/delivery/otlp-http.js'
import { otlpTargetName } from '../../../src/delivery/otlp-target-name.js'
import { openLedger } from '../../../src/ledger/ledger.js'
import { RivetOtelError } from '../../../src/problem.js'
import type { Selection } from '../../../src/sources/source.js'
import { openSqliteSource } from '../../../src/sources/sqlite.js'
import { target } from '../../delivery/target.js'
import { newFolder } from '../../delivery/temporary-folder.js'
import { runsAt } from '../../e2e/received-runs.js'
import { names, putRuns } from '../../e2e/watching.js'
import { type Answer, OtlpReceiver, type ReceivedRequest } from '../../receiver/otlp-receiver.js'
import { openToWrite } from '../../sources/places.js'

let receiver: OtlpReceiver
let folder: string
let database: string

beforeEach(async () => {
  receiver = await OtlpReceiver.start()
  folder = newFolder()
  database = join(folder, '.rivet_state.db')
})
afterEach(() => receiver.close())

/** How long ms have passed on the clock of the watch when it was told. */
interface Heard {
  readonly atMs: number
  readonly event: WatchEvent
}

interface Watching {
  readonly heard: Heard[]
  readonly summary: Awaited<ReturnType<typeof watchRuns>>
}

/** Watches on a clock that only waits turn on, until so many seconds of it have passed. */
async function watchFor(
  seconds: number,
  {
    hasLedger = true,
    turn = () => {},
    ...more
  }: Partial<WatchOptions> & {
    readonly hasLedger?: boolean
    /** Told before each wait how many ms have passed. */
    readonly turn?: (ms: number) => void
  } = {},
): Promise<Watching> {
  const stopping = new AbortController()
  let ms = 0
  const settings = target(receiver.url, { maxRequestBytes: 2000 })
  const ledger = hasLedger
    ? await openLedger(join(folder, 'ledger.db'), otlpTargetName(settings))
    : undefined
  const sending = openOtlpHttp(settings, { tryOnce: stopping.signal })
  const delivery = ledger === undefined ? sending : withLedger(sending, ledger)
  const heard: Heard[] = []
  try {
    const summary = await watchRuns({
      open: () => openSqliteSource(database),
      delivery,
      ...(ledger === undefined ? {} : { memory: ledger }),
      everyMs: 1000,
      signal: stopping.signal,
      onEvent: (event) => heard.push({ atMs: ms, event }),
      clock: {
        now: () => ms,
        sleep: async (by) => {
          turn(ms)
          ms += by
          if (ms >= seconds * 1000) stopping.abort()
        },
      },
      ...more,
    })
    return { heard, summary }
  } finally {
    await delivery.close()
  }
}

/** Answers requests that hold a run in another way than all others. */
function answerRun(runId: string, answer: Answer): void {
  const holds = ({ spans }: ReceivedRequest) =>
    spans.some(({ span }) => span.attributes['rivet.run.id'] === runId)
  receiver.answerTo = (request) => (holds(request) ? answer : {})
}

function attemptsOf(runId: string, { heard }: Watching) {
  return heard.flatMap(({ atMs, event }) =>
    event.kind === 'run' && event.run.runId === runId
      ? [
          {
            atMs,
            result: event.run.result,
            failure: 'failure' in event.run ? event.run.failure : undefined,
            againInMs: event.againInMs,
          },
        ]
      : [],
  )
}

function standings({ heard }: Watching, kind: 'source' | 'target') {
  return heard.flatMap(({ atMs, event }) =>
    event.kind === kind ? [{ atMs, isThere: event.isThere, problem: event.problem }] : [],
  )
}

describe('the last look', () => {
  it('sends what came before the signal', async () => {
    putRuns(database, names(1))
    const { summary } = await watchFor(1, { turn: () => putRuns(database, names(2, 1)) })
    expect(summary).toMatchObject({ runs: { sent: 3 }, waiting: 0 })
  })

  it('ends at the deadline; what is left is known', async () => {
    putRuns(database, names(1))
    const ending = new AbortController()
    const { summary } = await watchFor(1, {
      deadline: ending.signal,
      turn: () => putRuns(database, names(250, 1)),
      onEvent: ({ kind }) => {
        if (kind === 'journal' && receiver.requests.length > 0) ending.abort()
      },
    })
    expect(summary.runs.sent + summary.waiting).toBe(251)
    expect(summary.waiting).toBeGreaterThan(0)
  })

  it('leaves a target alone that was away a moment before', async () => {
    putRuns(database, names(1))
    receiver.answer = () => ({ status: 503 })
    const { summary } = await watchFor(1)
    expect(summary).toMatchObject({ waiting: 1, isTargetAway: true })
    expect(receiver.requests).toHaveLength(1)
  })
})

describe('a run that the target refuses', () => {
  it.each([true, false])(
    'is tried five times, after 1, 2, 4 and 8 minutes, and others go on (ledger: %s)',
    async (hasLedger) => {
      putRuns(database, names(3))
      answerRun('orders_1', { status: 400, message: 'no' })
      const watching = await watchFor(17 * 60, {
        hasLedger,
        turn: (ms) => {
          if (ms === 30_000) putRuns(database, names(2, 3))
        },
      })
      const min = 60_000
      expect(attemptsOf('orders_1', watching)).toEqual([
        { atMs: 0, result: 'failed', failure: 'refused', againInMs: min },
        { atMs: min, result: 'failed', failure: 'refused', againInMs: 2 * min },
        { atMs: 3 * min, result: 'failed', failure: 'refused', againInMs: 4 * min },
        { atMs: 7 * min, result: 'failed', failure: 'refused', againInMs: 8 * min },
        { atMs: 15 * min, result: 'failed', failure: 'given_up', againInMs: undefined },
      ])
      expect(watching.summary).toMatchObject({
        runs: { sent: 4, failed: 1 },
        waiting: 0,
        refusedSoFar: 0,
        isTargetAway: false,
      })
      expect(standings(watching, 'target')).toMatchObject([{ isThere: true }])
      expect(
        runsAt(receiver)
          .map(({ runId }) => runId)
          .sort(),
      ).toEqual(names(5).filter((id) => id !== 'orders_1'))
      const waiting = watching.heard.flatMap(({ event }) => (event.kind === 'look' ? event : []))
      expect(waiting[0]).toMatchObject({ waiting: 1, oldestUnixNano: 1795251219224857123n })
      expect(waiting.at(-1)).toEqual({ kind: 'look', waiting: 0 })
    },
  )

  it('is sent when it was mended, and the waiting one is what stands in the database then', async () => {
    putRuns(database, names(1), { rows: 1 })
    answerRun('orders_0', { status: 400 })
    const watching = await watchFor(200, {
      turn: (ms) => {
        if (ms !== 20_000) return
        receiver.answerTo = () => ({})
        putRuns(database, names(1), { rows: 2, ended: '2026-11-21T10:00:00Z' })
      },
    })
    expect(attemptsOf('orders_0', watching)).toMatchObject([
      { atMs: 0, failure: 'refused' },
      { atMs: 21_000, result: 'sent', againInMs: undefined },
    ])
    expect(watching.summary).toMatchObject({ runs: { sent: 1, failed: 0 }, waiting: 0 })
  })
})

describe('a source that breaks off', () => {
  it('at one run each time does not keep others from being sent for long', async () => {
    putRuns(database, names(3))
    let isBroken = true
    const open = async () => {
      const source = await openSqliteSource(database)
      return {
        ...source,
        async *read(selection: Selection) {
          for await (const item of source.read(selection)) {
            if (isBroken && item.kind === 'journal' && item.journal.run_id === 'orders_1')
              throw new RivetOtelError('UNREACHABLE', 'the connection was lost')
            yield item
          }
        },
      }
    }
    const watching = await watchFor(1200, {
      open,
      turn: (ms) => {
        if (ms === 30_000) putRuns(database, names(2, 3))
        if (ms === 600_000) isBroken = false
      },
    })
    const sentAt = watching.heard.flatMap(({ atMs, event }) =>
      event.kind === 'run' && event.run.result === 'sent' ? [[event.run.runId, atMs]] : [],
    )
    const times = new Map(sentAt as [string, number][])
    expect(times.get('orders_0')).toBe(0)
    for (const run of ['orders_2', 'orders_3', 'orders_4'])
      expect(times.get(run), run).toBeLessThan(300_000)
    expect(times.get('orders_1')).toBeGreaterThanOrEqual(600_000)
    expect(watching.summary).toMatchObject({ runs: { sent: 5 }, waiting: 0 })
  })
})

describe('a target that is away', () => {
  it('is tried after 5, 10, 20, 40, 60 and 60 s, said once, and nothing more is taken up', async () => {
    putRuns(database, names(500))
    receiver.answer = () => ({ connection: 'close' })
    const requestsAt: number[] = []
    let seen = 0
    const watching = await watchFor(190, {
      everyMs: 5_000,
      turn: (ms) => {
        if (receiver.requests.length > seen) requestsAt.push(ms)
        seen = receiver.requests.length
      },
    })
    expect(requestsAt).toEqual([0, 5_000, 15_000, 35_000, 75_000, 135_000])
    expect(standings(watching, 'target')).toMatchObject([{ atMs: 0, isThere: false }])
    const looks = watching.heard.flatMap(({ event }) =>
      event.kind === 'look' ? event.waiting : [],
    )
    expect(new Set(looks)).toEqual(new Set([500]))
    expect(watching.summary).toMatchObject({ waiting: 500, isTargetAway: true })
  })

  it('does not make the source count, look by look, what waits for it', async () => {
    putRuns(database, names(500))
    receiver.answer = () => ({ status: 503 })
    let counts = 0
    await watchFor(190, {
      open: async () => {
        const source = await openSqliteSource(database)
        const feed = source.follow()
        const behind = () => {
          counts++
          return feed.behind()
        }
        return {
          ...source,
          follow: () => ({
            beginnings: 0,
            skip: () => feed.skip(),
            next: (most) => feed.next(most),
            behind,
          }),
        }
      },
    })
    // Once after each of the six attempts.
    expect(counts).toBe(6)
  })

  it.each<[string, Answer]>([
    ['503', { status: 503 }],
    ['a reset connection', { connection: 'reset' }],
  ])('for one run alone, with %s, does not keep others from being sent for long', async (_, no) => {
    putRuns(database, names(1))
    answerRun('orders_0', no)
    const watching = await watchFor(600, {
      turn: (ms) => {
        if (ms === 10_000) putRuns(database, names(3, 1))
      },
    })
    expect(
      runsAt(receiver)
        .map(({ runId }) => runId)
        .sort(),
    ).toEqual(names(3, 1))
    expect(watching.summary).toMatchObject({ runs: { sent: 3 }, waiting: 1 })
  })

  it('because it refuses every run costs none of them in an hour', async () => {
    putRuns(database, names(60))
    receiver.answer = () => ({ status: 400, message: 'no tenant' })
    const { summary } = await watchFor(2 * 3600, {
      everyMs: 5000,
      turn: (ms) => {
        if (ms > 3_600_000) receiver.answer = () => ({})
      },
    })
    expect(summary).toMatchObject({
      runs: { sent: 60, failed: 0 },
      waiting: 0,
      isTargetAway: false,
    })
  })

  it('because it refuses every run is left alone as one that is away', async () => {
    putRuns(database, names(500))
    receiver.answer = () => ({ status: 400, message: 'no tenant' })
    const watching = await watchFor(4)
    expect(standings(watching, 'target')).toMatchObject([
      {
        isThere: false,
        problem: expect.stringMatching(
          /refused \d+ (runs and took none.*no tenant|requests in a row)/,
        ),
      },
    ])
    expect(watching.summary).toMatchObject({ waiting: 500, isTargetAway: true })
  })
})

describe('a watch', () => {
  it('tells each journal as it leaves, redacted, before what became of it', async () => {
    putRuns(database, names(2))
    const { heard } = await watchFor(1, { redaction: { fields: ['keys'] } })
    const kinds = heard.map(({ event }) => event.kind)
    expect(kinds.filter((kind) => kind === 'journal')).toHaveLength(2)
    expect(kinds.indexOf('journal')).toBeLessThan(kinds.indexOf('run'))
    for (const { event } of heard) {
      if (event.kind !== 'journal') continue
      expect(JSON.stringify(event.journal.entries)).toContain('[redacted]')
    }
  })

  it('ends with what the telling throws', async () => {
    putRuns(database, names(1))
    const onEvent = () => Promise.reject(new Error('nobody listens'))
    await expect(watchFor(5, { onEvent })).rejects.toThrow('nobody listens')
  })

  it('keeps no page beyond the one that it has in hand, however slow the telling', async () => {
    putRuns(database, names(450))
    let told = 0
    let heard = 0
    const onEvent = async ({ kind }: WatchEvent) => {
      if (kind !== 'run') return
      told++
      await new Promise((resolve) => setTimeout(resolve, 2))
      heard++
      expect(told - heard).toBeLessThanOrEqual(200)
    }
    await watchFor(1, { onEvent })
    expect(heard).toBe(450)
  })

  it('throws where the database cannot be what was meant, and only at first', async () => {
    openToWrite(database).exec('CREATE TABLE things (a)')
    await expect(watchFor(5)).rejects.toMatchObject({ code: 'INVALID_SOURCE' })
  })
})
