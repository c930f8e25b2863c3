import { describe, expect, it } from 'vitest'
import { inBatches } from '../../../src/bridge/ledger/batches.js'
import type { TracePage } from '../../../src/mapping/page.js'
import { manyPages } from '../../contracts/delivery-contract.js'

describe('pages in groups', () => {
  it('are all there, in order, and no group is large', async () => {
    const pages = manyPages(120)
    const got: TracePage[] = []
    for await (const batch of inBatches(each(pages))) {
      expect(batch.length).toBeGreaterThan(0)
      expect(batch.length).toBeLessThanOrEqual(50)
      got.push(...batch)
    }
    expect(got).toEqual(pages)
  })

  it('do not wait for a page that is long in coming', async () => {
    const pages = manyPages(3)
    let release = () => {}
    const later = new Promise<void>((resolve) => {
      release = resolve
    })
    async function* slowly() {
      yield* pages.slice(0, 2)
      await later
      yield* pages.slice(2)
    }
    const batches = inBatches(slowly())
    expect((await batches.next()).value).toEqual(pages.slice(0, 2))
    const last = batches.next()
    release()
    expect((await last).value).toEqual(pages.slice(2))
    expect((await batches.next()).done).toBe(true)
  })

  it('come before the error that breaks them off', async () => {
    const pages = manyPages(3)
    async function* breaking() {
      yield* pages
      throw new Error('the source broke off')
    }
    const batches = inBatches(breaking())
    expect((await batches.next()).value).toEqual(pages)
    await expect(batches.next()).rejects.toThrow('the source broke off')
  })

  it('let go of their source when no more are wanted', async () => {
    let isLetGo = false
    async function* source() {
      try {
        yield* manyPages(200)
      } finally {
        isLetGo = true
      }
    }
    for await (const _ of inBatches(source())) break
    expect(isLetGo).toBe(true)
  })
})

async function* each(pages: readonly TracePage[]) {
  yield* pages
}
