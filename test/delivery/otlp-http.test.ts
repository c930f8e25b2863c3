import { describe, expect, it } from 'vitest'
import type { TracePage } from '../../src/mapping/page.js'
import {
  expectAllDelivered,
  expectOneOutcomeEach,
  largeJournal,
  manyPages,
  pagesOf,
  send,
  spansOf,
} from '../contracts/delivery-contract.js'
import { journalOfEvents, shopJournals } from '../journal/example-journals.js'
import { answering, open, PROTOCOLS } from './receiving.js'

describe.each(PROTOCOLS)('over %s', (protocol) => {
  it('every span arrives as it is, in order', async () => {
    const receiver = await answering({})
    const pages = shopJournals().flatMap((journal) => pagesOf(journal, { namespace: 'eu' }))
    expectAllDelivered(await send(open(receiver.url, { protocol }), pages), pages)
    const expected = pages.flatMap(({ trace: { resource, scope, spans } }) =>
      spans.map((span) => ({ resource, scope, span })),
    )
    expect(receiver.taken).toEqual(expected)
    expect(receiver.requests).toHaveLength(1)
  })

  it.each([700, 2000, 9000])(
    'no request is larger than %i bytes, and all are well filled',
    async (max) => {
      const receiver = await answering({})
      const pages = manyPages(40)
      const delivery = open(receiver.url, { protocol, maxRequestBytes: max, compression: 'gzip' })
      const outcomes = await send(delivery, pages)
      expectOneOutcomeEach(outcomes, pages)
      const sizes = receiver.requests.map(({ bytes }) => bytes)
      expect(Math.max(...sizes)).toBeLessThanOrEqual(max)
      if (max < 2000) return
      expectAllDelivered(outcomes, pages)
      const pageSize = sizes.reduce((sum, size) => sum + size, 0) / pages.length
      const least = Math.min(...sizes.slice(0, -1))
      expect(least).toBeGreaterThan(max - 1.5 * pageSize)
    },
  )

  it('a request may have exactly the size that is allowed', async () => {
    const receiver = await answering({})
    const [page] = manyPages(1)
    if (page === undefined) throw new Error('a page was expected')
    await send(open(receiver.url, { protocol }), [page])
    const size = receiver.requests[0]?.bytes ?? 0
    await send(open(receiver.url, { protocol, maxRequestBytes: size }), [page])
    await send(open(receiver.url, { protocol, maxRequestBytes: size - 1 }), [page])
    expect(receiver.requests.map(({ spans }) => spans.length)).toEqual([2, 2, 1, 1])
    expect(receiver.requests[1]?.bytes).toBe(size)
  })

  it('two pages go together where they have exactly the size that is allowed', async () => {
    const receiver = await answering({})
    const pages = manyPages(2)
    await send(open(receiver.url, { protocol }), pages)
    const size = receiver.requests[0]?.bytes ?? 0
    await send(open(receiver.url, { protocol, maxRequestBytes: size }), pages)
    await send(open(receiver.url, { protocol, maxRequestBytes: size - 1 }), pages)
    expect(receiver.requests.map(({ spans }) => spans.length)).toEqual([4, 4, 2, 2])
  })

  it('a page that is too large for a request is cut between spans', async () => {
    const receiver = await answering({})
    const pages = pagesOf(largeJournal('large_1'))
    const delivery = open(receiver.url, { protocol, maxRequestBytes: 100_000, concurrency: 4 })
    expectAllDelivered(await send(delivery, pages), pages)
    expect(receiver.taken).toHaveLength(spansOf(pages))
    expect(receiver.requests.length).toBeGreaterThan(pages.length)
    expect(Math.max(...receiver.requests.map(({ bytes }) => bytes))).toBeLessThanOrEqual(100_000)
  })

  it('a span that is too large by itself is named, and its neighbours are sent', async () => {
    const receiver = await answering({})
    const started = (chunk_index: number, start_key: string) => ({
      ChunkStarted: { chunk_index, start_key, end_key: '9' },
    })
    const journal = journalOfEvents(
      started(0, '0'),
      started(1, 'x'.repeat(90_000)),
      started(2, '2'),
    )
    const [page] = pagesOf(journal)
    if (page === undefined) throw new Error('a page was expected')
    const others = manyPages(2)
    const [before, after] = [others.slice(0, 1), others.slice(1)]
    const delivery = open(receiver.url, { protocol, maxRequestBytes: 50_000 })
    const outcomes = await send(delivery, [...before, page, ...after])
    expectOneOutcomeEach(outcomes, [...before, page, ...after])
    const large = outcomes.find((outcome) => outcome.page.runId === page.runId)
    expect(large).toMatchObject({ delivered: 3, unsent: 1, problem: { kind: 'too_large' } })
    const id = page.trace.spans[2]?.spanId
    expect(large?.problem?.message).toMatch(
      new RegExp(
        `^span "chunk" \\(${id}\\) of run orders_1 has 9\\d{4} bytes and was not sent: a request has at most 50000 \\(--max-request-bytes\\)$`,
      ),
    )
    expect(receiver.taken).toHaveLength(3 + spansOf(others))
    expect(receiver.taken.map(({ span }) => span.spanId)).not.toContain(id)
  })
})

