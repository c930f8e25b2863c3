import { describe, expect, it } from 'vitest'
import type { OtlpFlags } from '../../src/delivery/otlp-flags.js'
import { manyPages, send } from '../contracts/delivery-contract.js'
import type { Answer, OtlpReceiver } from '../receiver/otlp-receiver.js'
import { answering, open } from './receiving.js'

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
