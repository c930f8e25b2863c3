import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from 'vitest'
import { withLedger } from '../../../src/bridge/ledger/with-ledger.js'
import type { Delivery, PageOutcome } from '../../../src/delivery/delivery.js'
import { openOtlpHttp } from '../../../src/delivery/otlp-http.js'
import { otlpTargetName } from '../../../src/delivery/otlp-target-name.js'
import { type Ledger, openLedger } from '../../../src/ledger/ledger.js'
import { newOwner } from '../../../src/ledger/owner.js'
import {
  expectAllDelivered,
  expectOneOutcomeEach,
  largeJournal,
  manyPages,
  pagesOf,
  send,
} from '../../contracts/delivery-contract.js'
import { target } from '../../delivery/target.js'
import { newFolder } from '../../delivery/temporary-folder.js'
import { OtlpReceiver } from '../../receiver/otlp-receiver.js'
import { openToWrite } from '../../sources/places.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const toClose: { close(): unknown }[] = []

afterEach(async () => {
  for (const each of toClose.splice(0).reverse()) await each.close()
})

interface Place {
  readonly receiver: OtlpReceiver
  readonly delivery: Delivery
  readonly ledger: Ledger
  readonly path: string
  readonly said: string[]
}

async function place(): Promise<Place> {
  const receiver = await OtlpReceiver.start()
  const settings = target(receiver.url, { maxRequestBytes: 30_000 })
  const path = `${newFolder()}/ledger.db`
  const ledger = await openLedger(path, otlpTargetName(settings))
  if (ledger === undefined) throw new Error('a ledger was expected')
  const said: string[] = []
  const notice = (message: string) => said.push(message)
  const delivery = withLedger(openOtlpHttp(settings), ledger, { notice })
  toClose.push(receiver, delivery)
  return { receiver, delivery, ledger, path, said }
}

describe('a delivery with a ledger', () => {
  it('sends what links a run to its wrapper without remembering it', async () => {
    const { delivery, ledger, receiver } = await place()
    const pages = manyPages(2).map((page) => ({ ...page, subject: 'wrapper' as const }))
    for (const times of [1, 2]) {
      expectAllDelivered(await send(delivery, pages), pages)
      expect(receiver.requests.flatMap(({ spans }) => spans)).toHaveLength(
        times * pages.reduce((sum, { trace }) => sum + trace.spans.length, 0),
      )
    }
    for (const { namespace, runId } of pages) {
      expect(await delivery.held(namespace, runId, 'wrapper')).toEqual([])
      expect(ledger.held({ namespace, runId })).toEqual([])
    }
  })

  it('has every page in the ledger before it is sent', async () => {
    const { receiver, delivery, ledger } = await place()
    const pages = manyPages(120)
    receiver.answer = () => {
      for (const { spans } of receiver.requests) {
        for (const { span } of spans) {
          const runId = String(span.attributes['rivet.run.id'])
          expect(ledger.held({ namespace: '', runId })).toHaveLength(1)
        }
      }
      return {}
    }
    expectAllDelivered(await send(delivery, pages), pages)
  })

  it('tells of what is there as it finds it, without keeping it in memory', async () => {
    const { delivery } = await place()
    const pages = manyPages(300)
    await send(delivery, pages)
    let pulled = 0
    async function* counted() {
      for (const page of pages) {
        pulled++
        yield page
      }
    }
    let outcomes = 0
    for await (const { present, page } of delivery.send(counted())) {
      expect(present).toBe(page.spans)
      outcomes++
      expect(pulled - outcomes).toBeLessThan(120)
    }
    expect(outcomes).toBe(300)
  })

  it.each(['sent', 'there already'])('keeps no page that was %s', async (what) => {
    const { delivery } = await place()
    const all = manyPages(400)
    if (what === 'there already') await send(delivery, all)
    async function* pages() {
      yield* all
    }
    const outcomes: WeakRef<PageOutcome>[] = []
    let alive = 0
    for await (const outcome of delivery.send(pages())) {
      outcomes.push(new WeakRef(outcome))
      if (outcomes.length !== 350) continue
      // What was just handed over lives until the end of the turn.
      await new Promise((resolve) => setImmediate(resolve))
      collectGarbage()
      alive = outcomes.filter((each) => each.deref() !== undefined).length
    }
    expect(outcomes).toHaveLength(400)
    expect(alive).toBeGreaterThan(0)
    expect(alive).toBeLessThan(200)
  })

  it('sends neither what another sends nor another journal as the same revision', async () => {
    const { receiver, delivery, ledger } = await place()
    const pages = manyPages(3)
    const [first, second] = pages
    if (first === undefined || second === undefined) throw new Error('pages were expected')
    const other = newOwner()
    ledger.begin([first, { ...second, digest: 'another' }], other)
    ledger.record([{ ...second, digest: 'another', accepted: [], spans: 0, isOver: true }], other)
    const outcomes = await send(delivery, pages)
    expectOneOutcomeEach(outcomes, pages)
    const kinds = outcomes.map(({ page, problem }) => [page.runId, problem?.kind])
    expect(Object.fromEntries(kinds)).toEqual({
      orders_0: 'elsewhere',
      orders_1: 'overtaken',
      orders_2: undefined,
    })
    expect(receiver.taken).toHaveLength(pages[2]?.trace.spans.length ?? 0)
    expect(outcomes.find(({ page }) => page.runId === 'orders_1')?.problem?.message).toBe(
      'another journal of this run was sent meanwhile by another export; the next pass sends this one',
    )
  })

  it('sends nothing that the ledger cannot take, and says so of every page', {
    timeout: 60_000,
  }, async () => {
    const { receiver, delivery, path, said } = await place()
    const locked = openToWrite(path)
    locked.exec('BEGIN IMMEDIATE')
    const pages = [...manyPages(60), ...pagesOf(largeJournal('large'))]
    const outcomes = await send(delivery, pages)
    expectOneOutcomeEach(outcomes, pages)
    for (const { unsent, problem, page } of outcomes) {
      expect(unsent).toBe(page.spans)
      expect(problem?.message).toMatch(/ledger .* is locked.*; nothing is sent that is not in/)
    }
    expect(receiver.requests).toEqual([])
    expect(said).toEqual([])
    locked.exec('ROLLBACK')
    locked.close()
    expectAllDelivered(await send(delivery, pages), pages)
  })

  it('says when what was sent could not be recorded', { timeout: 60_000 }, async () => {
    const { receiver, delivery, path, said } = await place()
    const locked = openToWrite(path)
    receiver.answer = (before) => {
      if (before === 0) locked.exec('BEGIN IMMEDIATE')
      return {}
    }
    const pages = manyPages(1)
    expectAllDelivered(await send(delivery, pages), pages)
    expect(said).toHaveLength(1)
    expect(said[0]).toMatch(/is locked.*; what was sent meanwhile is sent again next time/)
    locked.exec('ROLLBACK')
    locked.close()
    expectAllDelivered(await send(delivery, pages), pages)
    expect(receiver.requests).toHaveLength(2)
  })
})
