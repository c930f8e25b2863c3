import { describe, expect, it } from 'vitest'
import {
  expectAllDelivered,
  expectOneOutcomeEach,
  manyPages,
  send,
} from '../contracts/delivery-contract.js'
import type { Answer } from '../receiver/otlp-receiver.js'
import { answering, open, outcomeOf } from './receiving.js'

describe('a receiver that cannot be reached', () => {
  const clock = () => {
    let at = 0
    const waits: number[] = []
    const messages: string[] = []
    const options = {
      onRetry: (message: string) => messages.push(message),
      now: () => at,
      random: () => 0.5,
      sleep: async (ms: number) => {
        waits.push(ms)
        at += ms
      },
    }
    return { options, waits, messages }
  }
  const oneEach = { maxRequestBytes: 2000, retryForMs: 10_000 }

  it.each<[string, Answer, RegExp]>([
    [
      'closes the connection',
      { connection: 'close' },
      /: the connection was closed before an answer/,
    ],
    ['breaks off', { connection: 'cut' }, /: the answer broke off in the middle$/],
    ['is silent', { delayMs: 60_000 }, /: no answer within 100 ms \(--timeout allows more\)$/],
  ])('because it %s leaves the spans unsent', async (_, answer, expected) => {
    const outcome = await outcomeOf(answer, answer.delayMs ? { timeoutMs: 100 } : {})
    expect(outcome).toMatchObject({ delivered: 0, rejected: 0, unsent: 2 })
    expect(outcome.problem?.kind).toBe('unreachable')
    expect(outcome.problem?.message).toMatch(expected)
  })

  it('is tried again, and says so, until it answers', async () => {
    const receiver = await answering({ connection: 'close' }, { status: 503 }, {})
    const { options, messages } = clock()
    const pages = manyPages(3)
    expectAllDelivered(await send(open(receiver.url, oneEach, options), pages), pages)
    expect(messages).toEqual([
      `${receiver.url}/v1/traces: the connection was closed before an answer came; trying again in 1 s`,
      `${receiver.url}/v1/traces: answered 503; trying again in 2 s`,
    ])
  })

  it('costs the budget once: the rest fails at once, and every page has its outcome', async () => {
    const receiver = await answering({})
    await receiver.close()
    const { options, waits } = clock()
    const pages = manyPages(50)
    const flags = { ...oneEach, concurrency: 4 }
    const outcomes = await send(open(receiver.url, flags, options), pages)
    expectOneOutcomeEach(outcomes, pages)
    expect(waits).toEqual([1000, 2000, 4000])
    for (const { delivered, rejected, problem } of outcomes) {
      expect([delivered, rejected, problem?.kind]).toEqual([0, 0, 'unreachable'])
    }
    const first = `${receiver.url}/v1/traces: nothing listens there (connection refused)`
    expect(outcomes[0]?.problem?.message).toBe(first)
    expect(outcomes[49]?.problem?.message).toBe(`${first}; not tried again for the rest`)
  })

  it('is tried anew when pages are sent anew', async () => {
    const receiver = await answering({ connection: 'close' }, { connection: 'close' }, {})
    const delivery = open(receiver.url)
    const pages = manyPages(2)
    expect((await send(delivery, pages)).map(({ unsent }) => unsent)).toEqual([2, 2])
    expectAllDelivered(await send(delivery, pages), pages)
  })

  it('does not cost pages that it took before', async () => {
    const receiver = await answering({}, {}, { connection: 'close' })
    const pages = manyPages(6)
    const outcomes = await send(open(receiver.url, { maxRequestBytes: 2000 }), pages)
    expectOneOutcomeEach(outcomes, pages)
    const delivered = outcomes.reduce((sum, outcome) => sum + outcome.delivered, 0)
    expect(delivered).toBe(receiver.taken.length)
    expect(delivered).toBeGreaterThan(0)
    expect(outcomes.at(-1)?.problem?.kind).toBe('unreachable')
  })

  it('but is overloaded costs the budget once; then each request is tried once', async () => {
    const receiver = await answering(...Array(8).fill({ status: 503 }), {})
    const { options, waits } = clock()
    const pages = manyPages(12)
    const outcomes = await send(open(receiver.url, oneEach, options), pages)
    expectOneOutcomeEach(outcomes, pages)
    expect(waits).toEqual([1000, 2000, 4000])
    expect(outcomes[0]).toMatchObject({ rejected: 2, problem: { kind: 'rejected' } })
    expect(outcomes.at(-1)).toMatchObject({ delivered: 2 })
  })
})
