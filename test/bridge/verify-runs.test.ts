import { describe, expect, it } from 'vitest'
import { type RunVerdict, type VerifyOptions, verifyRuns } from '../../src/bridge/verify-runs.js'
import { stringifyJournal } from '../../src/journal/codec.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { openJournalStream } from '../../src/sources/json-file.js'
import type { Trace } from '../../src/trace/trace.js'
import { journalOfChunks } from '../backends/special-journals.js'
import { journalOfEvents, plan, shopJournals, warning } from '../journal/example-journals.js'
import { jaegerWithTraces } from './traces-in-jaeger.js'

async function verdicts(
  journals: readonly RunJournal[],
  options: Pick<VerifyOptions, 'traces' | 'namespace' | 'waitMs'>,
): Promise<RunVerdict[]> {
  const lines = journals.map((journal) => Buffer.from(`${stringifyJournal(journal)}\n`))
  async function* bytes() {
    yield* lines
  }
  const source = await openJournalStream(bytes(), 'the test')
  const all: RunVerdict[] = []
  for await (const item of verifyRuns({ source, selection: {}, ...options })) {
    if (item.kind !== 'verdict') throw new Error(item.problem)
    all.push(item)
  }
  await source.close()
  return all
}

const withoutSpan =
  (which: number) =>
  (page: Trace): Trace => ({ ...page, spans: page.spans.filter((_, i) => i !== which) })

describe('verifying runs in a server', () => {
  it('says exact of every real run that is there', async () => {
    const { backend, keep } = await jaegerWithTraces()
    for (const journal of shopJournals()) keep(journal, { namespace: 'eu' })
    const found = await verdicts(shopJournals(), { traces: backend, namespace: 'eu' })
    expect(found.map(({ result }) => result)).toEqual(shopJournals().map(() => 'exact'))
    expect(found.flatMap(({ reasons }) => reasons)).toEqual([])
  })

  it('says missing of a run that is not there, and costs the others nothing', async () => {
    const { backend, keep } = await jaegerWithTraces()
    const [gone, ...others] = shopJournals()
    if (gone === undefined) throw new Error('no journal')
    for (const journal of others) keep(journal)
    const found = await verdicts(shopJournals(), { traces: backend })
    expect(found.filter(({ result }) => result !== 'exact')).toEqual([
      {
        kind: 'verdict',
        runId: gone.run_id,
        exportName: gone.export_name,
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
        result: 'missing',
        reasons: ['nothing of it is there'],
      },
    ])
  })

  it('says incomplete where a span is gone, and where a page is gone', async () => {
    const { backend, keep } = await jaegerWithTraces()
    const [first] = shopJournals().filter(({ entries }) => entries.length > 20)
    const large = journalOfChunks(9000)
    if (first === undefined) throw new Error('no journal')
    keep(first, { change: withoutSpan(1) })
    let page = 0
    keep(large, { change: (trace) => (page++ === 1 ? { ...trace, spans: [] } : trace) })
    const found = await verdicts([first, large], { traces: backend })
    expect(found.map(({ result }) => result)).toEqual(['incomplete', 'incomplete'])
    expect(found[0]?.reasons.join()).toMatch(/page 0 has \d+ of \d+ spans/)
    expect(found[1]?.reasons.join()).toContain('the root of page 1 of')
  })

  it('says differs where the tail of a text is gone, and names the entry', async () => {
    const { backend, keep } = await jaegerWithTraces()
    const journal = journalOfEvents(warning('a'), plan({ base_query: 'x'.repeat(5000) }))
    keep(journal, {
      change: (page) => ({
        ...page,
        spans: page.spans.map((span) => ({
          ...span,
          events: span.events.map((event) => ({
            ...event,
            attributes: Object.fromEntries(
              Object.entries(event.attributes).map(([name, value]) => [
                name,
                name.startsWith('rivet.plan.base_query') && typeof value === 'string'
                  ? value.slice(0, 1000)
                  : value,
              ]),
            ),
          })),
        })),
      }),
    })
    const [found] = await verdicts([journal], { traces: backend })
    expect(found?.result).toBe('differs')
    expect(found?.reasons.join('; ')).toContain('entry 1 (PlanResolved) is not as it was sent')
  })

  it('says differs where another journal is there under the run_id, although it is whole', async () => {
    const { backend, keep } = await jaegerWithTraces()
    const older = journalOfEvents(warning('a'), warning('b'))
    const newer = new RunJournal(older.run_id, older.export_name, [
      ...older.entries,
      ...journalOfEvents(warning('c')).entries,
    ])
    keep(older)
    const [found] = await verdicts([newer], { traces: backend })
    expect(found?.result).toBe('differs')
    expect(found?.reasons).toContain('it has 2 entries, the journal has 3')
    keep(newer, { revision: 1 })
    expect((await verdicts([newer], { traces: backend }))[0]?.result).toBe('exact')
    const [stale] = await verdicts([older], { traces: backend })
    expect(stale).toMatchObject({ result: 'exact' })
    expect(stale?.reasons.join()).toMatch(/there as revision 0; revision 1 came after it/)
  })

  it('says empty of a journal without entries, which is never sent', async () => {
    const { backend } = await jaegerWithTraces()
    const [found] = await verdicts([new RunJournal('orders_1', 'orders', [])], { traces: backend })
    expect(found).toMatchObject({ result: 'empty', reasons: [] })
  })
})
