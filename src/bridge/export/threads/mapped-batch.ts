/**
 * What goes to a thread and comes back: some journals as bytes, and their pages, encoded.
 */
import type { RedactionPolicy } from '../../../journal/redaction.js'
import type { SentPage, SpanEncodingName } from '../../../mapping/page.js'
import type { Selection } from '../../../sources/source.js'
import type { Attributes } from '../../../trace/trace.js'
import type { PreparedRun, UnfitRun } from '../prepared-run.js'

/** What all journals of an export are mapped with; each goes out as if nothing of its run was there. */
export interface MappingSetup {
  readonly selection: Selection
  readonly redaction: RedactionPolicy
  readonly namespace: string
  readonly resource: Attributes | undefined
  readonly encoding: SpanEncodingName
}

/** Some journals, undecoded. */
export interface JournalBatch {
  /** One after the other; it may have room behind them. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Each with where it stood, and where in `bytes` it ends. */
  readonly journals: readonly { readonly where: string; readonly end: number }[]
}

/** A page and its spans. */
export interface MappedPage {
  readonly page: SentPage
  readonly bytes: Uint8Array
}

/** A journal that may go out, with its pages as revision 0. */
export interface MappedRun
  extends Pick<PreparedRun, 'where' | 'runId' | 'listing' | 'digest' | 'redaction'> {
  readonly kind: 'mapped'
  readonly pages: readonly MappedPage[]
}

/** The journals of a batch in their order; `undefined` for those that are not wanted. */
export type MappedBatch = readonly (MappedRun | UnfitRun | undefined)[]

/** What a thread gives back: what it made of a batch, and the memory that the batch was in. */
export interface ThreadAnswer {
  readonly runs: MappedBatch
  readonly bytes: Uint8Array<ArrayBuffer>
}
