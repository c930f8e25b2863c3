import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { PageOutcome } from '../../src/delivery/delivery.js'
import {
  expectAllDelivered,
  expectOneOutcomeEach,
  manyPages,
  send,
} from '../contracts/delivery-contract.js'
import { type Answer, OtlpReceiver, type ReceivedRequest } from '../receiver/otlp-receiver.js'
import { answering, open, PROTOCOLS } from './receiving.js'

const QUICK = { timeoutMs: 200 }
const ONE_EACH = { maxRequestBytes: 2000 }
const NONE = [
  ['reset', 'the connection was closed before an answer came'],
  ['silent', 'no answer within 200 ms (--timeout allows more)'],
  ['cut', 'the answer broke off in the middle'],
] as const

const holds = (runIds: readonly string[]) => (request: ReceivedRequest) =>
  request.spans.some(({ span }) => runIds.includes(String(span.attributes['rivet.run.id'])))

/** A receiver that gives no answer to requests with one of these runs in it. */
async function dyingOf(answer: Answer, ...runIds: readonly string[]): Promise<OtlpReceiver> {
  const receiver = await answering({})
  const isDeadly = holds(runIds)
  receiver.answerTo = (request) => (isDeadly(request) ? answer : undefined)
  return receiver
}

const named = (runs: number, ...places: readonly number[]) =>
  manyPages(runs).flatMap(({ runId }, i) => (places.includes(i) ? [runId] : []))

function badOf(outcomes: readonly PageOutcome[]): readonly PageOutcome[] {
  return outcomes.filter(({ problem }) => problem !== undefined)
}

describe.each(NONE)(
  'a run of which no answer comes (%s), while others are answered,',
  (kind, why) => {
    it.each([
      ['first', [0]],
      ['in the middle', [3]],
      ['last', [6]],
      ['twice, first and last', [0, 6]],
      ['three times in a row', [0, 1, 2]],
    ])('is found %s in a request, and the others get there', async (_, places) => {
      const bad = named(7, ...places)
      const receiver = await dyingOf({ connection: kind }, ...bad)
      const pages = manyPages(7)
      const outcomes = await send(open(receiver.url, QUICK), pages)
      expectOneOutcomeEach(outcomes, pages)
      const found = badOf(outcomes)
      expect(found.map(({ page }) => page.runId).sort()).toEqual(bad.sort())
      for (const { unsent, problem } of found) {
        expect(unsent).toBe(2)
        expect(problem).toEqual({
          kind: 'rejected',
          message: `${receiver.url}/v1/traces: ${why} for this run alone, while it answers others`,
        })
      }
      expect(receiver.taken).toHaveLength(2 * (7 - places.length))
    })

    it.each([
      ['first', 0],
      ['last', 6],
    ])('is found in a request of its own, %s', async (_, place) => {
      const receiver = await dyingOf({ connection: kind }, ...named(7, place))
      const pages = manyPages(7)
      const outcomes = await send(open(receiver.url, { ...QUICK, ...ONE_EACH }), pages)
      expectOneOutcomeEach(outcomes, pages)
      expect(badOf(outcomes)).toMatchObject([{ unsent: 2, problem: { kind: 'rejected' } }])
      expect(receiver.taken).toHaveLength(12)
    })

    it('is left unsent where there is no other, because nothing tells whose fault that is', async () => {
      const receiver = await dyingOf({ connection: kind }, ...named(1, 0))
      const outcomes = await send(open(receiver.url, QUICK), manyPages(1))
      expect(outcomes).toMatchObject([{ unsent: 2, problem: { kind: 'unreachable' } }])
      expect(outcomes[0]?.problem?.message).toBe(
        `${receiver.url}/v1/traces: ${why}; it answers a request without spans, but took no other run, so nothing tells whether this is about the run`,
      )
    })
  },
)

