/** Deliveries over HTTP to receivers that answer as told, for tests; all are closed after each test. */
import { afterEach, expect } from 'vitest'
import type { Delivery, DeliveryProblem, PageOutcome } from '../../src/delivery/delivery.js'
import type { OtlpFlags } from '../../src/delivery/otlp-flags.js'
import { type OtlpHttpOptions, openOtlpHttp } from '../../src/delivery/otlp-http.js'
import { expectOneOutcomeEach, manyPages, send } from '../contracts/delivery-contract.js'
import { type Answer, OtlpReceiver } from '../receiver/otlp-receiver.js'
import { target } from './target.js'

export const PROTOCOLS = ['http/protobuf', 'http/json']

const toClose: { close(): unknown }[] = []

afterEach(async () => {
  for (const each of toClose.splice(0).reverse()) await each.close()
})

/** A receiver that answers so, one after the other; the last answer stays. */
export async function answering(...answers: readonly Answer[]): Promise<OtlpReceiver> {
  const receiver = await OtlpReceiver.start()
  receiver.answer = (before) => answers[Math.min(before, answers.length - 1)] ?? {}
  toClose.push(receiver)
  return receiver
}

/** A delivery that sends one request at a time, and tries none again, unless flags say otherwise. */
export function open(url: string, flags: OtlpFlags = {}, options: OtlpHttpOptions = {}): Delivery {
  const delivery = openOtlpHttp(target(url, { concurrency: 1, ...flags }), options)
  toClose.push(delivery)
  return delivery
}

/** Sends one page of two spans and gives its outcome. */
export async function outcomeOf(answer: Answer, flags: OtlpFlags = {}): Promise<PageOutcome> {
  const receiver = await answering(answer)
  const pages = manyPages(1)
  const outcomes = await send(open(receiver.url, flags), pages)
  expectOneOutcomeEach(outcomes, pages)
  const [outcome] = outcomes
  if (outcome === undefined) throw new Error('an outcome was expected')
  return outcome
}

/** Sends one page, of which nothing must get there, and gives the problem, without the port. */
export async function problemAfter(
  answer: Answer,
  flags: OtlpFlags = {},
): Promise<DeliveryProblem> {
  const { problem, delivered } = await outcomeOf(answer, flags)
  expect(delivered).toBe(0)
  if (problem === undefined) throw new Error('a problem was expected')
  return { ...problem, message: problem.message.replaceAll(/:\d{4,5}\//g, '/') }
}
