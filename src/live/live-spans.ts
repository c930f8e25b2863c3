/**
 * The spans of one run that goes on: a root from its beginning to its end, a span for each attempt at a
 * chunk, and spans named `entries` for what finds no room on the root.
 *
 * Each entry stands on exactly one of them, as in an exported trace, so that the same importer reads both.
 * A span is ended as soon as it can be: what was ended is out when the program crashes. It knows
 * nothing of redaction; what it is given leaves.
 */
import { type Context, type Span, type Tracer, trace } from '@opentelemetry/api'
import { journalDigest } from '../journal/digest.js'
import { openEvent } from '../journal/events.js'
import { chunkIndexKey, type JournalEntry, type RunJournal } from '../journal/run-journal.js'
import { MAX_ATTRIBUTES, withinCount } from '../mapping/attribute-limit.js'
import type { AttributesInTheMaking } from '../mapping/attributes.js'
import { timingOf } from '../mapping/chunk-attempts.js'
import { attemptToSpan, CHUNK_SPAN_NAME } from '../mapping/chunk-span.js'
import { entryToEvent } from '../mapping/entry-event.js'
import { EntrySizes } from '../mapping/entry-sizes.js'
import { EventList } from '../mapping/event-list.js'
import { LIVE_ROOT } from '../mapping/journal-span.js'
import { putRun, putRunStatus, type RunNames, runAttributes } from '../mapping/run-attributes.js'
import { ENTRIES_SPAN_NAME } from '../mapping/run-to-map.js'
import { toHrTime, toSdkAttributes } from '../trace/sdk-attributes.js'
import type { Attributes, SpanEvent } from '../trace/trace.js'
import { addEvent, endWith, sending } from './host-span.js'
import { LiveTimes } from './live-times.js'

/** An attempt at a chunk that goes on. */
interface RunningChunk {
  readonly span: Span
  /** The index of its ChunkStarted. */
  readonly start: number
  readonly attributes: Attributes
  /** When its span is over where nothing ends it, in nanoseconds since 1970. */
  readonly endUnixNano: bigint
}

/** A span named `entries` that has room. */
interface OpenEntries {
  readonly span: Span
  readonly events: EventList
  readonly startUnixNano: bigint
  endUnixNano: bigint
}

/** Shares of {@link MAX_ATTRIBUTES}: what says which run it is, the start of a chunk, and its end. */
const MOST_NAMES = 30
const MOST_OF_A_START = 30
const MOST_OF_AN_END = MAX_ATTRIBUTES - MOST_NAMES - MOST_OF_A_START - 1

/**
 * The spans of one run.
 *
 * @example
 * const spans = new LiveSpans(tracer, context.active(), journal, { namespace: '', revision: 0 }, startUnixNano)
 * spans.add(entry)
 * spans.end(undefined)
 */
export class LiveSpans {
  /** With the run's root as the active span. */
  readonly context: Context
  readonly #tracer: Tracer
  readonly #root: Span
  readonly #startUnixNano: bigint
  /** What is sent, entry by entry. */
  readonly #journal: RunJournal
  readonly #times: LiveTimes
  readonly #common: AttributesInTheMaking
  readonly #sizes: EntrySizes
  readonly #rootEvents: EventList
  readonly #running = new Map<string, RunningChunk>()
  /** The chunks that an attempt at was ended: a further end belongs to it, and opens no span. */
  readonly #ended = new Set<string>()
  #entries: OpenEntries | undefined
  #spans = 0