describe('requests', () => {
  it.each([1, 3])('are under way %i at a time at most', async (concurrency) => {
    const receiver = await answering({ delayMs: 5 })
    const pages = manyPages(12)
    const delivery = open(receiver.url, { concurrency, maxRequestBytes: 2000 })
    expectAllDelivered(await send(delivery, pages), pages)
    expect(receiver.mostAtOnce).toBe(concurrency)
  })

  it('that are rejected do not cost the others', async () => {
    const receiver = await answering({}, { status: 400 }, {})
    const pages = manyPages(9)
    const outcomes = await send(open(receiver.url, { maxRequestBytes: 2000 }), pages)
    expectOneOutcomeEach(outcomes, pages)
    const lost = outcomes.filter(({ rejected }) => rejected > 0)
    expect(lost.length).toBeGreaterThan(0)
    expect(lost.length).toBeLessThan(9)
    expect(receiver.taken).toHaveLength(
      spansOf(pages) - lost.reduce((sum, { page }) => sum + page.spans, 0),
    )
  })

  it('that carry parts of one page add up to its outcome', async () => {
    const receiver = await answering({}, { status: 400, message: 'no' }, { connection: 'close' })
    const [page] = pagesOf(largeJournal('large_1'))
    if (page === undefined) throw new Error('a page was expected')
    const delivery = open(receiver.url, { maxRequestBytes: 700_000 })
    const outcomes = await send(delivery, [page] satisfies TracePage[])
    expectOneOutcomeEach(outcomes, [page])
    const { delivered, rejected, unsent, problem } = outcomes[0] ?? {}
    expect(delivered).toBeGreaterThan(0)
    expect(rejected).toBeGreaterThan(0)
    expect(unsent).toBeGreaterThan(0)
    expect(problem?.kind).toBe('unreachable')
    expect(problem?.message).toMatch(/answered 400: "no"; .*the connection was closed/)
  })
})

describe('a delivery that is told to stop', () => {
  it('finishes the request that is under way and begins no other', async () => {
    const stopping = new AbortController()
    const receiver = await answering({ delayMs: 100 })
    receiver.answer = () => {
      stopping.abort()
      return { delayMs: 100 }
    }
    const pages = manyPages(40)
    const delivery = open(
      receiver.url,
      { maxRequestBytes: 2000, retryForMs: 10_000 },
      { signal: stopping.signal },
    )
    const outcomes = await send(delivery, pages)
    expectOneOutcomeEach(outcomes, pages)
    expect(receiver.requests).toHaveLength(1)
    const delivered = outcomes.filter((outcome) => outcome.delivered > 0)
    expect(delivered.map(({ delivered: spans }) => spans)).toEqual(
      delivered.map(({ page }) => page.spans),
    )
    expect(receiver.taken).toEqual(receiver.requests[0]?.spans)
    const others = outcomes.filter((outcome) => outcome.delivered === 0)
    expect(others.length).toBeGreaterThan(20)
    for (const { problem, unsent, page } of others) {
      expect(problem?.kind).toBe('stopped')
      expect(unsent).toBe(page.spans)
    }
  })
})
