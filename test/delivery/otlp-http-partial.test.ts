import { describe, expect, it } from 'vitest'
import { expectOneOutcomeEach, manyPages, send, spansOf } from '../contracts/delivery-contract.js'
import type { ReceivedRequest } from '../receiver/otlp-receiver.js'
import { answering, open, outcomeOf, PROTOCOLS } from './receiving.js'

const has = (runId: string) => (request: ReceivedRequest) =>
  request.spans.some(({ span }) => span.attributes['rivet.run.id'] === runId)

describe.each(PROTOCOLS)('a partial success over %s', (protocol) => {
  it.each([
    ['with a message', 'too old', ': "too old"'],
    ['without a message', '', ''],
  ])(
    '%s is found to be about one run, by sending each of the request alone',
    async (_, message, words) => {
      const receiver = await answering({})
      const isOld = has('orders_2')
      receiver.answerTo = (request) => (isOld(request) ? { rejectedSpans: 1, message } : undefined)
      const pages = manyPages(5)
      const outcomes = await send(open(receiver.url, { protocol }), pages)
      expectOneOutcomeEach(outcomes, pages)
      const bad = outcomes.filter(({ problem }) => problem !== undefined)
      expect(bad).toMatchObject([{ page: { runId: 'orders_2' }, delivered: 1, rejected: 1 }])
      expect(bad[0]?.problem).toEqual({
        kind: 'rejected',
        message: `${receiver.url}/v1/traces rejected 1 of 2 spans${words}; it does not say which ones`,
      })
      expect(receiver.requests.map(({ spans }) => spans.length)).toEqual([10, 2, 2, 2, 2, 2])
    },
  )

  it('sends no span more than twice, however many are rejected', async () => {
    const receiver = await answering({})
    receiver.answerTo = ({ spans }) => (spans.length > 2 ? { rejectedSpans: 5 } : {})
    const pages = manyPages(40)
    const outcomes = await send(open(receiver.url, { protocol, concurrency: 4 }), pages)
    expectOneOutcomeEach(outcomes, pages)
    expect(outcomes.every(({ delivered }) => delivered === 2)).toBe(true)
    expect(receiver.taken).toHaveLength(2 * spansOf(pages))
    expect(receiver.mostAtOnce).toBeLessThanOrEqual(4)
  })

  it.each([2, 1000])('that rejects %i of two spans is none at all', async (rejectedSpans) => {
    const outcome = await outcomeOf({ rejectedSpans }, { protocol })
    expect(outcome).toMatchObject({ delivered: 0, rejected: 2, problem: { kind: 'rejected' } })
    expect(outcome.problem?.isPlace).toBeUndefined()
    expect(outcome.problem?.message).toMatch(/\/v1\/traces rejected all 2 spans$/)
  })

  it('that rejects fewer spans than none is no OTLP answer', async () => {
    const outcome = await outcomeOf({ rejectedSpans: -1, message: 'odd' }, { protocol })
    expect(outcome).toMatchObject({ delivered: 0, rejected: 2, problem: { isPlace: true } })
    expect(outcome.problem?.message).toContain('answered 200 with something that is no OTLP answer')
  })
})
