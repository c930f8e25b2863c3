/**
 * The battery that every delivery runs: the contract of `Delivery`, point by point.
 *
 * A delivery gives a factory that opens an empty place and reads back what is there. What a place
 * cannot do by its nature it lists with the reason, and the battery checks what it does instead.
 */
import { afterEach, describe, expect, it } from 'vitest'
import type { Delivery, PageOutcome } from '../../src/delivery/delivery.js'
import { stringifyJournal } from '../../src/journal/codec.js'
import { journalDigest } from '../../src/journal/digest.js'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { journalToTrace, type MappingOptions } from '../../src/mapping/journal-to-trace.js'
import { type SentPage, sentPage, type TracePage } from '../../src/mapping/page.js'
import type { ReceivedSpan } from '../../src/trace/trace.js'
import { journalOfEvents, shopJournals } from '../journal/example-journals.js'
import { expectExact, imported } from '../mapping/both-ways.js'

/** A delivery into an empty place, and what is there. */
export interface DeliveryUnderTest {
  readonly delivery: Delivery
  received(): Promise<readonly ReceivedSpan[]>
}

/** What a delivery cannot do by its nature, each with the reason. */
export interface DeliveryLimits {
  /** It does not know what is there already. */
  readonly cannotTellWhatIsThere?: string
}

/**
 * Runs the battery.
 *
 * @param open opens a delivery that gets rid of at most 30 pages of one small run each before the
 *   first outcome.
 * @example
 * describeDelivery('a file', async () => ({ delivery: await openOtlpFile(path), received }))
 */
export function describeDelivery(
  name: string,
  open: () => Promise<DeliveryUnderTest>,
  limits: DeliveryLimits = {},
): void {
  describe(`${name} keeps the contract of a delivery`, () => {
    const opened: Delivery[] = []
    const place = async (): Promise<DeliveryUnderTest> => {
      const under = await open()
      opened.push(under.delivery)
      return under
    }

    afterEach(async () => {
      for (const delivery of opened.splice(0)) await delivery.close()
    })

    it('delivers the real journals exactly', async () => {
      const journals = shopJournals()
      const { delivery, received } = await place()
      const pages = journals.flatMap((journal) => pagesOf(journal))
      expectAllDelivered(await send(delivery, pages), pages)
      await delivery.close()
      expectSameRuns(await received(), journals)
    })

    it('delivers a run of several pages exactly, with namespace, revision and resource', async () => {
      const journal = largeJournal('large_1')
      const { delivery, received } = await place()
      const resource = { 'service.name': 'täglich 😀', 'service.instance.id': '7' }
      const pages = pagesOf(journal, { namespace: 'eu', revision: 3, resource })
      expect(pages.length).toBeGreaterThan(1)
      expectAllDelivered(await send(delivery, pages), pages)
      await delivery.close()
      const spans = await received()
      for (const span of spans) expect(span.resource).toEqual(resource)
      const [run, ...others] = imported([...spans])
      expect(others).toEqual([])
      expect(run).toMatchObject({ namespace: 'eu', revision: 3 })
      expectExact(run, journal)
    })

    it('has nothing to say about no pages', async () => {
      const { delivery, received } = await place()
      expect(await send(delivery, [])).toEqual([])
      expect(await received()).toEqual([])
    })

    it('takes pages in several turns, also at the same time', async () => {
      const journals = manyJournals(12)
      const { delivery, received } = await place()
      const turns = [0, 1, 2].map((turn) =>
        journals.filter((_, i) => i % 3 === turn).flatMap((journal) => pagesOf(journal)),
      )
      const [first = [], ...others] = turns
      expectAllDelivered(await send(delivery, first), first)
      const outcomes = await Promise.all(others.map((pages) => send(delivery, pages)))
      for (const [i, pages] of others.entries()) expectAllDelivered(outcomes[i] ?? [], pages)
      await delivery.close()
      expectSameRuns(await received(), journals)
    })

    it('pulls pages only as fast as it gets rid of them', async () => {
      const { delivery } = await place()
      let pulled = 0
      const outcomes = delivery
        .send(counted(manyPages(300), () => pulled++))
        [Symbol.asyncIterator]()
      expect(pulled).toBe(0)
      expect((await outcomes.next()).done).toBe(false)
      expect(pulled).toBeLessThan(100)
      const before = pulled
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
      expect(pulled).toBe(before)
      await outcomes.return?.()
    })

    it('lets go of the pages when nobody wants more outcomes', async () => {
      const { delivery, received } = await place()
      const pages = manyPages(300)
      let isLetGo = false
      const source = counted(
        pages,
        () => {},
        () => {
          isLetGo = true
        },
      )
      const outcomes: PageOutcome[] = []
      for await (const outcome of delivery.send(source)) {
        outcomes.push(outcome)
        break
      }
      expect(isLetGo).toBe(true)
      await delivery.close()
      const got = (await received()).length
      expect(got).toBeGreaterThanOrEqual(outcomes[0]?.delivered ?? 1)
      expect(got).toBeLessThan(spansOf(pages))
    })

    it('settles what came before the pages break off, and passes the error on', async () => {
      const { delivery, received } = await place()
      const pages = manyPages(7)
      const outcomes: PageOutcome[] = []
      const broken = async () => {
        for await (const outcome of delivery.send(breakingOff(pages))) outcomes.push(outcome)
      }
      await expect(broken()).rejects.toThrow('the source broke off')
      expectAllDelivered(outcomes, pages)
      await delivery.close()
      expect((await received()).length).toBe(spansOf(pages))
    })

    it('finishes what was handed over when it is closed, and can be closed twice', async () => {
      const { delivery, received } = await place()
      const [page] = manyPages(1)
      if (page === undefined) throw new Error('a page was expected')
      await send(delivery, [page])
      await delivery.close()
      await delivery.close()
      expect((await received()).length).toBe(page.trace.spans.length)
    })

    it('has a name for messages', async () => {
      const { delivery } = await place()
      expect(delivery.location).not.toBe('')
    })

    const reason = limits.cannotTellWhatIsThere
    if (reason === undefined) {
      it('knows the revisions that are there, and sends no span twice', async () => {
        const { delivery, received } = await place()
        const [journal] = shopJournals()
        if (journal === undefined) throw new Error('a journal was expected')
        const pages = pagesOf(journal, { namespace: 'eu' })
        expect(await delivery.held('eu', journal.run_id)).toEqual([])
        await send(delivery, pages)
        const digest = journalDigest(journal)
        expect(await delivery.held('eu', journal.run_id)).toEqual([{ revision: 0, digest }])
        expect(await delivery.held('', journal.run_id)).toEqual([])
        for (const { page, delivered, present, problem } of await send(delivery, pages)) {
          expect({ delivered, present, problem }).toEqual({
            delivered: 0,
            present: page.spans,
            problem: undefined,
          })
        }
        await delivery.close()
        expect((await received()).length).toBe(spansOf(pages))
      })
    } else {
      it(`does not know what is there: ${reason}`, async () => {
        const { delivery } = await place()
        const pages = manyPages(2)
        await send(delivery, pages)
        expect(await delivery.held('', pages[0]?.runId ?? '')).toEqual([])
        expectAllDelivered(await send(delivery, pages), pages)
      })
    }
  })
}

