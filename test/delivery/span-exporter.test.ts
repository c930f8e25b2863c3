import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import type { SpanExporter } from '@opentelemetry/sdk-trace-base'
import { afterEach, describe, expect, it } from 'vitest'
import type { Delivery } from '../../src/delivery/delivery.js'
import { deliverThrough } from '../../src/delivery/span-exporter.js'
import {
  expectAllDelivered,
  expectOneOutcomeEach,
  manyPages,
  send,
} from '../contracts/delivery-contract.js'
import { type Answer, OtlpReceiver } from '../receiver/otlp-receiver.js'

const toClose: { close(): unknown }[] = []

afterEach(async () => {
  for (const each of toClose.splice(0).reverse()) await each.close()
})

/** A delivery through the SDK's exporter, to a receiver that answers so. */
async function overSdk(answers: readonly Answer[], timeoutMillis = 10_000) {
  const receiver = await OtlpReceiver.start()
  receiver.answer = (before) => answers[Math.min(before, answers.length - 1)] ?? {}
  const url = `${receiver.url}/v1/traces`
  const delivery = deliverThrough(new OTLPTraceExporter({ url, timeoutMillis }))
  toClose.push(receiver, delivery)
  return { receiver, delivery }
}

/** A delivery through an exporter that a user has written. */
function over(exportSpans: SpanExporter['export']): Delivery {
  class Own implements SpanExporter {
    export = exportSpans
    async shutdown() {}
  }
  return deliverThrough(new Own())
}

describe("delivery through the SDK's exporter", () => {
  it('takes an answer with an error status for a rejection, and goes on', async () => {
    const { delivery, receiver } = await overSdk([{ status: 400 }, {}])
    const pages = manyPages(2)
    const outcomes = await send(delivery, pages)
    expectOneOutcomeEach(outcomes, pages)
    expect(outcomes[0]).toMatchObject({
      rejected: 2,
      problem: {
        kind: 'rejected',
        message: 'exporter OTLPTraceExporter: answered 400: Bad Request',
      },
    })
    expect(outcomes[1]).toMatchObject({ delivered: 2 })
    expect(receiver.requests).toHaveLength(2)
  })

  it('tries no more once nobody answered', async () => {
    // The exporter's own first retry comes after 800 ms at the earliest.
    const { delivery, receiver } = await overSdk([{ connection: 'close' }], 500)
    const pages = manyPages(3)
    const outcomes = await send(delivery, pages)
    expectOneOutcomeEach(outcomes, pages)
    for (const { unsent, problem } of outcomes) {
      expect(unsent).toBe(2)
      expect(problem?.kind).toBe('unreachable')
      expect(problem?.message).toMatch(/^exporter OTLPTraceExporter: /)
    }
    expect(outcomes[2]?.problem?.message).toMatch(/; not tried again for the rest$/)
    expect(receiver.requests.length).toBeLessThanOrEqual(1)
  })

  it('cannot tell more than the exporter does: accepted in part is reported as delivered', async () => {
    const { delivery } = await overSdk([{ rejectedSpans: 1 }])
    const pages = manyPages(1)
    expectAllDelivered(await send(delivery, pages), pages)
  })
})

describe('delivery through an exporter of one’s own', () => {
  const failing = (error: Error | undefined) =>
    over((_, done) => done({ code: 1, ...(error && { error }) }))

  it.each<[string, Delivery, string, string]>([
    [
      'that throws',
      over(() => {
        throw new Error('no way')
      }),
      'unreachable',
      'no way',
    ],
    [
      'that fails without a word',
      failing(undefined),
      'unreachable',
      'it failed and does not say why',
    ],
    ['that fails without a message', failing(new TypeError('')), 'unreachable', 'TypeError'],
    [
      'that fails as gRPC does with no connection',
      failing(Object.assign(new Error('14 UNAVAILABLE'), { code: 14 })),
      'unreachable',
      '14 UNAVAILABLE',
    ],
    [
      'that fails as gRPC does with a refusal',
      failing(Object.assign(new Error('7 DENIED'), { code: 7 })),
      'rejected',
      'answered 7: 7 DENIED',
    ],
    [
      'that fails as networks do',
      failing(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })),
      'unreachable',
      'connect',
    ],
  ])('%s has an outcome for every page', async (_, delivery, kind, reason) => {
    const pages = manyPages(2)
    const outcomes = await send(delivery, pages)
    expectOneOutcomeEach(outcomes, pages)
    expect(outcomes[0]?.problem).toEqual({ kind, message: `exporter Own: ${reason}` })
  })
})
