import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import type { Span, Trace } from '../../src/trace/trace.js'
import { journalOfEvents, plan, shopJournal } from '../journal/example-journals.js'
import { exported, withAttributes, withSpans } from '../mapping/both-ways.js'
import { jaegerV1Reader, readBack, sendTrace, tempoReader } from './backend-trip.js'
import { backendsAvailable } from './build.mjs'
import { type RunningBackend, startJaeger, startTempo } from './run-backends.js'
import { journalOfChunks } from './special-journals.js'

// Why the mapping splits texts, cuts pages and carries nanoseconds: what the backends do to a journal that is sent
// otherwise, without a word of complaint, and that the import notices.
describe.skipIf(!backendsAvailable())('a journal that is not mapped with care', () => {
  let jaeger: RunningBackend
  let tempo: RunningBackend
  beforeAll(async () => {
    jaeger = await startJaeger()
    tempo = await startTempo()
  })
  afterAll(async () => {
    await jaeger?.stop()
    await tempo?.stop()
  })

  it('loses the end of a long text in Tempo', async () => {
    const base_query = 'x'.repeat(3000)
    const journal = journalOfEvents(plan({ base_query }))
    const whole = withAttributes(exported(journal), (name, value) => {
      if (name === 'rivet.plan.base_query') return base_query
      return name.startsWith('rivet.plan.base_query.') ? undefined : value
    })
    await sendTrace(traceOf(journal, whole), tempo.otlpHttp, 'protobuf')
    const run = await readBack([sent(journal, whole)], tempoReader(tempo.query))
    expect(run?.status).toBe('differs')
    expect(textOfPlan(run)).toBe('x'.repeat(2048))
  })

  it('loses the spans beyond 5 MB of one trace in Tempo', async () => {
    const journal = journalOfChunks(10_000)
    const [page] = journalToTrace(journal)
    const { traceId } = page?.trace.spans[0] ?? { traceId: '' }
    const spans = withSpans(exported(journal), () => ({ traceId }))
    for (let from = 0; from < spans.length; from += 1000) {
      const part = spans.slice(from, from + 1000)
      await sendTrace(traceOf(journal, part), tempo.otlpHttp, 'protobuf')
    }
    const run = await readBack([sent(journal, spans.slice(0, 1))], tempoReader(tempo.query))
    expect(run?.status).toBe('incomplete')
    const metrics = await (await fetch(tempo.metrics)).text()
    expect(metrics).toMatch(/tempo_discarded_spans_total\{reason="trace_too_large",.*\} [1-9]/)
  })

  it("loses its nanoseconds in Jaeger's older JSON", async () => {
    const journal = shopJournal('orders')
    const spans = withAttributes(exported(journal), (name, value) =>
      /^rivet\.entry\..*(nanos|time)$/.test(name) ? undefined : value,
    )
    await sendTrace(traceOf(journal, spans), jaeger.otlpHttp, 'protobuf')
    const run = await readBack([sent(journal, spans)], jaegerV1Reader(jaeger.query))
    expect(run?.status).toBe('differs')
  })
})

function traceOf(journal: RunJournal, spans: readonly { readonly span: Span }[]): Trace {
  const [page] = journalToTrace(journal)
  if (page === undefined) throw new Error('no page')
  return { ...page.trace, spans: spans.map(({ span }) => span) }
}

function sent({ run_id: runId }: RunJournal, { length: spans }: readonly unknown[]) {
  return { namespace: '', runId, page: 0, spans }
}

function textOfPlan(run: Awaited<ReturnType<typeof readBack>>): string | undefined {
  return run !== undefined && 'fragment' in run
    ? run.fragment.planSnapshot()?.base_query
    : undefined
}
