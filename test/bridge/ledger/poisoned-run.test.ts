import { afterEach, describe, expect, it } from 'vitest'
import { withLedger } from '../../../src/bridge/ledger/with-ledger.js'
import type { Delivery } from '../../../src/delivery/delivery.js'
import { openOtlpHttp } from '../../../src/delivery/otlp-http.js'
import { otlpTargetName } from '../../../src/delivery/otlp-target-name.js'
import { MOST_ATTEMPTS, openLedger } from '../../../src/ledger/ledger.js'
import type { TracePage } from '../../../src/mapping/page.js'
import {
  expectOneOutcomeEach,
  manyPages,
  pagesOf,
  send,
} from '../../contracts/delivery-contract.js'
import { target } from '../../delivery/target.js'
import { newFolder } from '../../delivery/temporary-folder.js'
import { journalOfEvents } from '../../journal/example-journals.js'
import { type Answer, OtlpReceiver, type ReceivedRequest } from '../../receiver/otlp-receiver.js'

const BAD = 'orders_1'
const PASSES = MOST_ATTEMPTS + 3
/** What comes new with every pass, so that the poisoned run is never alone. */
const NEW_RUNS = 3

let receiver: OtlpReceiver
let delivery: Delivery
const toClose: { close(): unknown }[] = []

afterEach(async () => {
  for (const each of toClose.splice(0).reverse()) await each.close()
})

async function place(): Promise<void> {
  receiver = await OtlpReceiver.start()
  const settings = target(receiver.url, { timeoutMs: 300 })
  const ledger = await openLedger(`${newFolder()}/ledger.db`, otlpTargetName(settings))
  if (ledger === undefined) throw new Error('a ledger was expected')
  delivery = withLedger(openOtlpHttp(settings), ledger)
  toClose.push(receiver, delivery)
}

type Taken = ReceivedRequest['spans'][number]
const runOf = ({ span }: Taken) => String(span.attributes['rivet.run.id'])
const isBad = (taken: Taken) => runOf(taken) === BAD
const holdsBad = ({ spans }: ReceivedRequest) => spans.some(isBad)

const bad = (chunks: number): TracePage[] =>
  pagesOf(
    journalOfEvents(
      ...Array.from({ length: chunks }, (_, chunk_index) => ({
        ChunkStarted: { chunk_index, start_key: '1', end_key: '9' },
      })),
    ),
  )
const others = (count: number) => manyPages(count + 2).filter(({ runId }) => runId !== BAD)

describe('a run that a receiver never takes', () => {
  it.each<[string, number, (request: ReceivedRequest) => Answer | undefined]>([
    ['refused with 400', 3, (request) => (holdsBad(request) ? { status: 400 } : undefined)],
    ['refused with 500', 3, (request) => (holdsBad(request) ? { status: 500 } : undefined)],
    [
      'answered with a reset connection',
      3,
      (request) => (holdsBad(request) ? { connection: 'reset' } : undefined),
    ],
    [
      'answered with nothing',
      3,
      (request) => (holdsBad(request) ? { connection: 'silent' } : undefined),
    ],
    ['taken in part', 3, (request) => (holdsBad(request) ? { rejectedSpans: 1 } : undefined)],
    [
      'too large in one span',
      3,
      (request) => {
        const isLarge = request.spans.some(
          (each) => isBad(each) && each.span.parentSpanId === undefined,
        )
        return isLarge ? { status: 413 } : undefined
      },
    ],
    [
      'too large in very many spans',
      60,
      (request) => (holdsBad(request) ? { status: 413 } : undefined),
    ],
  ])(
    'because it is %s is tried five times, named then, and stops no other',
    async (what, chunks, answer) => {
      await place()
      receiver.answerTo = answer
      const poisoned = bad(chunks)
      for (let pass = 1; pass <= PASSES; pass++) {
        const pages = [...poisoned, ...others(pass * NEW_RUNS)]
        const before = receiver.requests.length
        const outcomes = await send(delivery, pages)
        expectOneOutcomeEach(outcomes, pages)
        const failed = outcomes.filter(({ problem }) => problem !== undefined)
        expect(failed.map(({ page }) => page.runId)).toEqual([BAD])
        expect(failed[0]?.problem?.kind === 'given_up').toBe(pass > MOST_ATTEMPTS)
        const wasTried = receiver.requests.slice(before).some(holdsBad)
        expect(wasTried).toBe(pass <= MOST_ATTEMPTS)
      }
      const times = new Map<string, number>()
      for (const each of receiver.taken.filter((taken) => !isBad(taken))) {
        times.set(each.span.spanId, (times.get(each.span.spanId) ?? 0) + 1)
      }
      expect(times.size).toBe(2 * others(PASSES * NEW_RUNS).length)
      // After a partial success the runs that shared the request go out once more, alone.
      expect(Math.max(...times.values())).toBeLessThanOrEqual(what === 'taken in part' ? 2 : 1)
    },
  )

  it.each<[string, Answer]>([
    ['500', { status: 500 }],
    ['413', { status: 413 }],
    ['501', { status: 501 }],
  ])('as no other, which is all refused with %s, is not given up', async (_, answer) => {
    await place()
    receiver.answerTo = () => answer
    const pages = [...bad(3), ...others(30)]
    for (let pass = 1; pass <= PASSES; pass++) {
      const outcomes = await send(delivery, pages)
      expect(outcomes.every(({ problem }) => problem?.kind === 'rejected')).toBe(true)
    }
    receiver.answerTo = () => undefined
    const outcomes = await send(delivery, pages)
    expect(outcomes.every(({ delivered, page }) => delivered === page.spans)).toBe(true)
  })

  it.each<[string, (request: ReceivedRequest) => Answer]>([
    ['by nobody', () => ({ connection: 'reset' })],
    [
      'by a receiver that answers without spans only',
      ({ spans }) => (spans.length > 0 ? { connection: 'reset' } : {}),
    ],
  ])('as no other, because none is answered %s, is not given up', async (_, answer) => {
    await place()
    receiver.answerTo = answer
    const pages = [...bad(3), ...others(30)]
    for (let pass = 1; pass <= PASSES; pass++) {
      const outcomes = await send(delivery, pages)
      expect(outcomes.every(({ problem }) => problem?.kind === 'unreachable')).toBe(true)
    }
    receiver.answerTo = () => undefined
    const outcomes = await send(delivery, pages)
    expect(outcomes.every(({ delivered, page }) => delivered === page.spans)).toBe(true)
  })

  it('because it is not answered is not given up where it is the only one that is left', async () => {
    await place()
    receiver.answerTo = (request) => (holdsBad(request) ? { connection: 'reset' } : undefined)
    const pages = bad(3)
    for (let pass = 1; pass <= PASSES; pass++) {
      const [outcome] = await send(delivery, pages)
      expect(outcome?.problem?.kind).toBe('unreachable')
    }
  })

  it('is given up also where it is the only one that is left', async () => {
    await place()
    receiver.answerTo = () => ({ status: 500 })
    const pages = bad(3)
    for (let pass = 1; pass <= MOST_ATTEMPTS; pass++) await send(delivery, pages)
    const [outcome] = await send(delivery, pages)
    expect(outcome?.problem).toMatchObject({ kind: 'given_up' })
    expect(outcome?.problem?.message).toMatch(
      /^given up after 5 attempts; export --again .*answered 500/,
    )
  })
})
