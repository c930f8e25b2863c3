/** Journals through the mapping, out and back in, for the tests of it. */
import { expect } from 'vitest'
import { stringifyJournal } from '../../src/journal/codec.js'
import { journalDigest } from '../../src/journal/digest.js'
import type { RunJournal } from '../../src/journal/run-journal.js'
import type { ImportedRun } from '../../src/mapping/imported-run.js'
import { journalToTrace, type MappingOptions } from '../../src/mapping/journal-to-trace.js'
import { JournalAssembler } from '../../src/mapping/trace-to-journal.js'
import type { Attributes, AttributeValue, ReceivedSpan, Span } from '../../src/trace/trace.js'

/** The spans of a journal as a backend would give them back, page after page. */
export function exported(journal: RunJournal, options: MappingOptions = {}): ReceivedSpan[] {
  return [...journalToTrace(journal, options)].flatMap(({ trace }) =>
    trace.spans.map((span) => ({ resource: trace.resource, scope: trace.scope, span })),
  )
}

/** What comes of spans. */
export function imported(spans: readonly ReceivedSpan[]): ImportedRun[] {
  const assembler = new JournalAssembler()
  for (const span of spans) assembler.add(span)
  return assembler.finish()
}

/** Fails unless the run came back whole, to the letter of what rivet would write. */
export function expectExact(run: ImportedRun | undefined, journal: RunJournal): void {
  if (run?.status !== 'exact') throw new Error(JSON.stringify(run?.reasons ?? 'no run came back'))
  expect(stringifyJournal(run.journal)).toBe(stringifyJournal(journal))
  expect(journalDigest(run.journal)).toBe(journalDigest(journal))
}

/** The same spans with every attribute, of spans and of events, as this makes them. */
export function withAttributes(
  spans: readonly ReceivedSpan[],
  change: (name: string, value: AttributeValue) => AttributeValue | undefined,
): ReceivedSpan[] {
  const changed = (attributes: Attributes): Attributes =>
    Object.fromEntries(
      Object.entries(attributes).flatMap(([name, value]) => {
        const made = change(name, value)
        return made === undefined ? [] : [[name, made]]
      }),
    )
  return spans.map((received) => {
    const { span } = received
    const events = span.events.map((e) => ({ ...e, attributes: changed(e.attributes) }))
    return { ...received, span: { ...span, attributes: changed(span.attributes), events } }
  })
}

/** The same spans with some of their parts replaced. */
export function withSpans(
  spans: readonly ReceivedSpan[],
  change: (span: Span) => Partial<Span>,
): ReceivedSpan[] {
  return spans.map((received) => ({
    ...received,
    span: { ...received.span, ...change(received.span) },
  }))
}
