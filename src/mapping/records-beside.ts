/**
 * What stands beside a run's journal, read back: the inverse of `beside.ts`, for runs that are named.
 *
 * Nothing but those runs takes up memory, and of each of their revisions no more than one record.
 */
import type { ResumedRun, RunRecord } from '../state/run-record.js'
import type { ReceivedSpan, Span } from '../trace/trace.js'
import { spanIdsOf, type TraceKey } from './ids.js'
import { readableBoolean, readableText } from './readable-attribute.js'
import { takeRecord } from './record-attributes.js'

/** How a revision of a run is named. */
export interface RevisionName extends TraceKey {
  readonly revision: number
}

/** One run has few revisions: as many are looked through for the one that a span stands beside. */
const MOST_REVISIONS = 100

/**
 * Gathers what is known beside the journals of some runs. What was sent late, or again because it
 * had changed, stands beside what was sent before; a database only ever gets to know more, so what
 * says most is the newest.
 *
 * @example
 * const records = new RecordsBeside(new Set(['orders_1']))
 * for (const received of spans) records.add(received)
 * records.of({ namespace: '', runId: 'orders_1', revision: 0 })?.metrics?.rivetVersion // '0.32.2'
 */
export class RecordsBeside {
  readonly #wanted: ReadonlySet<string>
  readonly #known = new Map<string, Known>()

  /** @param wanted the run_ids of the runs that are asked for. */
  constructor(wanted: ReadonlySet<string>) {
    this.#wanted = wanted
  }

  /** Takes a span; any but what is known of a wanted run changes nothing. */
  add({ span }: ReceivedSpan): void {
    const read = READ_BY_NAME.get(span.name)
    if (read === undefined) return
    const runId = readableText(span.attributes, 'rivet.run.id')
    if (runId === undefined || !this.#wanted.has(runId)) return
    const namespace = readableText(span.attributes, 'rivet.run.namespace') ?? ''
    const revision = revisionAbove(span, { namespace, runId })
    if (revision === undefined) return
    const name = keyOf({ namespace, runId, revision })
    this.#known.set(name, withMore(this.#known.get(name) ?? {}, read(span)))
  }

  /** What is known beside a revision of a run; `undefined` where nothing is. */
  of(name: RevisionName): RunRecord | undefined {
    const { source, resumed } = this.#known.get(keyOf(name)) ?? {}
    if (source === undefined && resumed === undefined) return undefined
    const { runId } = name
    return {
      runId,
      exportName: source?.exportName ?? resumed?.exportName ?? '',
      ...(source === undefined ? { harm: [] } : takeRecord(source.span.attributes)),
      ...(resumed === undefined ? {} : { resumed: resumed.run }),
    }
  }
}

/** What is known of one revision. */
interface Known {
  readonly source?: { readonly span: Span; readonly exportName: string }
  readonly resumed?: { readonly run: ResumedRun; readonly exportName: string }
}

/** The spans that `beside.ts` writes of a record. */
const READ_BY_NAME: ReadonlyMap<string, (span: Span) => Known> = new Map([
  ['source', readSource],
  ['resumed run', readResumed],
])

function readSource(span: Span): Known {
  return { source: { span, exportName: exportNameOf(span) } }
}

function readResumed(span: Span): Known {
  const runId = readableText(span.attributes, 'rivet.resumed.run_id')
  const hasJournal = readableBoolean(span.attributes, 'rivet.resumed.has_journal')
  if (runId === undefined || hasJournal === undefined) return {}
  return { resumed: { run: { runId, hasJournal }, exportName: exportNameOf(span) } }
}

function exportNameOf({ attributes }: Span): string {
  return readableText(attributes, 'rivet.export.name') ?? ''
}

function revisionAbove({ parentSpanId }: Span, run: TraceKey): number | undefined {
  for (let revision = 0; revision < MOST_REVISIONS; revision++)
    if (spanIdsOf({ ...run, page: 0, revision }).root === parentSpanId) return revision
  return undefined
}

function withMore(held: Known, read: Known): Known {
  const source = whichSaysMore(held.source, read.source)
  return { ...held, ...read, ...(source === undefined ? {} : { source }) }
}

/** Where both say equally much, the ids decide, so that the answer follows no order of spans. */
function whichSaysMore(a: Known['source'], b: Known['source']): Known['source'] {
  if (a === undefined || b === undefined) return a ?? b
  const isB = sizeOf(b.span) - sizeOf(a.span) || (b.span.spanId > a.span.spanId ? 1 : -1)
  return isB > 0 ? b : a
}

function sizeOf({ attributes }: Span): number {
  return Object.keys(attributes).length
}

function keyOf({ namespace, runId, revision }: RevisionName): string {
  return JSON.stringify([namespace, runId, revision])
}
