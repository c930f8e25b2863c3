/** Live spans, exported spans and the journal all say the same, with the SDK's default limits. */
import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace-base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromReadableSpan } from '../../src/backends/sdk-spans.js'
import { stringifyJournal } from '../../src/journal/codec.js'
import { journalDigest } from '../../src/journal/digest.js'
import { redactorOf } from '../../src/journal/redaction.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { parseJson } from '../../src/json/lossless.js'
import { decodeOtlpJson } from '../../src/trace/otlp-json.js'
import type { AttributeValue, ReceivedSpan } from '../../src/trace/trace.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'
import { expectExact, exported, imported, withSpans } from '../mapping/both-ways.js'
import { Host, liveRunOf, playLive } from './live-spans.js'

const journals = arbitraryJournal({ minLength: 0, maxLength: 60 })

/** A journal without connection strings: what a live run sends of it is all of it. */
const clean = journals.filter((journal) => redactorOf()(journal).redaction === undefined)

describe('import(live(j)) = import(export(j)) = j', () => {
  it('through spans of the SDK, with its default limits', () => {
    fc.assert(
      fc.property(clean, (journal) => {
        const host = new Host()
        const run = playLive(journal, host.tracer)
        const [fromLive, ...others] = host.runs()
        expect(others).toEqual([])
        expectExact(fromLive, journal)
        expect(fromLive).toMatchObject({ live: true, otherRevisions: [] })
        expect(stringifyJournal(run.journal)).toBe(stringifyJournal(journal))
        if (journal.entries.length === 0) return
        const [fromExport] = imported(exported(journal))
        expectExact(fromExport, journal)
        expect(fromLive?.status === 'exact' && fromLive.digest).toBe(journalDigest(journal))
        const [both, ...more] = imported([
          ...host.spans().map(fromReadableSpan),
          ...exported(journal),
        ])
        expect(more).toEqual([])
        expectExact(both, journal)
        expect(both).not.toHaveProperty('live')
        expect(both?.otherRevisions).toEqual([])
        expect(both?.traceIds).toHaveLength(
          (fromLive?.traceIds.length ?? 0) + (fromExport?.traceIds.length ?? 0),
        )
      }),
      { numRuns: propertyCases(60) },
    )
  })

  it('through OTLP JSON as the SDK writes it', () => {
    fc.assert(
      fc.property(clean, (journal) => {
        const host = new Host()
        playLive(journal, host.tracer)
        const bytes = JsonTraceSerializer.serializeRequest(host.spans()) ?? new Uint8Array()
        const { spans, problems } = decodeOtlpJson(parseJson(Buffer.from(bytes).toString()))
        expect(problems).toEqual([])
        expectExact(imported(spans)[0], journal)
      }),
      { numRuns: propertyCases(40) },
    )
  })

  it('keeps the limits of the SDK: nothing was dropped', () => {
    fc.assert(
      fc.property(clean, (journal) => {
        const host = new Host()
        playLive(journal, host.tracer)
        for (const span of host.spans()) {
          expect(Object.keys(span.attributes).length).toBeLessThanOrEqual(100)
          expect(span.events.length).toBeLessThanOrEqual(100)
          expect(span.droppedAttributesCount + span.droppedEventsCount).toBe(0)
          for (const event of span.events) expect(event.droppedAttributesCount ?? 0).toBe(0)
        }
      }),
      { numRuns: propertyCases(30) },
    )
  })
})

describe('what is lost or changed on the way', () => {
  it('never gives another journal that is said to be exact: any one attribute of any one span', () => {
    fc.assert(
      fc.property(
        clean,
        fc.nat(),
        fc.constantFrom(undefined, '', 'x', 0, 7, true),
        (journal, turn, value) => {
          const host = new Host()
          playLive(journal, host.tracer)
          const spans = host.spans().map(fromReadableSpan)
          const places = spans.flatMap(({ span }, at) => [
            ...Object.keys(span.attributes).map((name) => ({ at, event: -1, name })),
            ...span.events.flatMap(({ attributes }, event) =>
              Object.keys(attributes).map((name) => ({ at, event, name })),
            ),
          ])
          const place = places[turn % places.length]
          const changed = spans.map((received, at) =>
            at === place?.at ? withAttribute(received, place.event, place.name, value) : received,
          )
          for (const run of imported(changed)) {
            if (run.status === 'exact')
              expect(journalDigest(run.journal)).toBe(journalDigest(journal))
          }
        },
      ),
      { numRuns: propertyCases(60) },
    )
  })

  it('never makes it exact: any one event', () => {
    fc.assert(
      fc.property(clean, fc.nat(), (journal, turn) => {
        const host = new Host()
        playLive(journal, host.tracer)
        const spans = host.spans().map(fromReadableSpan)
        const events = spans.flatMap(({ span }) => span.events)
        const lost = events[turn % Math.max(events.length, 1)]
        if (lost === undefined) return
        const [run] = imported(
          withSpans(spans, (span) => ({ events: span.events.filter((event) => event !== lost) })),
        )
        expect(run?.status).toBe('incomplete')
      }),
      { numRuns: propertyCases(30) },
    )
  })
})

