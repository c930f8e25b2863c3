import { afterEach, describe, expect, it } from 'vitest'
import type { PageOutcome } from '../../src/delivery/delivery.js'
import type { OtlpFlags } from '../../src/delivery/otlp-flags.js'
import { type OtlpHttpOptions, openOtlpHttp } from '../../src/delivery/otlp-http.js'
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
import { encodeStatus } from '../receiver/otlp-messages.js'
import { type Answer, OtlpReceiver } from '../receiver/otlp-receiver.js'
import { target } from './target.js'

const toClose: { close(): unknown }[] = []

afterEach(async () => {
  for (const each of toClose.splice(0).reverse()) await each.close()
})

/** A receiver that answers so, one after the other; the last answer stays. */
async function answering(...answers: readonly Answer[]): Promise<OtlpReceiver> {
  const receiver = await OtlpReceiver.start()
  receiver.answer = (before) => answers[Math.min(before, answers.length - 1)] ?? {}
  toClose.push(receiver)
  return receiver
}

function open(url: string, flags: OtlpFlags = {}, options: OtlpHttpOptions = {}) {
  const delivery = openOtlpHttp(target(url, { concurrency: 1, ...flags }), options)
  toClose.push(delivery)
  return delivery
}

/** Sends one page and gives its outcome. */
async function outcomeOf(answer: Answer, flags: OtlpFlags = {}): Promise<PageOutcome> {
  const receiver = await answering(answer)
  const pages = manyPages(1)
  const outcomes = await send(open(receiver.url, flags), pages)
  expectOneOutcomeEach(outcomes, pages)
  const [outcome] = outcomes
  if (outcome === undefined) throw new Error('an outcome was expected')
  return outcome
}

async function problemAfter(answer: Answer, flags: OtlpFlags = {}) {
  const { problem, delivered } = await outcomeOf(answer, flags)
  expect(delivered).toBe(0)
  if (problem === undefined) throw new Error('a problem was expected')
  return { ...problem, message: problem.message.replaceAll(/:\d{4,5}\//g, '/') }
}

function counts(outcomes: readonly PageOutcome[]) {
  return outcomes.map(({ delivered, rejected, unsent }) => [delivered, rejected, unsent])
}

const PROTOCOLS = ['http/protobuf', 'http/json']

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
    const large = outcomes.find((outcome) => outcome.page === page)
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

  it('the server accepts in part: the count of the request goes to its pages in order', async () => {
    const receiver = await answering({ rejectedSpans: 3, message: 'too old' })
    const pages = manyPages(3)
    const outcomes = await send(open(receiver.url, { protocol }), pages)
    expectOneOutcomeEach(outcomes, pages)
    expect(counts(outcomes)).toEqual([
      [0, 2, 0],
      [1, 1, 0],
      [2, 0, 0],
    ])
    for (const { problem } of outcomes) {
      expect(problem).toEqual({
        kind: 'rejected',
        message: `${receiver.url}/v1/traces rejected 3 of 6 spans: "too old"; it does not say which ones, and which of the 3 pages in the request they are from`,
      })
    }
  })

  it('the server claims to reject more than there was: nothing counts as delivered', async () => {
    const outcome = await outcomeOf({ rejectedSpans: 1000 }, { protocol })
    expect(outcome).toMatchObject({ delivered: 0, rejected: 2, problem: { kind: 'rejected' } })
  })

  it('the server accepts with a remark: that is a warning and no problem', async () => {
    const outcome = await outcomeOf({ message: 'use port 4317' }, { protocol })
    expect(outcome.problem).toBeUndefined()
    expect(outcome.delivered).toBe(2)
    expect(outcome.warning).toMatch(
      /\/v1\/traces accepted the spans and remarked: "use port 4317"$/,
    )
  })

  it.each([400, 401, 403, 404, 405, 415, 500, 501, 503])(
    'an answer of %i is a rejection with the words of the server',
    async (status) => {
      const problem = await problemAfter(
        { status, message: 'no\n\u0000 \u001b[31mway' },
        { protocol },
      )
      expect(problem.kind).toBe('rejected')
      expect(problem.message).toMatch(
        new RegExp(`^http://127\\.0\\.0\\.1/v1/traces answered ${status}: "no \\[31mway"`),
      )
    },
  )
})

