import { appendFileSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SpanStream } from '../../src/backends/backend.js'
import { openOtlpJsonFile, openOtlpJsonStream } from '../../src/backends/otlp-file.js'
import { importRuns } from '../../src/bridge/import-runs.js'
import { StreamRuns } from '../../src/bridge/stream-runs.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { encodeResourceSpansJson } from '../../src/trace/otlp-json.js'
import type { ReceivedSpan, Span } from '../../src/trace/trace.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'
import { journalOfEvents, shopJournals, warning } from '../journal/example-journals.js'
import { exported } from '../mapping/both-ways.js'

const path = join(mkdtempSync(join(tmpdir(), 'stream-runs-')), 'traces.otlp.jsonl')

/** One line, as a collector writes it: the spans of whatever runs came together. */
function lineOf(spans: readonly ReceivedSpan[]): string {
  const parts = spans.map(({ resource, scope, span }) =>
    encodeResourceSpansJson({ resource, scope, spans: [span] }),
  )
  return `{"resourceSpans":[${parts.join(',')}]}\n`
}

/** The same bytes as what cannot be read twice, whose runs are held to the end. */
function heldWhole(bytes: string): SpanStream {
  async function* chunks() {
    yield Buffer.from(bytes)
  }
  return openOtlpJsonStream(chunks(), path)
}

/** How many times each run was handed over. */
async function timesHandedOver(): Promise<number[]> {
  const times: number[] = []
  for await (const item of new StreamRuns(openOtlpJsonFile(path)).read())
    if (item.kind === 'run') times[item.number] = (times[item.number] ?? 0) + 1
  return times
}

/** What happens to a span on its way: it is lost, comes twice, or its second copy is changed. */
const fates = fc.constantFrom('there', 'there', 'there', 'lost', 'twice', 'changed')

function withFate(received: ReceivedSpan, fate: string): ReceivedSpan[] {
  if (fate === 'lost') return []
  if (fate === 'there') return [received]
  return [received, fate === 'twice' ? received : { ...received, span: changed(received.span) }]
}

function changed(span: Span): Span {
  return { ...span, endTimeUnixNano: span.endTimeUnixNano + 5n, events: span.events.slice(1) }
}

describe('runs that are finished as soon as they are whole', () => {
  it('are those that reading all of it first gives, however lines are mixed, doubled or lost', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryJournal({ maxLength: 12 }), { minLength: 1, maxLength: 4 }),
        fc.infiniteStream(fc.nat()),
        fc.infiniteStream(fates),
        fc.boolean(),
        async (journals, numbers, fate, isLossy) => {
          const next = () => Number(numbers.next().value)
          const spans = journals.flatMap((journal) => {
            const revision = next() % 2
            const namespace = next() % 3 === 0 ? 'eu' : ''
            const all = exported(journal, { revision, namespace })
            return next() % 4 === 0
              ? [...all, ...exported(journal, { namespace, revision: 2 })]
              : all
          })
          const came = spans.flatMap((span) =>
            isLossy ? withFate(span, fate.next().value ?? 'there') : [span],
          )
          const isShuffled = next() % 2 === 0
          const order = came.map((span) => ({ span, at: isShuffled ? next() : 0 }))
          order.sort((a, b) => a.at - b.at)
          let text = lineOf([])
          for (let at = 0; at < order.length; ) {
            const end = at + 1 + (next() % 5)
            text += lineOf(order.slice(at, end).map(({ span }) => span))
            at = end
          }
          if (next() % 3 === 0) text += text
          writeFileSync(path, text)
          const early = await importRuns(openOtlpJsonFile(path), { keepRecords: true })
          expect(early).toEqual(await importRuns(heldWhole(text), { keepRecords: true }))
        },
      ),
      { numRuns: propertyCases(100) },
    ))

  it('are handed over once each, where nothing more comes of them', async () => {
    const journals = shopJournals()
    writeFileSync(path, journals.map((journal) => lineOf(exported(journal))).join(''))
    expect(await timesHandedOver()).toEqual(journals.map(() => 1))
  })

  it('are handed over again, where another revision comes later', async () => {
    const [journal, other] = shopJournals()
    if (journal === undefined || other === undefined) throw new Error('there are no journals')
    const lines = [
      lineOf(exported(journal)),
      lineOf(exported(other)),
      lineOf(exported(journal, { revision: 1 })),
    ]
    writeFileSync(path, lines.join(''))
    expect(await timesHandedOver()).toEqual([2, 1])
    const { runs } = await importRuns(openOtlpJsonFile(path), {
      selection: { runIds: [journal.run_id] },
    })
    expect(runs).toMatchObject([
      { revision: 1, otherRevisions: [{ revision: 0, status: 'exact' }] },
    ])
  })

  it('count a span once that comes again, and say so where its copy differs', async () => {
    const [journal] = shopJournals()
    if (journal === undefined) throw new Error('there are no journals')
    const spans = exported(journal)
    writeFileSync(path, lineOf(spans) + lineOf(spans))
    expect((await importRuns(openOtlpJsonFile(path))).runs).toMatchObject([{ status: 'exact' }])
    const other = spans.map((each) => ({
      ...each,
      span: {
        ...each.span,
        events: each.span.events.map((event) => ({
          ...event,
          timeUnixNano: event.timeUnixNano + 1_000_000n,
        })),
      },
    }))
    appendFileSync(path, lineOf(other))
    expect((await importRuns(openOtlpJsonFile(path))).runs).toMatchObject([{ status: 'differs' }])
  })

  it('are an error where the file is another one when it is read again', async () => {
    const [journal, other] = shopJournals()
    if (journal === undefined || other === undefined) throw new Error('there are no journals')
    writeFileSync(path, lineOf(exported(journal)) + lineOf(exported(journal)))
    const reading = new StreamRuns(openOtlpJsonFile(path)).read()
    expect((await reading.next()).value).toMatchObject({ kind: 'run', number: 0 })
    // Both lines were read into memory together; what the other file has beyond them may be met too.
    writeFileSync(path, lineOf(exported(other)) + lineOf(exported(other)))
    const kinds = new Set<string>()
    const readOn = async () => {
      for await (const { kind } of reading) kinds.add(kind)
    }
    await expect(readOn()).rejects.toThrow(/was changed while it was read$/)
    expect([...kinds].filter((kind) => kind !== 'problem')).toEqual([])
  })

  it('of several pages wait for the last of them', async () => {
    const text = 'x'.repeat(2000)
    const events = Array.from({ length: 1500 }, (_, i) => warning(`${i} ${text}`))
    const pages = [...journalToTrace(journalOfEvents(...events))]
    expect(pages.length).toBeGreaterThan(1)
    const lines = pages.map(({ trace }) =>
      lineOf(trace.spans.map((span) => ({ resource: trace.resource, scope: trace.scope, span }))),
    )
    writeFileSync(path, lines.reverse().join(''))
    expect(await timesHandedOver()).toEqual([1])
    expect((await importRuns(openOtlpJsonFile(path))).runs).toMatchObject([{ status: 'exact' }])
  })
})
