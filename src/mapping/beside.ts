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
import { putText } from './attributes.js'
import { aboutRun, extraPage, type PageTopic } from './extra-page.js'
import { contentIdOf, traceIdOf } from './ids.js'
import type { MappingOptions } from './journal-to-trace.js'
import type { TracePage } from './page.js'
import { putRecord } from './record-attributes.js'
import { interruptedRootOf, linkToRun, rootOf } from './run-links.js'
import { RunToMap } from './run-to-map.js'
import { SIGNPOST_SPAN_NAME, TRACE_JOINED } from './signpost.js'

/** What is known beside the journal. */
export interface Surroundings {
  /** The root of its first page, where it is at hand; it is made once more where it is not. */
  readonly root?: Span
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
  { root, record, wrapper }: Surroundings,
  options: MappingOptions = {},
): TracePage[] {
  if (journal.entries.length === 0) return []
  const isAny = record !== undefined || wrapper !== undefined || options.joined !== undefined
  if (!isAny) return []
  const run = new RunBeside(journal, root ?? new RunToMap(journal, options).root(0), options)
  return [
    ...(record === undefined ? [] : run.source(record)),
    ...(record?.resumed === undefined ? [] : run.resumedRun(record.resumed)),
    ...(wrapper === undefined ? [] : run.wrapper(wrapper)),
    ...run.signpost(),
  ]
}

/** A run that something is beside: everything that more than one such span needs. */
class RunBeside {
  readonly #root: Span
  readonly #options: MappingOptions
  readonly #about: Omit<PageTopic, 'subject'>

  constructor(journal: RunJournal, root: Span, options: MappingOptions) {
    const { run_id: runId, export_name: exportName } = journal
    this.#root = root
    this.#options = options
    this.#about = { runId, exportName, namespace: options.namespace ?? '' }
  }

  /** What the state database knows of the run; nothing where that is not more than the journal. */
  source(record: RunRecord): TracePage[] {
    const attributes = aboutRun(this.#about)
    const least = Object.keys(attributes).length
    putRecord(attributes, record, this.#root.attributes)
    if (Object.keys(attributes).length === least) return []
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
    if (this.#options.joined === undefined) return []
    const { namespace, runId } = this.#about
    const ownTraceId = traceIdOf({ namespace, runId, page: 0 })
    const { traceId, spanId } = this.#root
    if (traceId === ownTraceId) return []
    const attributes = { ...aboutRun(this.#about), [TRACE_JOINED]: traceId }
    const links = [{ traceId, spanId, attributes: {} }]
    const span = { name: SIGNPOST_SPAN_NAME, kind: SpanKind.INTERNAL, attributes, links }
    return [this.#page('signpost', { traceId: ownTraceId }, span)]
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
    const { startTimeUnixNano, endTimeUnixNano } = this.#root
    const content = { ...place, ...own, startTimeUnixNano, endTimeUnixNano, events: [] }
    const span = { ...content, spanId: contentIdOf(content) }
    return extraPage({ subject, ...this.#about }, [span], this.#options.resource)
  }
}
