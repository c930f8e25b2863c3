import { describe, expect, it } from 'vitest'
import type { Delivery } from '../../src/delivery/delivery.js'
import { openOtlpFile } from '../../src/delivery/otlp-file.js'
import { paced } from '../../src/delivery/paced.js'
import type { TracePage } from '../../src/mapping/page.js'
import { describeDelivery, manyPages, pagesOf, send } from '../contracts/delivery-contract.js'
import { shopJournals } from '../journal/example-journals.js'
import { newFile, spansInFile } from './otlp-files.js'

/** A clock that stands still but for the sleeps. */
function clock() {
  const slept: number[] = []
  let ms = 0
  return {
    slept,
    now: () => ms,
    pass: (by: number) => {
      ms += by
    },
    sleep: async (by: number) => {
      slept.push(by)
      ms += by
    },
  }
}

async function fileDelivery(): Promise<Delivery> {
  return openOtlpFile(newFile())
}

describe('a paced delivery', () => {
  it('makes no more pauses once it is told to stop', async () => {
    const stopping = new AbortController()
    const time = clock()
    const sleep = async (ms: number) => {
      stopping.abort()
      await time.sleep(ms)
    }
    const delivery = paced(await fileDelivery(), 1, { ...time, sleep, signal: stopping.signal })
    await send(delivery, manyPages(30))
    expect(time.slept).toHaveLength(1)
    await delivery.close()
  })

  it('lets the traces of a second through at once, and then one for each share of a second', async () => {
    const time = clock()
    const delivery = paced(await fileDelivery(), 50, time)
    await send(delivery, manyPages(50))
    expect(time.slept).toEqual([])
    await send(delivery, manyPages(100).slice(50))
    expect(time.slept).toHaveLength(50)
    expect(time.now()).toBe(1000)
    await delivery.close()
  })

  it('passes the rate in no window of any length, whatever pauses come between', async () => {
    const time = clock()
    const perSecond = 20
    const at: number[] = []
    const inner = await fileDelivery()
    const watched: Delivery = {
      location: inner.location,
      send: (pages) => inner.send(noting(pages, () => at.push(time.now()))),
      held: (namespace, runId) => inner.held(namespace, runId),
      lacking: (page) => inner.lacking(page),
      close: () => inner.close(),
    }
    const delivery = paced(watched, perSecond, time)
    const pages = manyPages(200)
    for (let i = 0; i < 200; i += 25) {
      await send(delivery, pages.slice(i, i + 25))
      time.pass((i * 37) % 1400)
    }
    expect(at).toHaveLength(200)
    for (const [i, from] of at.entries()) {
      for (let j = i; j < at.length; j++) {
        const seconds = ((at[j] ?? 0) - from) / 1000
        expect(j - i + 1).toBeLessThanOrEqual(perSecond + perSecond * seconds + 1)
      }
    }
    await delivery.close()
  })

  it('counts the pages of a large run one by one, and each of two who send at once', async () => {
    const time = clock()
    const delivery = paced(await fileDelivery(), 2, time)
    const [journal] = shopJournals()
    if (journal === undefined) throw new Error('a journal was expected')
    const pages = Array.from({ length: 4 }, (_, i) => pagesOf(journal, { revision: i })).flat()
    await Promise.all([send(delivery, pages.slice(0, 2)), send(delivery, pages.slice(2))])
    expect(time.slept).toHaveLength(2)
    expect(time.now()).toBeGreaterThanOrEqual(1000)
    await delivery.close()
  })
})

describeDelivery('a paced file', async () => {
  const path = newFile()
  const delivery = paced(await openOtlpFile(path), 500)
  return { delivery, received: async () => spansInFile(path) }
})

async function* noting(pages: AsyncIterable<TracePage>, note: () => void) {
  for await (const page of pages) {
    note()
    yield page
  }
}