/** The pages of a journal. */
export function pagesOf(journal: RunJournal, options: MappingOptions = {}): TracePage[] {
  return [...journalToTrace(journal, options)]
}

/** Pages of so many small runs, one each. */
export function manyPages(count: number): TracePage[] {
  return manyJournals(count).flatMap((journal) => pagesOf(journal))
}

/** A run of two pages or more, whose spans have about 10 kB each. */
export function largeJournal(runId: string): RunJournal {
  const events = Array.from({ length: 250 }, (_, i) => ({
    ChunkStarted: { chunk_index: i, start_key: `é${'x'.repeat(9000)}`, end_key: '' },
  }))
  return renamed(journalOfEvents(...events), runId)
}

/** Sends pages and collects what became of them. */
export async function send(delivery: Delivery, pages: Iterable<TracePage>): Promise<PageOutcome[]> {
  const outcomes: PageOutcome[] = []
  for await (const outcome of delivery.send(counted(pages, () => {}))) outcomes.push(outcome)
  return outcomes
}

/** Fails unless each page has one outcome, whose spans add up. */
export function expectOneOutcomeEach(
  outcomes: readonly PageOutcome[],
  pages: readonly TracePage[],
): void {
  const inAnyOrder = (sent: readonly SentPage[]) => sent.map((page) => JSON.stringify(page)).sort()
  expect(inAnyOrder(outcomes.map(({ page }) => page))).toEqual(inAnyOrder(pages.map(sentPage)))
  for (const { page, delivered, present, rejected, unsent, problem } of outcomes) {
    const counts = [delivered, present, rejected, unsent]
    expect(counts.every((count) => Number.isInteger(count) && count >= 0)).toBe(true)
    expect(delivered + present + rejected + unsent).toBe(page.spans)
    if (rejected + unsent > 0) expect(problem?.message).toBeTruthy()
  }
}

/** Fails unless each page was delivered, all of it and now. */
export function expectAllDelivered(
  outcomes: readonly PageOutcome[],
  pages: readonly TracePage[],
): void {
  expectOneOutcomeEach(outcomes, pages)
  for (const { page, delivered, problem } of outcomes) {
    expect(problem).toBeUndefined()
    expect(delivered).toBe(page.spans)
  }
}

/** Fails unless the spans are those of exactly these journals. */
export function expectSameRuns(
  spans: readonly ReceivedSpan[],
  journals: readonly RunJournal[],
): void {
  const runs = imported([...spans])
  expect(runs.map(({ runId }) => runId).sort()).toEqual(journals.map((j) => j.run_id).sort())
  for (const journal of journals) {
    const run = runs.find(({ runId }) => runId === journal.run_id)
    expectExact(run, journal)
    expect(run?.status === 'exact' && stringifyJournal(run.journal)).toBe(stringifyJournal(journal))
  }
}

/** How many spans pages have. */
export function spansOf(pages: readonly TracePage[]): number {
  return pages.reduce((sum, { trace }) => sum + trace.spans.length, 0)
}

function manyJournals(count: number): RunJournal[] {
  return Array.from({ length: count }, (_, i) =>
    renamed(
      journalOfEvents(
        { ChunkStarted: { chunk_index: i, start_key: '1', end_key: 'zürich 😀' } },
        { ChunkCompleted: { chunk_index: i, rows: 9_007_199_254_740_993n, file_name: null } },
        { RunCompleted: { status: 'success', duration_ms: 7 } },
      ),
      `orders_${i}`,
    ),
  )
}

function renamed(journal: RunJournal, runId: string): RunJournal {
  return Object.assign(journal, { run_id: runId })
}

async function* counted(
  pages: Iterable<TracePage>,
  onPull: () => void,
  onEnd: () => void = () => {},
): AsyncGenerator<TracePage> {
  try {
    for (const page of pages) {
      onPull()
      yield page
    }
  } finally {
    onEnd()
  }
}

async function* breakingOff(pages: readonly TracePage[]): AsyncGenerator<TracePage> {
  yield* pages
  throw new Error('the source broke off')
}
