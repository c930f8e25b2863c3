import { existsSync, readFileSync, statSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openOtlpFile } from '../../src/delivery/otlp-file.js'
import type { TracePage } from '../../src/mapping/page.js'
import {
  expectAllDelivered,
  expectOneOutcomeEach,
  largeJournal,
  manyPages,
  pagesOf,
  send,
} from '../contracts/delivery-contract.js'
import { propertyCases } from '../journal/arbitrary-journal.js'
import { journalOfEvents, shopJournals } from '../journal/example-journals.js'
import { exportTo, newFile, spansInFile, written } from './otlp-files.js'

function shopPages(): TracePage[] {
  return shopJournals().flatMap((journal) => pagesOf(journal))
}

describe('a file of OTLP JSON lines', () => {
  it('holds one line of one request for each page', async () => {
    const path = newFile()
    const pages = [...shopPages(), ...pagesOf(largeJournal('large_1'))]
    await exportTo(path, pages)
    const text = readFileSync(path, 'utf8')
    expect(text.endsWith('\n')).toBe(true)
    const lines = text.slice(0, -1).split('\n')
    expect(lines).toHaveLength(pages.length)
    for (const line of lines) expect(Object.keys(JSON.parse(line))).toEqual(['resourceSpans'])
    expect(spansInFile(path).map(({ span }) => span)).toEqual(
      pages.flatMap(({ trace }) => trace.spans),
    )
  })

  it('is not made before something is written into it', async () => {
    const path = newFile()
    const delivery = await openOtlpFile(path)
    expect(await delivery.held('', 'orders_1')).toEqual([])
    expect(await send(delivery, [])).toEqual([])
    await delivery.close()
    expect(existsSync(path)).toBe(false)
  })

  it('may be empty, or hold nothing but white space', async () => {
    for (const content of ['', '\n', ' \r\n\n', '  ']) {
      const path = newFile(content)
      const pages = manyPages(2)
      expectAllDelivered((await exportTo(path, pages)).outcomes, pages)
      expect(spansInFile(path)).toHaveLength(4)
    }
  })

  it('gets no byte when it lacks nothing', async () => {
    const path = newFile()
    await exportTo(path, shopPages())
    const before = readFileSync(path)
    const { mtimeNs } = statSync(path, { bigint: true })
    const { outcomes, notices } = await exportTo(path, shopPages())
    for (const { page, present } of outcomes) expect(present).toBe(page.spans)
    expect(notices).toEqual([])
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(statSync(path, { bigint: true }).mtimeNs).toBe(mtimeNs)
  })

  it('gets only the spans that it lacks', async () => {
    const path = newFile()
    const [page] = pagesOf(largeJournal('large_1'))
    if (page === undefined) throw new Error('a page was expected')
    const { spans } = page.trace
    const some = spans.filter((_, i) => i % 3 !== 0)
    await exportTo(path, [{ ...page, trace: { ...page.trace, spans: some } }])
    const { outcomes } = await exportTo(path, [page])
    expectOneOutcomeEach(outcomes, [page])
    expect(outcomes[0]).toMatchObject({
      present: some.length,
      delivered: spans.length - some.length,
    })
    const ids = spansInFile(path).map(({ span }) => span.spanId)
    expect(ids.sort()).toEqual(spans.map(({ spanId }) => spanId).sort())
  })

  it('knows a page that came before in the same export', async () => {
    const path = newFile()
    const [page] = manyPages(1)
    if (page === undefined) throw new Error('a page was expected')
    const { outcomes } = await exportTo(path, [page, page])
    expect(outcomes.map(({ delivered, present }) => [delivered, present])).toEqual([
      [2, 0],
      [0, 2],
    ])
  })

  it('knows the revisions of each run by namespace, run_id and digest', async () => {
    const path = newFile()
    const first = journalOfEvents({ RunCompleted: { status: 'failed', duration_ms: 1 } })
    const second = journalOfEvents({ RunCompleted: { status: 'success', duration_ms: 1 } })
    const pages = [
      ...pagesOf(first),
      ...pagesOf(second, { revision: 1 }),
      ...pagesOf(first, { namespace: 'eu' }),
      ...pagesOf(largeJournal('é'.repeat(3000)), { namespace: 'n'.repeat(3000) }),
    ]
    await exportTo(path, pages)
    const [one, two, three, four] = pages
    const delivery = await openOtlpFile(path)
    expect(await delivery.held('', 'orders_1')).toEqual([
      { revision: 0, digest: one?.digest },
      { revision: 1, digest: two?.digest },
    ])
    expect(await delivery.held('eu', 'orders_1')).toEqual([{ revision: 0, digest: three?.digest }])
    expect(await delivery.held('n'.repeat(3000), 'é'.repeat(3000))).toEqual([
      { revision: 0, digest: four?.digest },
    ])
    expect(await delivery.held('', 'orders_2')).toEqual([])
    await delivery.close()
  })

  it('names a revision once that stands there twice', async () => {
    const [page] = manyPages(1)
    const line = await written(manyPages(1))
    const delivery = await openOtlpFile(newFile(Buffer.concat([line, line])))
    expect(await delivery.held('', 'orders_0')).toEqual([{ revision: 0, digest: page?.digest }])
    await delivery.close()
  })

  it('knows a revision as soon as its root is there, and once', async () => {
    const [page] = manyPages(1)
    if (page === undefined) throw new Error('a page was expected')
    const [root, ...others] = page.trace.spans
    if (root === undefined) throw new Error('a root was expected')
    const delivery = await openOtlpFile(newFile())
    const revisions = [{ revision: 0, digest: page.digest }]
    for (const [spans, held] of [
      [others, []],
      [[root], revisions],
      [[root, ...others], revisions],
    ] as const) {
      await send(delivery, [{ ...page, trace: { ...page.trace, spans } }])
      expect(await delivery.held('', page.runId)).toEqual(held)
    }
    await delivery.close()
  })

  it('gives the same bytes when the same runs are exported elsewhere', async () => {
    expect((await written(shopPages())).equals(await written(shopPages()))).toBe(true)
  })

  it('gives the same bytes when an export was cut anywhere and is repeated', async () => {
    const pages = [...shopPages().slice(0, 3), ...manyPages(2)]
    const whole = await written(pages)
    const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([at]) => at)
    const repeat = async (cut: number) => {
      const path = newFile(whole.subarray(0, cut))
      const { outcomes } = await exportTo(path, pages)
      expectOneOutcomeEach(outcomes, pages)
      expect(readFileSync(path).equals(whole), `cut at byte ${cut}`).toBe(true)
    }
    for (const end of ends) for (const by of [-1, 0, 1, 2, 16, 17, 18]) await repeat(end + by)
    for (let cut = 0; cut < 20; cut++) await repeat(cut)
    await fc.assert(fc.asyncProperty(fc.nat(whole.length), repeat), {
      numRuns: propertyCases(100),
    })
  })
})
