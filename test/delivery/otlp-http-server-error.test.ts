import { describe, expect, it } from 'vitest'
import { expectOneOutcomeEach, manyPages, send } from '../contracts/delivery-contract.js'
import type { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { answering, open } from './receiving.js'

async function failingAt(...runIds: readonly string[]): Promise<OtlpReceiver> {
  const receiver = await answering({})
  receiver.answerTo = ({ spans }) =>
    spans.some(({ span }) => runIds.includes(String(span.attributes['rivet.run.id'])))
      ? { status: 500, message: 'oh' }
      : undefined
  return receiver
}

describe('a receiver that fails with an error of its own', () => {
  it.each([
    ['before', 'orders_6'],
    ['after', 'orders_0'],
  ])('at one run, and accepts others %s it, has refused that run', async (_, runId) => {
    const receiver = await failingAt(runId)
    const pages = manyPages(7)
    const outcomes = await send(open(receiver.url), pages)
    expectOneOutcomeEach(outcomes, pages)
    const bad = outcomes.filter(({ problem }) => problem !== undefined)
    expect(bad).toMatchObject([{ page: { runId }, rejected: 2, problem: { kind: 'rejected' } }])
    expect(bad[0]?.problem?.isPlace).toBeUndefined()
    expect(bad[0]?.problem?.message).toMatch(/answered 500: "oh"$/)
    expect(receiver.taken).toHaveLength(12)
  })

  it('at the only run that there is has refused that run', async () => {
    const receiver = await failingAt('orders_0')
    const [outcome] = await send(open(receiver.url), manyPages(1))
    expect(outcome).toMatchObject({ rejected: 2, problem: { kind: 'rejected' } })
    expect(outcome?.problem?.isPlace).toBeUndefined()
  })

  it('at every one of several runs has refused none of them', async () => {
    const receiver = await failingAt('orders_0', 'orders_1', 'orders_2')
    const pages = manyPages(3)
    const outcomes = await send(open(receiver.url), pages)
    expectOneOutcomeEach(outcomes, pages)
    for (const { problem } of outcomes) {
      expect(problem).toMatchObject({ kind: 'rejected', isPlace: true })
      expect(problem?.message).toMatch(/answered 500: "oh"; it accepts nothing else either/)
    }
  })

  it('at everything is asked for little of very much', async () => {
    const receiver = await answering({ status: 500 })
    const pages = manyPages(500)
    const outcomes = await send(open(receiver.url, { maxRequestBytes: 2000 }), pages)
    expectOneOutcomeEach(outcomes, pages)
    expect(outcomes.every(({ problem }) => problem?.isPlace)).toBe(true)
    expect(receiver.requests.length).toBeLessThan(100)
    expect(outcomes.map(({ problem }) => problem?.message)).toContainEqual(
      expect.stringMatching(/refused 40 requests in a row; it was not asked for the rest$/),
    )
  })

  it('at many runs in a row loses none that stands behind them', async () => {
    const bad = Array.from({ length: 30 }, (_, i) => `orders_${i}`)
    const receiver = await failingAt(...bad)
    const pages = manyPages(60)
    const outcomes = await send(open(receiver.url), pages)
    expectOneOutcomeEach(outcomes, pages)
    const delivered = outcomes.filter((outcome) => outcome.delivered === 2)
    expect(delivered).toHaveLength(30)
  })
})
