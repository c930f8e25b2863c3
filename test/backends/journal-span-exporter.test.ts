import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JournalSpanExporter } from '../../src/backends/journal-span-exporter.js'
import { toReadableSpans } from '../../src/delivery/readable-span.js'
import { journalDigest } from '../../src/journal/digest.js'
import { redactorOf } from '../../src/journal/redaction.js'
import type { ImportedRun } from '../../src/mapping/imported-run.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'
import { shopJournal } from '../journal/example-journals.js'
import { expectExact } from '../mapping/both-ways.js'

function exporter() {
  const runs: ImportedRun[] = []
  return { runs, exporter: new JournalSpanExporter((run) => runs.push(run)) }
}

describe('JournalSpanExporter', () => {
  it('hands over a journal exactly, once, when its last span has come', () => {
    fc.assert(
      fc.property(arbitraryJournal({ maxLength: 20 }), fc.nat(), (journal, turn) => {
        const spans = [...journalToTrace(journal)].flatMap(({ trace }) => toReadableSpans(trace))
        const at = turn % spans.length
        const turned = [...spans.slice(at), ...spans.slice(0, at)]
        const { runs, exporter: sut } = exporter()
        turned.forEach((span, i) => {
          expect(runs).toHaveLength(0)
          sut.export([span], ({ code }) => expect(code).toBe(0))
          if (i === turned.length - 1) expectExact(runs[0], journal)
        })
        sut.export(spans, () => {})
        expect(runs).toHaveLength(1)
      }),
      { numRuns: propertyCases(100) },
    )
  })

  it('hands over a redacted run as such', () => {
    const { journal, redaction = '' } = redactorOf({ fields: ['files'] })(shopJournal('orders'))
    const { runs, exporter: sut } = exporter()
    for (const { trace } of journalToTrace(journal, { redaction }))
      sut.export(toReadableSpans(trace), () => {})
    const [run] = runs
    if (run?.status !== 'redacted') throw new Error(run?.status)
    expect(run.redaction).toBe('files')
    expect(journalDigest(run.journal)).toBe(journalDigest(journal))
  })

  it('hands over what is incomplete at shutdown, as incomplete, and takes nothing after', async () => {
    const [journal] = fc.sample(arbitraryJournal({ minLength: 5, maxLength: 5 }), 1)
    if (journal === undefined) throw new Error('no journal')
    const [root] = [...journalToTrace(journal)].flatMap(({ trace }) => toReadableSpans(trace))
    if (root === undefined) throw new Error('no span')
    const { runs, exporter: sut } = exporter()
    sut.export([{ ...root, events: [] }], () => {})
    expect(runs).toHaveLength(0)
    await sut.shutdown()
    expect(runs[0]?.status).toBe('incomplete')
    const codes: number[] = []
    sut.export([root], ({ code }) => codes.push(code))
    expect(codes).toEqual([1])
  })

  it('hands over every other run where taking one fails, and reports the first failure', async () => {
    const journals = fc.sample(arbitraryJournal({ minLength: 5, maxLength: 5 }), 4)
    const traces = journals.map((journal, i) =>
      [...journalToTrace(journal, { namespace: `${i}` })].flatMap(({ trace }) =>
        toReadableSpans(trace),
      ),
    )
    const taken: string[] = []
    const sut = new JournalSpanExporter(({ namespace }) => {
      taken.push(namespace)
      if (namespace === '0' || namespace === '2') throw new Error(`no room for ${namespace}`)
      if (namespace === '3') throw 'words'
    })
    const results: unknown[] = []
    sut.export(traces.slice(0, 3).flat(), (result) => results.push(result))
    expect(taken).toEqual(['0', '1', '2'])
    expect(results).toEqual([{ code: 1, error: new Error('no room for 0') }])
    sut.export(traces.slice(3).flat(), (result) => results.push(result))
    expect(results[1]).toEqual({ code: 1, error: new Error('words') })
  })

  it('hands over every other run at shutdown too, and then fails', async () => {
    const taken: string[] = []
    const sut = new JournalSpanExporter(({ namespace }) => {
      taken.push(namespace)
      throw new Error(`no room for ${namespace}`)
    })
    const [journal] = fc.sample(arbitraryJournal({ minLength: 5, maxLength: 5 }), 1)
    if (journal === undefined) throw new Error('no journal')
    for (const namespace of ['a', 'b', 'c']) {
      const [page] = journalToTrace(journal, { namespace })
      const [root] = page === undefined ? [] : toReadableSpans(page.trace)
      if (root === undefined) throw new Error('no span')
      sut.export([{ ...root, events: [] }], () => {})
    }
    await expect(sut.shutdown()).rejects.toThrow('no room for a')
    expect(taken).toEqual(['a', 'b', 'c'])
  })

  it('ignores the spans of a host application that it is installed in', async () => {
    const { runs, exporter: sut } = exporter()
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(sut)] })
    provider.getTracer('host').startSpan('GET /').end()
    await provider.shutdown()
    expect(runs).toEqual([])
  })
})