describe('an answer that is no success says what to do:', () => {
  it.each<[string, Answer, RegExp]>([
    ['401', { status: 401, body: '' }, /answered 401; check the credentials in --header, OTEL_/],
    [
      '404',
      { status: 404, body: '' },
      /404; is there an OTLP\/HTTP receiver under \/v1\/traces\?$/,
    ],
    ['415', { status: 415, body: '' }, /--protocol chooses between http\/protobuf and http\/json$/],
    ['503', { status: 503, body: '' }, /answered 503; it may take them later; --retry-for tries/],
    ['418', { status: 418, body: '' }, /answered 418$/],
    [
      '413',
      { status: 413, body: '' },
      /answered 413; the request had \d+ bytes; a smaller --max-request-bytes/,
    ],
    [
      'a 400 that speaks of the size',
      { status: 400, body: 'http: request body too large' },
      /answered 400: "http: request body too large"; the request had \d+ bytes; a smaller --max-req/,
    ],
    ['another 400', { status: 400, body: 'bad tenant' }, /answered 400: "bad tenant"$/],
    [
      'a redirect',
      { status: 302, headers: { location: 'https://login.example.com/in?token=abc' }, body: '' },
      /answered 302; it points to https:\/\/login\.example\.com\/in; redirects are not followed/,
    ],
    [
      'a redirect within',
      { status: 308, headers: { location: '/x' }, body: '' },
      /points to http:\/\/127\.0\.0\.1\/x;/,
    ],
    ['a redirect to nowhere', { status: 301, body: '' }, /it points to another place;/],
  ])('%s', async (_, answer, expected) => {
    const problem = await problemAfter(answer)
    expect(problem.kind).toBe('rejected')
    expect(problem.message).toMatch(expected)
  })

  it.each<[string, Answer]>([
    [
      'JSON of google.rpc.Status',
      { headers: { 'content-type': 'application/json' }, body: '{"code":3,"message":"no way"}' },
    ],
    [
      'JSON with an error',
      {
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: '{"error":"no way"}',
      },
    ],
    ['a JSON text', { headers: { 'content-type': 'application/json' }, body: '"no way"' }],
    ['JSON that is none', { headers: { 'content-type': 'application/json' }, body: 'no way' }],
    [
      'protobuf of google.rpc.Status',
      { headers: { 'content-type': 'application/x-protobuf' }, body: encodeStatus(14, 'no way') },
    ],
    [
      'protobuf that is none',
      { headers: { 'content-type': 'application/x-protobuf' }, body: 'no way' },
    ],
    ['text', { headers: { 'content-type': 'text/plain' }, body: 'no way\n' }],
  ])('its words are found in %s', async (_, answer) => {
    const { message } = await problemAfter({ status: 400, ...answer })
    expect(message).toBe('http://127.0.0.1/v1/traces answered 400: "no way"')
  })

  it('long words are cut', async () => {
    const { message } = await problemAfter({ status: 400, body: '😀'.repeat(1000) })
    expect(message).toContain(`"${'😀'.repeat(300)}…"`)
  })
})

