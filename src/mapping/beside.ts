/**
 * What goes out beside a run's own spans: extra spans in the same trace, each a page of its own, so
 * that one that comes late or changes is sent without the others.
 *
 * Their ids hash their own content, and they have no `rivet.run.revision`: the importer takes none of
 * them for a part of a journal.
 */
import type { RunJournal } from '../journal/run-journal.js'
import type { ResumedRun, RunRecord } from '../state/run-record.js'
import type { Attributes, Span, SpanContext, SpanLink } from '../trace/trace.js'
import { SpanKind } from '../trace/trace.js'
import { type AttributesInTheMaking, putText } from './attributes.js'
import { aboutRun, extraPage, type PageTopic } from './extra-page.js'
import { contentIdOf, spanIdsOf, traceIdOf } from './ids.js'
import type { MappingOptions } from './journal-to-trace.js'
import type { TracePage } from './page.js'
import { putRecord } from './record-attributes.js'
import { interruptedRootOf, linkToRun, rootOf } from './run-links.js'
import { rootTimes, type SpanTimes } from './run-period.js'
import { SIGNPOST_SPAN_NAME, TRACE_JOINED } from './signpost.js'
import { EntryTimes } from './times.js'

/** What is known beside the journal. */
export interface Surroundings {
  /** What the state database knows of the run. */
  readonly record?: RunRecord
  /** The span of the wrapper that started the run. */
  readonly wrapper?: SpanContext
}

type Subject = 'source' | 'resumed_run' | 'wrapper' | 'signpost'

/** What a span beside the journal's says of its own. */
interface SpanOfItsOwn {
  readonly name: string
  readonly kind: number
  readonly attributes: Attributes
  readonly links: readonly SpanLink[]
}

/**
 * The pages beside a run's own, for what is known: `source`, `resumed_run`, `wrapper`, and, where the
 * run is joined to another trace, `signpost`. None where nothing is known, nor for a journal without
 * entries, which has no place in time.
 *
 * @param options as the journal itself was mapped.
 * @example
 * pagesBeside(journal, { record }, { namespace: 'eu' }).map(({ subject }) => subject) // ['source']
 */
export function pagesBeside(
  journal: RunJournal,
  { record, wrapper }: Surroundings,
  options: MappingOptions = {},
): TracePage[] {
  if (journal.entries.length === 0) return []
  const run = new RunBeside(journal, options)
  return [
    ...(record === undefined ? [] : run.source(record)),
    ...(record?.resumed === undefined ? [] : run.resumedRun(record.resumed)),
    ...(wrapper === undefined ? [] : run.wrapper(wrapper)),
    ...run.signpost(),
  ]
}

/** A run that something is beside: everything that more than one such span needs. */
class RunBeside {
  readonly #journal: RunJournal
  readonly #options: MappingOptions
  readonly #about: Omit<PageTopic, 'subject'>
  /** The run's own trace, whether or not it is joined to another. */
  readonly #ownTraceId: string
  readonly #root: SpanContext
  #times: SpanTimes | undefined

  constructor(journal: RunJournal, options: MappingOptions) {
    const { namespace = '', revision = 0, joined } = options
    const { run_id: runId, export_name: exportName } = journal
    const key = { namespace, runId, page: 0, revision }
    this.#journal = journal
    this.#options = options
    this.#about = { runId, exportName, namespace }
    this.#ownTraceId = traceIdOf(key)
    this.#root = { traceId: joined?.traceId ?? this.#ownTraceId, spanId: spanIdsOf(key).root }
  }

  /** What the state database knows of the run; nothing where that is not more than the journal. */
  source(record: RunRecord): TracePage[] {
    const known: AttributesInTheMaking = {}
    putRecord(known, record, this.#journal)
    if (Object.keys(known).length === 0) return []
    const attributes = { ...aboutRun(this.#about), ...known }
    const span = { name: 'source', kind: SpanKind.CLIENT, attributes, links: [] }
    return [this.#childOfRoot('source', span)]
  }

  /** A link to the run that this one went on with. */
  resumedRun({ runId, hasJournal }: ResumedRun): TracePage[] {
    const key = { namespace: this.#about.namespace, runId }
    const attributes = aboutRun(this.#about)
    putText(attributes, 'rivet.resumed.run_id', runId)
    attributes['rivet.resumed.has_journal'] = hasJournal
    const links = [linkToRun(runId, hasJournal ? rootOf(key) : interruptedRootOf(key))]
    const span = { name: 'resumed run', kind: SpanKind.INTERNAL, attributes, links }
    return [this.#childOfRoot('resumed_run', span)]
  }

  /** A link to the span of what started the run; a joined run stands below that span already. */
  wrapper({ traceId, spanId }: SpanContext): TracePage[] {
    if (this.#options.joined !== undefined) return []
    const attributes = aboutRun(this.#about)
    const links = [{ traceId, spanId, attributes: {} }]
    return [
      this.#childOfRoot('wrapper', { name: 'wrapper', kind: SpanKind.INTERNAL, attributes, links }),
    ]
  }

  /** At the run's own trace id, where its spans are when they are in another trace. */
  signpost(): TracePage[] {
    if (this.#root.traceId === this.#ownTraceId) return []
    const attributes = { ...aboutRun(this.#about), [TRACE_JOINED]: this.#root.traceId }
    const links = [{ ...this.#root, attributes: {} }]
    const span = { name: SIGNPOST_SPAN_NAME, kind: SpanKind.INTERNAL, attributes, links }
    return [this.#page('signpost', { traceId: this.#ownTraceId }, span)]
  }

  #childOfRoot(subject: Subject, span: SpanOfItsOwn): TracePage {
    const { traceId, spanId: parentSpanId } = this.#root
    return this.#page(subject, { traceId, parentSpanId }, span)
  }

  #page(
    subject: Subject,
    place: Pick<Span, 'traceId' | 'parentSpanId'>,
    own: SpanOfItsOwn,
  ): TracePage {
    const { entries } = this.#journal
    this.#times ??= rootTimes(entries, new EntryTimes(entries))
    const content = { ...place, ...own, ...this.#times, events: [] }
    const span = { ...content, spanId: contentIdOf(content) }
    return extraPage({ subject, ...this.#about }, [span], this.#options.resource)
  }
}