describe('requests without an answer', () => {
  const clock = () => {
    let at = 0
    const waits: number[] = []
    const sleep = async (ms: number) => {
      waits.push(ms)
      at += ms
    }
    return { options: { now: () => at, random: () => 0.5, sleep }, waits }
  }

  it.each(PROTOCOLS)('cost one question over %s where nobody is there', async (protocol) => {
    const receiver = await answering({ connection: 'silent' })
    const pages = manyPages(50)
    const flags = { ...QUICK, ...ONE_EACH, protocol, compression: 'gzip', concurrency: 4 }
    const outcomes = await send(open(receiver.url, flags), pages)
    expectOneOutcomeEach(outcomes, pages)
    expect(outcomes.every(({ problem }) => problem?.kind === 'unreachable')).toBe(true)
    const [first, question, ...others] = receiver.requests
    expect(first?.spans.length).toBeGreaterThan(0)
    expect(question?.spans).toEqual([])
    expect(others).toEqual([])
  })

  it('are tried again only before a request is taken apart', async () => {
    const bad = named(6, 1, 4)
    const receiver = await dyingOf({ connection: 'cut' }, ...bad)
    const { options, waits } = clock()
    const pages = manyPages(6)
    const delivery = open(receiver.url, { retryForMs: 10_000 }, options)
    const outcomes = await send(delivery, pages)
    expect(badOf(outcomes).map(({ page }) => page.runId)).toEqual(bad)
    expect(waits).toEqual([1000, 2000, 4000])
    const isDeadly = holds(bad)
    const alone = receiver.requests.filter(
      (request) => request.spans.length === 2 && isDeadly(request),
    )
    expect(alone).toHaveLength(bad.length)
  })

  it('are no end where every second run is the reason', async () => {
    const bad = named(60, ...Array.from({ length: 30 }, (_, i) => 2 * i))
    const receiver = await dyingOf({ connection: 'reset' }, ...bad)
    const pages = manyPages(60)
    const outcomes = await send(open(receiver.url), pages)
    expectOneOutcomeEach(outcomes, pages)
    expect(badOf(outcomes).every(({ problem }) => problem?.kind === 'rejected')).toBe(true)
    expect(receiver.taken).toHaveLength(60)
  })

  it('are soon the end where all that has spans is left without one', async () => {
    const receiver = await answering({})
    receiver.answerTo = ({ spans }) => (spans.length > 0 ? { connection: 'silent' } : {})
    const pages = manyPages(200)
    const flags = { ...QUICK, concurrency: 4 }
    const outcomes = await send(open(receiver.url, flags), pages)
    expectOneOutcomeEach(outcomes, pages)
    expect(outcomes.every(({ problem }) => problem?.kind === 'unreachable')).toBe(true)
    const withSpans = receiver.requests.filter(({ spans }) => spans.length > 0)
    expect(withSpans.length).toBeLessThan(20)
  })

  it('are held against no run where the receiver goes silent for good', async () => {
    const receiver = await answering({}, {}, {}, { connection: 'silent' })
    const pages = manyPages(30)
    const flags = { ...QUICK, ...ONE_EACH, concurrency: 4 }
    const outcomes = await send(open(receiver.url, flags), pages)
    expectOneOutcomeEach(outcomes, pages)
    const bad = badOf(outcomes)
    expect(bad.every(({ problem }) => problem?.kind === 'unreachable')).toBe(true)
    expect(receiver.taken).toHaveLength(2 * (30 - bad.length))
    expect(receiver.requests.length).toBeLessThan(15)
  })

  it('of a server that ends because of one run, and is started again, stop no other', async () => {
    const bad = named(30, 2)
    const receivers = [await OtlpReceiver.start()]
    const { url, port } = receivers[0] ?? { url: '', port: 0 }
    const isDeadly = holds(bad)
    let starting: Promise<unknown> = Promise.resolve()
    const die = async (receiver: OtlpReceiver) => {
      await receiver.close()
      await sleep(300)
      const next = await OtlpReceiver.start(undefined, port)
      receivers.push(next)
      livesUntil(next)
    }
    const livesUntil = (receiver: OtlpReceiver) => {
      receiver.answerTo = (request) => {
        if (!isDeadly(request)) return undefined
        starting = die(receiver)
        return { connection: 'reset' }
      }
    }
    for (const receiver of receivers) livesUntil(receiver)
    try {
      const pages = manyPages(30)
      const flags = { maxRequestBytes: 12_000, concurrency: 4, retryForMs: 4000 }
      const outcomes = await send(open(url, flags), pages)
      expectOneOutcomeEach(outcomes, pages)
      expect(badOf(outcomes)).toMatchObject([
        { page: { runId: bad[0] }, unsent: 2, problem: { kind: 'rejected' } },
      ])
      expect(receivers.flatMap(({ taken }) => taken)).toHaveLength(58)
      expect(receivers.length).toBeGreaterThan(2)
    } finally {
      await starting
      for (const receiver of receivers) await receiver.close()
    }
  })

  it('that come again when they are sent alone cost nothing', async () => {
    const receiver = await answering({ connection: 'close' }, {})
    const pages = manyPages(5)
    expectAllDelivered(await send(open(receiver.url), pages), pages)
    expect(receiver.requests.map(({ spans }) => spans.length)).toEqual([10, 0, 2, 2, 2, 2, 2])
  })
})
