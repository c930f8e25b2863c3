import { afterEach, describe, expect, it } from 'vitest'
import { type HttpRequest, openHttpClient } from '../../src/http/http-client.js'
import { type RetryOptions, withRetry } from '../../src/http/retry.js'
import { type Answer, OtlpReceiver } from '../receiver/otlp-receiver.js'
import { nobody, settingsFor } from './answering-server.js'

const toClose: { close(): unknown }[] = []

afterEach(async () => {
  for (const each of toClose.splice(0).reverse()) await each.close()
})

/** A receiver that answers so, one after the other, and a clock that only sleeping turns on. */
async function scripted(answers: readonly Answer[], options: Partial<RetryOptions> = {}) {
  const receiver = await OtlpReceiver.start()
  receiver.answer = (before) => answers[Math.min(before, answers.length - 1)] ?? {}
  toClose.push(receiver)
  return { ...clocked(receiver.url, options), posts: () => receiver.requests.length }
}

function clocked(url: string, options: Partial<RetryOptions> = {}) {
  let at = Date.UTC(2026, 10, 21, 8, 0, 0)
  const slept: number[] = []
  const messages: string[] = []
  const client = withRetry(openHttpClient(settingsFor(url)), {
    retryForMs: 10_000,
    onRetry: (message) => messages.push(message),
    now: () => at,
    random: () => 0.5,
    sleep: async (ms) => {
      slept.push(ms)
      at += ms
    },
    ...options,
  })
  toClose.push(client)
  const request: HttpRequest = {
    method: 'POST',
    url: new URL(url),
    headers: { 'content-type': 'application/x-protobuf' },
    body: [new Uint8Array()],
    maxAnswerBytes: 1000,
  }
  return { post: () => client.send(request), slept, messages }
}

const REFUSED = 'nothing listens there (connection refused)'

describe('trying again', () => {
  it.each(['signal', 'tryOnce'])(
    'ends when it is told to stop by %s: the waiting one at once, and no other begins',
    async (by) => {
      const stopping = new AbortController()
      let waits = 0
      const script = await scripted([{ status: 503 }], {
        [by]: stopping.signal,
        // Never ends but by the signal.
        sleep: (_, signal) =>
          new Promise<void>((resolve) => {
            waits++
            signal.addEventListener('abort', () => resolve())
            stopping.abort()
          }),
      })
      expect(await script.post()).toMatchObject({ status: 503 })
      expect(await script.post()).toMatchObject({ status: 503 })
      expect([waits, script.posts()]).toEqual([1, 2])
    },
  )

  it.each([429, 502, 503, 504])('follows an answer of %i', async (status) => {
    const script = await scripted([{ status }, {}])
    expect(await script.post()).toMatchObject({ status: 200 })
    expect(script.messages).toEqual([`answered ${status}; trying again in 1 s`])
  })

  it.each([200, 204, 301, 400, 401, 404, 408, 413, 500, 501, 505])(
    'does not follow an answer of %i',
    async (status) => {
      const script = await scripted([{ status }, {}])
      expect(await script.post()).toMatchObject({ status })
      expect(script.posts()).toBe(1)
    },
  )

  it('follows a connection that failed in a way that may pass, until an answer comes', async () => {
    const script = await scripted([{ connection: 'close' }, { status: 503 }, { status: 400 }, {}])
    expect(await script.post()).toMatchObject({ status: 400 })
    expect(script.messages).toEqual([
      'the connection was closed before an answer came; trying again in 1 s',
      'answered 503; trying again in 2 s',
    ])
  })

  it('does not follow a connection that would fail again', async () => {
    const receiver = await OtlpReceiver.start()
    toClose.push(receiver)
    const script = clocked(receiver.url.replace('http:', 'https:'))
    expect(await script.post()).toMatchObject({ kind: 'unreachable', mayPass: false })
    expect(script.slept).toEqual([])
  })

  it('knows of a request that went out once, also where nobody is found later', async () => {
    const receiver = await OtlpReceiver.start()
    receiver.answer = () => ({ connection: 'reset' })
    toClose.push(receiver)
    const sleep = () => receiver.close()
    const script = clocked(receiver.url, { sleep, retryForMs: 1000 })
    const both = { kind: 'unreachable', reason: REFUSED, mayPass: true, isSent: true }
    expect(await script.post()).toEqual(both)
    expect(await clocked(receiver.url).post()).not.toHaveProperty('isSent')
  })

  it('waits twice as long each time, up to 8 s, as long as the budget lasts', async () => {
    const script = clocked(await nobody(), { retryForMs: 40_000 })
    expect(await script.post()).toMatchObject({ kind: 'unreachable', reason: REFUSED })
    expect(script.slept).toEqual([1000, 2000, 4000, 8000, 8000, 8000, 8000])
  })

  it('changes each wait by up to a fifth', async () => {
    const least = await scripted([{ status: 503 }, {}], { random: () => 0 })
    await least.post()
    expect(least.slept).toEqual([800])
    const most = await scripted([{ status: 503 }, {}], { random: () => 1 })
    await most.post()
    expect(most.slept).toEqual([1200])
    expect(most.messages).toEqual(['answered 503; trying again in 1.2 s'])
  })

  it('never happens with a budget of 0', async () => {
    const script = await scripted([{ status: 503 }, {}], { retryForMs: 0 })
    expect(await script.post()).toMatchObject({ status: 503 })
    expect(script.posts()).toBe(1)
    expect(script.messages).toEqual([])
  })

  it('obeys Retry-After in seconds and as a date', async () => {
    const busy = (text: string) => ({ status: 503, headers: { 'retry-after': text } })
    const inSeconds = await scripted([busy('7'), {}])
    await inSeconds.post()
    expect(inSeconds.slept).toEqual([7000])
    const asDate = await scripted([busy('Sat, 21 Nov 2026 08:00:03 GMT'), {}])
    await asDate.post()
    expect(asDate.slept).toEqual([3000])
    expect(asDate.messages).toEqual(['answered 503; trying again in 3 s'])
  })

  it('takes a Retry-After that is past, zero or nonsense for none', async () => {
    for (const text of ['0', 'soon', 'Sat, 21 Nov 2020 08:00:03 GMT', '-5', '']) {
      const script = await scripted([{ status: 503, headers: { 'retry-after': text } }, {}])
      await script.post()
      expect(script.slept).toEqual([1000])
    }
  })

  it('does not wait for a Retry-After beyond the budget', async () => {
    const script = await scripted([{ status: 503, headers: { 'retry-after': '11' } }, {}])
    expect(await script.post()).toMatchObject({ status: 503 })
    expect(script.slept).toEqual([])
  })
})