  /**
   * Starts the root.
   *
   * @param journal without entries, as it may leave; entries are added to it
   */
  constructor(
    tracer: Tracer,
    parent: Context,
    journal: RunJournal,
    names: RunNames,
    startUnixNano: bigint,
  ) {
    this.#tracer = tracer
    this.#journal = journal
    this.#startUnixNano = startUnixNano
    this.#times = new LiveTimes(startUnixNano)
    this.#sizes = new EntrySizes(journal.entries, this.#times)
    this.#rootEvents = new EventList(this.#sizes)
    const attributes = withinCount(runAttributes(journal, names), MOST_NAMES)
    this.#root = this.#start(`export ${journal.export_name}`, startUnixNano, attributes, parent)
    const { spanId } = this.#root.spanContext()
    this.#root.setAttribute(LIVE_ROOT, spanId)
    this.#common = { [LIVE_ROOT]: spanId, ...attributes }
    this.context = trace.setSpan(parent, this.#root)
  }

  /** Adds the next entry, as it may leave. */
  add(entry: JournalEntry): void {
    const index = this.#take(entry)
    sending(() => this.#send(index, entry))
  }

  /** Counts the next entry, which must not leave: it will be missed. */
  withhold({ recorded_at }: JournalEntry): void {
    this.#take({ recorded_at, event: 'withheld' })
  }

  /** Ends every span, the root last; it says what the whole run was. */
  end(redaction: string | undefined): void {
    for (const { span, endUnixNano } of this.#running.values())
      sending(() => span.end(toHrTime(endUnixNano)))
    this.#running.clear()
    sending(() => this.#endEntries())
    sending(() => this.#endRoot(redaction))
  }

  #send(index: number, entry: JournalEntry): void {
    const opened = openEvent(entry.event)
    switch (opened.kind) {
      case 'ChunkStarted':
        this.#startChunk(index, chunkIndexKey(opened.fields.chunk_index))
        return
      case 'ChunkCompleted':
      case 'ChunkFailed': {
        const failed = opened.kind === 'ChunkFailed'
        this.#endChunk(index, chunkIndexKey(opened.fields.chunk_index), failed)
        return
      }
      default:
        this.#addEvent(index)
    }
  }

  #endRoot(redaction: string | undefined): void {
    const attributes: AttributesInTheMaking = {
      'rivet.trace.page': 0,
      'rivet.trace.spans': this.#spans,
    }
    putRun(attributes, this.#journal, { pages: 1, digest: journalDigest(this.#journal), redaction })
    const status = putRunStatus(attributes, this.#journal)
    this.#root.setAttributes(
      toSdkAttributes(withinCount(attributes, MAX_ATTRIBUTES - countOf(this.#common))),
    )
    if (status !== undefined) this.#root.setStatus(status)
    this.#root.end(toHrTime(after(this.#startUnixNano, this.#times.latest)))
  }

  #take(entry: JournalEntry): number {
    this.#times.add(entry)
    return this.#journal.entries.push(entry) - 1
  }

  #startChunk(start: number, chunk: string): void {
    const before = this.#running.get(chunk)
    before?.span.end(toHrTime(before.endUnixNano))
    const attempt = { start, failed: false, timing: 'start_only' } as const
    const parts = attemptToSpan(attempt, this.#journal.entries, this.#times, {})
    const { attributes, startTimeUnixNano, endTimeUnixNano: endUnixNano } = parts
    const span = this.#startChild(
      CHUNK_SPAN_NAME,
      startTimeUnixNano,
      withinCount(attributes, MOST_OF_A_START),
    )
    this.#running.set(chunk, { span, start, attributes, endUnixNano })
  }

  #endChunk(end: number, chunk: string, failed: boolean): void {
    const running = this.#running.get(chunk)
    if (running !== undefined) {
      this.#running.delete(chunk)
      this.#ended.add(chunk)
      const timing = timingOf(running.start, end, this.#times)
      const attempt = { start: running.start, end, failed, timing }
      const parts = attemptToSpan(attempt, this.#journal.entries, this.#times, {})
      const attributes = changed(running.attributes, parts.attributes)
      endWith(running.span, { ...parts, attributes }, MOST_OF_AN_END)
    } else if (this.#ended.has(chunk)) {
      this.#addEvent(end)
    } else {
      const attempt = { end, failed, timing: 'end_only' } as const
      const parts = attemptToSpan(attempt, this.#journal.entries, this.#times, {})
      const span = this.#startChild(CHUNK_SPAN_NAME, parts.startTimeUnixNano, {})
      endWith(span, parts, MOST_OF_AN_END)
    }
  }

  #addEvent(index: number): void {
    const entry = this.#journal.entries[index]
    if (entry === undefined) return
    const event = entryToEvent(entry, index, this.#times)
    if (this.#rootEvents.take(index)) {
      addEvent(this.#root, event)
      return
    }
    if (this.#entries === undefined || !this.#entries.events.take(index)) {
      this.#endEntries()
      this.#entries = this.#openEntries(index, event)
    }
    const { span, events, startUnixNano, endUnixNano } = this.#entries
    addEvent(span, event)
    this.#entries.endUnixNano = after(startUnixNano, event.timeUnixNano, endUnixNano)
    if (events.isFull) this.#endEntries()
  }

  #openEntries(index: number, event: SpanEvent): OpenEntries {
    const startUnixNano = event.timeUnixNano
    const events = new EventList(this.#sizes)
    events.takeFirst(index)
    const span = this.#startChild(ENTRIES_SPAN_NAME, startUnixNano, {})
    return { span, events, startUnixNano, endUnixNano: startUnixNano }
  }

  #endEntries(): void {
    const open = this.#entries
    this.#entries = undefined
    open?.span.end(toHrTime(open.endUnixNano))
  }

  #startChild(name: string, startUnixNano: bigint, attributes: Attributes): Span {
    return this.#start(name, startUnixNano, { ...this.#common, ...attributes }, this.context)
  }

  #start(name: string, startUnixNano: bigint, attributes: Attributes, parent: Context): Span {
    this.#spans++
    const startTime = toHrTime(startUnixNano)
    return this.#tracer.startSpan(
      name,
      { startTime, attributes: toSdkAttributes(attributes) },
      parent,
    )
  }
}

/** The attributes that were not there before, or have another value. */
function changed(before: Attributes, now: Attributes): AttributesInTheMaking {
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => before[name] !== value))
}

/** The latest of some times, and no earlier than 1 ns after the start: no span is shorter. */
function after(start: bigint, ...times: readonly (bigint | undefined)[]): bigint {
  let latest = start + 1n
  for (const time of times) if (time !== undefined && time > latest) latest = time
  return latest
}

function countOf(attributes: Attributes): number {
  return Object.keys(attributes).length
}
