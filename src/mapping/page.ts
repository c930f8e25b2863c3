/**
 * A page: the part of a run's spans that goes into one trace.
 *
 * Most runs are one page. Tempo drops what passes 5 MB a trace and still answers 200, so a larger
 * run goes out as several traces that link to the first.
 */
import type { Trace } from '../trace/trace.js'

/**
 * What a page is about. `journal`: a run's own spans. Beside them, each a page of its own in the
 * run's trace: `source`, what the state database knows; `resumed_run`, a link to the run that it went
 * on with; `wrapper`, a link to the span of what started it; `signpost`, where its spans are, when
 * they are in another trace. `interrupted`: the trace of a run that was killed. `load`: the trace of a
 * load. `exec`: the span of the wrapper itself.
 */
export type PageSubject =
  | 'journal'
  | 'source'
  | 'resumed_run'
  | 'wrapper'
  | 'signpost'
  | 'interrupted'
  | 'load'
  | 'exec'

/** Which page it is: of what, and how much of it. */
export interface PageName {
  /** Default `journal`. */
  readonly subject?: PageSubject
  /** The run; of a load its load_id. */
  readonly runId: string
  readonly exportName: string
  readonly namespace: string
  readonly revision: number
  /** 0 for the page with the run's root span. */
  readonly page: number
  /** How many pages the run has. */
  readonly pages: number
  /** The digest of the journal; of anything else, of the page's spans. */
  readonly digest: string
  /** What the journal lacks because it was taken out before; absent where it lacks nothing. */
  readonly redaction?: string
}

/** One page of a run, ready to be sent. */
export interface TracePage extends PageName {
  /** Of a page that came encoded, it is read back each time that it is asked for. */
  readonly trace: Trace
  /** The same spans in bytes, where that was done before. */
  readonly encoded?: EncodedSpans
}

/** The encodings of OTLP/HTTP. */
export type SpanEncodingName = 'protobuf' | 'json'

/** The spans of a page as a part of a request: one `ResourceSpans`. */
export interface EncodedSpans {
  readonly encoding: SpanEncodingName
  readonly bytes: Uint8Array
  /** What is kept of the page. */
  readonly page: SentPage
}

/** A page that is on its way, or was: its spans are let go as soon as they are encoded. */
export interface SentPage extends PageName {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string
  /** How many spans it has. */
  readonly spans: number
}

/**
 * What is kept of a page on its way.
 *
 * @example
 * sentPage(page).spans // 17
 */
export function sentPage(page: TracePage): SentPage {
  if (page.encoded !== undefined) return page.encoded.page
  const { trace, ...name } = page
  return { ...name, traceId: trace.spans[0]?.traceId ?? '', spans: trace.spans.length }
}
