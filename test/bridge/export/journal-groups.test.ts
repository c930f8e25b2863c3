import { describe, expect, it } from 'vitest'
import { inGroups } from '../../../src/bridge/export/journal-groups.js'
import { itemOfCell } from '../../../src/sources/journal-row.js'
import type { SourceItem } from '../../../src/sources/source.js'

/** A row with a journal of that much text and that many entries. */
function row(number: number, { text = 0, entries = 1 } = {}): SourceItem {
  const runId = `orders_${number}`
  const at = '"recorded_at":"2026-11-21T08:00:00Z"'
  const event = `{"Warned":{"context":"c","message":"${'x'.repeat(text)}"}}`
  const list = Array.from({ length: entries }, () => `{${at},"event":${event}}`)
  const json = `{"run_id":"${runId}","export_name":"orders","entries":[${list.join(',')}]}`
  return itemOfCell({ runId, exportName: 'orders' }, { text: json })
}

async function sizesOf(items: Iterable<SourceItem>): Promise<number[]> {
  async function* all() {
    yield* items
  }
  const sizes: number[] = []
  for await (const group of inGroups(all())) sizes.push(group.length)
  return sizes
}

function* rows(count: number, like: { text?: number; entries?: number } = {}) {
  for (let i = 0; i < count; i++) yield row(i, like)
}

describe('a group of journals', () => {
  it('is closed by how many they are', async () => {
    expect(await sizesOf(rows(1_001))).toEqual([500, 500, 1])
  })

  it('is closed by their entries', async () => {
    expect(await sizesOf(rows(5, { entries: 300 }))).toEqual([2, 2, 1])
  })

  it('is closed by their text, so that few large ones are in memory at once', async () => {
    expect(await sizesOf(rows(10, { text: 62_500 }))).toEqual([4, 4, 2])
    expect(await sizesOf(rows(3, { text: 9_000_000 }))).toEqual([1, 1, 1])
  })

  it('comes before the error that ends them', async () => {
    async function* broken() {
      yield row(0)
      throw new Error('gone')
    }
    const groups = inGroups(broken())
    expect((await groups.next()).value).toHaveLength(1)
    await expect(groups.next()).rejects.toThrow('gone')
  })
})
