import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JournalSpool } from '../../src/cli/journal-spool.js'

const folder = () => mkdtempSync(join(tmpdir(), 'spool-'))

async function texts(journals: AsyncIterable<Buffer>): Promise<string[]> {
  const all: string[] = []
  for await (const journal of journals) all.push(journal.toString())
  return all
}

describe('journals that wait', () => {
  it('come back as they were, in any order', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.string({ unit: 'grapheme' }))),
        fc.infiniteStream(fc.nat()),
        async (journals, numbers) => {
          const spool = new JournalSpool(folder())
          const waiting = []
          for (const pieces of journals)
            waiting.push({ at: await spool.add(pieces), text: pieces.join('') })
          const order = waiting.map((journal) => ({ ...journal, by: numbers.next().value ?? 0 }))
          order.sort((a, b) => a.by - b.by)
          expect(await texts(spool.journals(order.map(({ at }) => at)))).toEqual(
            order.map(({ text }) => text),
          )
          await spool.close()
        },
      ),
      { numRuns: 30 },
    ))

  it('leave nothing behind in their folder, however many they are', async () => {
    const path = folder()
    const spool = new JournalSpool(path)
    const journals = Array.from({ length: 12 }, (_, i) => `${i} ${'é'.repeat(1_000_000)}`)
    const waiting = []
    for (const journal of journals) waiting.push(await spool.add([journal]))
    expect(readdirSync(path)).toEqual([])
    waiting.reverse()
    expect(await texts(spool.journals(waiting))).toEqual(journals.toReversed())
    await spool.close()
    expect(readdirSync(path)).toEqual([])
  })

  it('say where they have no room', async () => {
    const spool = new JournalSpool(join(folder(), 'missing'))
    await expect(spool.add(['x'.repeat(20_000_000)])).rejects.toThrow(
      /^the journals have to wait in a file, and that failed in .*missing: /,
    )
    await spool.close()
  })
})