describe('where nothing is sent', () => {
  const nothing = [
    ['a sampler that drops everything', () => new Host({ sampler: new AlwaysOffSampler() }).tracer],
    ['no provider', () => trace.getTracer('rivet-otel', '1')],
  ] as const
  it.each(nothing)('the journal is kept all the same: %s', (_, tracerOf) => {
    fc.assert(
      fc.property(journals, (journal) => {
        const run = playLive(journal, tracerOf())
        expect(stringifyJournal(run.journal)).toBe(stringifyJournal(journal))
        expect(run.journal.longestChunkMs()).toBe(journal.longestChunkMs())
      }),
      { numRuns: propertyCases(30) },
    )
  })
})

describe('a crash in the middle', () => {
  it('is never exact, at whatever point, and what was ended is right', () => {
    fc.assert(
      fc.property(arbitraryJournal({ minLength: 0, maxLength: 25 }), (journal) => {
        const host = new Host()
        const run = liveRunOf(journal, host.tracer, { context: ROOT_CONTEXT })
        journal.entries.forEach((entry, i) => {
          const before = host.spans().length
          run.append(entry)
          if (host.spans().length === before) return
          const [found, ...others] = host.runs()
          expect(others).toEqual([])
          if (found === undefined) return
          if (found.status !== 'incomplete') throw new Error(`${found.status} at entry ${i}`)
          const soFar = new Set(journal.entries.slice(0, i + 1).map(textOf))
          for (const entry of found.fragment.entries) expect(soFar).toContain(textOf(entry))
        })
        run.end()
        expect(host.runs()[0]).toMatchObject({
          digest: journalDigest(redactorOf()(journal).journal),
        })
      }),
      { numRuns: propertyCases(20) },
    )
  })
})

describe('what is sent', () => {
  it('is redacted as the whole journal would be', () => {
    const secret = fc.constantFrom('postgres://ana:hunter2@db/shop', 'password=hunter2 host=db')
    const policy = { fields: ['files', 'keys'] as const, patterns: [/[a-c]+/gu] }
    fc.assert(
      fc.property(arbitraryJournal({ maxLength: 25 }), secret, (journal, message) => {
        const entry = {
          recorded_at: '2026-11-21T08:53:39Z',
          event: { Warning: { context: 'c', message } },
        }
        const entries = [...journal.entries, entry]
        // A run_id in which a pattern finds something is refused.
        const original = new RunJournal('1', journal.export_name, entries, journal.extra)
        for (const redaction of [undefined, policy]) {
          const host = new Host()
          const run = playLive(original, host.tracer, redaction === undefined ? {} : { redaction })
          const expected = redactorOf(redaction)(original)
          const [found] = host.runs()
          if (found?.status !== 'redacted') throw new Error(found?.status)
          expect(found.redaction).toBe(expected.redaction)
          expect(stringifyJournal(found.journal)).toBe(stringifyJournal(expected.journal))
          expect(stringifyJournal(run.journal)).toBe(stringifyJournal(original))
          const sent = JSON.stringify(
            host.spans().map(({ attributes, events, name, status }) => ({
              attributes,
              events,
              name,
              status,
            })),
          )
          expect(sent).not.toContain('hunter2')
        }
      }),
      { numRuns: propertyCases(20) },
    )
  })
})

function withAttribute(
  received: ReceivedSpan,
  event: number,
  name: string,
  value: AttributeValue | undefined,
): ReceivedSpan {
  const { [name]: _, ...rest } =
    (event < 0 ? received.span : received.span.events[event])?.attributes ?? {}
  const attributes = value === undefined ? rest : { ...rest, [name]: value }
  if (event < 0) return { ...received, span: { ...received.span, attributes } }
  const events = received.span.events.map((e, i) => (i === event ? { ...e, attributes } : e))
  return { ...received, span: { ...received.span, events } }
}

function textOf(entry: RunJournal['entries'][number]): string {
  return stringifyJournal(new RunJournal('', '', [entry]))
}
