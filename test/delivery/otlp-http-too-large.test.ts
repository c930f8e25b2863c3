import { describe, expect, it } from 'vitest'
import type { OtlpFlags } from '../../src/delivery/otlp-flags.js'
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
import { journalOfEvents } from '../journal/example-journals.js'
import type { Answer, OtlpReceiver } from '../receiver/otlp-receiver.js'
import { answering, open, PROTOCOLS } from './receiving.js'

const TOO_LARGE: Answer = { status: 413, message: 'request entity too large' }

async function limitedTo(bytes: number, answer = TOO_LARGE): Promise<OtlpReceiver> {
  const receiver = await answering({})
  receiver.answerTo = (request) => (request.bytes > bytes ? answer : undefined)
  return receiver
}

/** A delivery, and what it says. */
function listening(url: string, flags: OtlpFlags = {}) {
  const notices: string[] = []
  return { delivery: open(url, flags, { notice: (message) => notices.push(message) }), notices }
}

/** A run whose spans have these sizes, in bytes, beside the root. */
function runOf(...sizes: readonly number[]): TracePage[] {
  const started = sizes.map((size, chunk_index) => ({
    ChunkStarted: { chunk_index, start_key: 'x'.repeat(size), end_key: '9' },
  }))
  return pagesOf(journalOfEvents(...started))
}

function refusals({ requests, taken }: OtlpReceiver): number {
  return requests.length - new Set(taken.map(({ span }) => span.spanId)).size
}

describe.each(PROTOCOLS)('a receiver with a limit of its own, over %s', (protocol) => {
  it.each<[string, Answer]>([
    ['413', TOO_LARGE],
    ['400 with words', { status: 400, message: 'http: request body too large' }],
    ['422 with words', { status: 422, message: 'message size exceeds the limit' }],
  ])(
    'that says so with %s gets pages apart, and a page cut between its spans',
    async (_, answer) => {
      const receiver = await limitedTo(60_000, answer)
      const pages = [...manyPages(30), ...runOf(...Array<number>(20).fill(8000))]
      const { delivery } = listening(receiver.url, { protocol })
      expectAllDelivered(await send(delivery, pages), pages)
      expect(receiver.taken).toHaveLength(spansOf(pages))
    },
  )

  it('is asked with smaller requests from then on, and that is said once', async () => {
    const receiver = await limitedTo(100_000)
    const pages = pagesOf(largeJournal('large_1'))
    const { delivery, notices } = listening(receiver.url, { protocol, concurrency: 4 })
    expectAllDelivered(await send(delivery, pages), pages)
    expect(receiver.taken).toHaveLength(spansOf(pages))
    const after = receiver.requests.length
    expectAllDelivered(await send(delivery, pages), pages)
    expect(receiver.requests.slice(after).every(({ bytes }) => bytes <= 100_000)).toBe(true)
    expect(notices).toHaveLength(1)
    const [, refused = '', size = ''] =
      /: requests of (\d+) bytes are too large there and were sent again in parts; --max-request-bytes (\d+) makes them small enough from the start$/.exec(
        notices[0] ?? '',
      ) ?? []
    expect(Number(refused)).toBeGreaterThan(100_000)
    expect(Number(size)).toBeLessThanOrEqual(100_000)
    expect(Number(size)).toBeGreaterThan(25_000)
  })

  it('gets what stands beside a span that is too large, which is named', async () => {
    const receiver = await limitedTo(50_000)
    const large = runOf(0, 90_000, 0, 0)
    const pages = [...manyPages(20), ...large]
    const { delivery, notices } = listening(receiver.url, { protocol })
    const outcomes = await send(delivery, pages)
    expectOneOutcomeEach(outcomes, pages)
    const bad = outcomes.filter(({ problem }) => problem !== undefined)
    expect(bad).toMatchObject([{ page: { runId: 'orders_1' }, delivered: 4, unsent: 1 }])
    const id = large[0]?.trace.spans[2]?.spanId
    expect(bad[0]?.problem?.kind).toBe('too_large')
    expect(bad[0]?.problem?.message).toMatch(
      new RegExp(
        `^span "chunk" \\(${id}\\) of run orders_1 has 9\\d{4} bytes and was not taken even alone: http:.* answered 413: "request entity too large"$`,
      ),
    )
    expect(receiver.taken).toHaveLength(spansOf(pages) - 1)
    // One span that is too large says nothing about requests.
    expect(notices).toEqual([])
  })

  it('is not asked more than twice for each span of a page', async () => {
    const receiver = await limitedTo(10_000)
    const pages = runOf(...Array<number>(64).fill(8000))
    const { delivery } = listening(receiver.url, { protocol })
    expectAllDelivered(await send(delivery, pages), pages)
    expect(receiver.requests.length).toBeLessThan(2 * spansOf(pages))
    expect(refusals(receiver)).toBeLessThan(spansOf(pages))
  })

  it('or says so to everything is not asked for each of thousands of spans', async () => {
    const receiver = await limitedTo(0)
    const pages = [...manyPages(500), ...runOf(...Array<number>(2000).fill(10))]
    const { delivery } = listening(receiver.url, { protocol })
    const outcomes = await send(delivery, pages)
    expectOneOutcomeEach(outcomes, pages)
    expect(receiver.requests.length).toBeLessThan(100)
    for (const { delivered, problem } of outcomes) {
      expect(delivered).toBe(0)
      expect(problem).toMatchObject({ kind: 'rejected', isPlace: true })
    }
    expect(outcomes.map(({ problem }) => problem?.message)).toContainEqual(
      expect.stringMatching(
        /^\S+ answered 413: "request entity too large" even to a single span; it accepts nothing else either, so this is taken for its own trouble, not the run's$/,
      ),
    )
  })

  it('and nothing but one run with a span for which that is not enough has refused that run', async () => {
    const receiver = await limitedTo(500)
    const pages = runOf(9000)
    const outcomes = await send(listening(receiver.url, { protocol }).delivery, pages)
    expect(outcomes).toMatchObject([{ delivered: 0, unsent: 2, problem: { kind: 'too_large' } }])
    expect(outcomes[0]?.problem?.isPlace).toBeUndefined()
  })
})

describe('words of a refusal', () => {
  it.each(['ingestion rate limit (15000000 bytes) exceeded', 'context deadline exceeded', 'bad'])(
    'that are not about the size of the request cut no page: %s',
    async (message) => {
      const receiver = await answering({ status: 400, message })
      const outcomes = await send(open(receiver.url), manyPages(1))
      expect(outcomes).toMatchObject([{ rejected: 2, problem: { kind: 'rejected' } }])
      expect(receiver.requests).toHaveLength(1)
    },
  )
})
