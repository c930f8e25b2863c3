import { describe, expect, it } from 'vitest'
import { sentPage } from '../../src/mapping/page.js'
import { expectOneOutcomeEach, manyPages, send } from '../contracts/delivery-contract.js'
import { encodeStatus } from '../receiver/otlp-messages.js'
import type { Answer } from '../receiver/otlp-receiver.js'
import { answering, open, outcomeOf, PROTOCOLS, problemAfter } from './receiving.js'

describe.each(PROTOCOLS)('over %s', (protocol) => {
  it('one page that the server refuses costs the pages in its request nothing', async () => {
    const no = { status: 400, message: 'no' }
    const receiver = await answering(no, no, no, no, {})
    const pages = manyPages(8)
    const outcomes = await send(open(receiver.url, { protocol }), pages)
    expectOneOutcomeEach(outcomes, pages)
    const refused = outcomes.filter(({ problem }) => problem !== undefined)
    expect(refused.map(({ page }) => page)).toEqual(pages.slice(0, 1).map(sentPage))
    expect(refused[0]).toMatchObject({ delivered: 0, rejected: 2, problem: { kind: 'rejected' } })
    expect(refused[0]?.problem?.isPlace).toBeUndefined()
    expect(outcomes.filter(({ delivered }) => delivered === 2)).toHaveLength(7)
    expect(receiver.requests.map(({ spans }) => spans.length)).toEqual([16, 8, 4, 2, 2, 4, 8])
  })

  it('a server that refuses every page is not asked for each of very many', async () => {
    const receiver = await answering({ status: 400, message: 'no' })
    const pages = manyPages(200)
    const outcomes = await send(open(receiver.url, { protocol }), pages)
    expectOneOutcomeEach(outcomes, pages)
    expect(outcomes.every(({ delivered }) => delivered === 0)).toBe(true)
    expect(receiver.requests.length).toBeLessThan(100)
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
