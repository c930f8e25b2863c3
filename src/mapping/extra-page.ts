/**
 * A page that is no journal's: what stands beside a run's own spans, and the traces of what is no run.
 *
 * Its digest is that of its spans, so that one that changes is known from one that does not.
 */
import { hash } from 'node:crypto'
import { canonicalJson } from '../json/canonical.js'
import type { JsonValue } from '../json/lossless.js'
import type { Attributes, Span } from '../trace/trace.js'
import { type AttributesInTheMaking, putText } from './attributes.js'
import { DEFAULT_RESOURCE, JOURNAL_SCOPE } from './journal-to-trace.js'
import type { PageSubject, TracePage } from './page.js'

/** What a page is about. */
export interface PageTopic {
  readonly subject: Exclude<PageSubject, 'journal'>
  /** Of a load its load_id, of the wrapper's own span its span id. */
  readonly runId: string
  readonly exportName: string
  readonly namespace: string
}

/**
 * A page of these spans. Its revision is 0: none of its spans depends on it, and who sends it again,
 * because it changed, counts it up.
 *
 * @example
 * extraPage({ subject: 'source', runId: 'orders_1', exportName: 'orders', namespace: '' }, [span]).digest
 */
export function extraPage(
  topic: PageTopic,
  spans: readonly Span[],
  resource: Attributes = DEFAULT_RESOURCE,
): TracePage {
  const json = canonicalJson(spans as unknown as JsonValue)
  return {
    ...topic,
    revision: 0,
    page: 0,
    pages: 1,
    digest: hash('sha256', json, 'hex'),
    trace: { resource, scope: JOURNAL_SCOPE, spans },
  }
}

/**
 * The attributes of every span that is about a run and is none of its journal: they lack the revision
 * that a journal's spans have.
 *
 * @example
 * aboutRun({ runId: 'orders_1', exportName: 'orders', namespace: '' })
 * // { 'rivet.run.id': 'orders_1', 'rivet.export.name': 'orders' }
 */
export function aboutRun({
  runId,
  exportName,
  namespace,
}: Omit<PageTopic, 'subject'>): AttributesInTheMaking {
  const attributes: AttributesInTheMaking = {}
  putText(attributes, 'rivet.run.id', runId)
  putText(attributes, 'rivet.export.name', exportName)
  if (namespace !== '') putText(attributes, 'rivet.run.namespace', namespace)
  return attributes
}