describe('a success that is none', () => {
  it.each(PROTOCOLS)(
    'is a login page after a request of %s: its beginning is shown',
    async (protocol) => {
      const body = `<!DOCTYPE html>\n<html><title>Sign in</title>${'<p>é</p>'.repeat(50)}`
      const problem = await problemAfter({ body }, { protocol })
      expect(problem.kind).toBe('rejected')
      const shown = body.replace('\n', ' ').slice(0, 80)
      expect(problem.message).toBe(
        `http://127.0.0.1/v1/traces answered 200 with something that is no OTLP answer: ${JSON.stringify(`${shown}…`)}; is it an OTLP endpoint, and not a login page or a proxy?`,
      )
    },
  )

  it('is the JSON of something else', async () => {
    const headers = { 'content-type': 'application/json' }
    const problem = await problemAfter({ headers, body: '{"status":"ok"}' })
    expect(problem.message).toContain('answered 200 with something that is no OTLP answer')
  })

  it('is not a JSON answer to a request of protobuf, nor an empty one', async () => {
    const headers = { 'content-type': 'application/json' }
    const json = await outcomeOf({ headers, body: '{"partialSuccess":{}}' })
    expect(json).toMatchObject({ delivered: 2, rejected: 0 })
    expect(await outcomeOf({ body: '' })).toMatchObject({ delivered: 2 })
    expect(await outcomeOf({ status: 202 })).toMatchObject({ delivered: 2 })
    const typeless = { headers: { 'content-type': 'text/plain' }, body: '{"partialSuccess":{}}' }
    expect(await outcomeOf(typeless, { protocol: 'http/json' })).toMatchObject({ delivered: 2 })
  })
})

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
    const receiver = await answering({ connection: 'close' }, {})
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
    expect(receiver.taken).toHaveLength(spansOf(pages) - spansOf(lost.map(({ page }) => page)))
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

describe('no secret is in any message', () => {
  const limits = { retryForMs: 3000 }
  const answersEchoing = (echo: string): Answer[] => [
    {},
    { message: echo },
    { rejectedSpans: 1, message: echo },
    { status: 401, message: echo },
    { status: 413, body: echo },
    { status: 503, body: echo },
    { status: 302, headers: { location: `http://x/${echo.replaceAll(' ', '/')}?a=${echo}` } },
    { body: `<html>${echo}` },
    { status: 400, body: `{"message":"${echo}"}`, headers: { 'content-type': 'application/json' } },
    { connection: 'cut' },
    { connection: 'close' },
    { delayMs: 60_000 },
  ]

  async function everythingSaid(url: string, receiver: OtlpReceiver, flags: OtlpFlags) {
    const said: string[] = []
    let now = 0
    const timeoutMs = receiver.answer(0).delayMs === undefined ? 10_000 : 500
    const delivery = open(
      `${url}/?key=url-Secret`,
      { ...flags, timeoutMs },
      {
        onRetry: (message) => said.push(message),
        sleep: async () => {},
        now: () => {
          now += 500
          return now
        },
      },
    )
    const outcomes = await send(delivery, manyPages(2))
    expect(receiver.requests[0]?.path).toBe('/v1/traces?key=url-Secret')
    return [
      ...said,
      delivery.location,
      ...outcomes.map(({ problem, warning }) => [problem, warning]),
    ]
      .map((each) => JSON.stringify(each))
      .join('\n')
  }

  const words = 'url-Secret key-Secret Bearer t0ken-Secret t0ken-Secret'
  it.each(answersEchoing(words))('of headers and the query, after %o', async (answer) => {
    const receiver = await answering(answer)
    const headers = ['authorization=Bearer t0ken-Secret', 'x-api-key=key-Secret']
    const said = await everythingSaid(receiver.url, receiver, { ...limits, headers })
    expect(said).not.toContain('Secret')
    expect(receiver.requests[0]?.headers.authorization).toBe('Bearer t0ken-Secret')
  })

  const base64 = Buffer.from('user:pass/Secret').toString('base64')
  const user = `url-Secret pass%2FSecret pass/Secret user:pass/Secret ${base64} Basic ${base64}`
  it.each(answersEchoing(user))('of the user in the URL, after %o', async (answer) => {
    const receiver = await answering(answer)
    const url = receiver.url.replace('//', '//user:pass%2FSecret@')
    const said = await everythingSaid(url, receiver, limits)
    expect(said).not.toMatch(new RegExp(`Secret|${base64}`))
    expect(receiver.requests[0]?.headers.authorization).toBe(`Basic ${base64}`)
  })
})
