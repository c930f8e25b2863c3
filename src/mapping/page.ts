/**
 * A page: the part of a run's spans that goes into one trace.
 *
 * Most runs are one page. Tempo drops what passes 5 MB a trace and still answers 200, so a larger
 * run goes out as several traces that link to the first.
 */
import type { Trace } from '../trace/trace.js'

/** One page of a run, ready to be sent. */
export interface TracePage {
  readonly runId: string
  readonly exportName: string
  readonly namespace: string
  readonly revision: number
  /** 0 for the page with the run's root span. */
  readonly page: number
  /** How many pages the run has. */
  readonly pages: number
  /** The digest of the journal. */
  readonly digest: string
  /** What the journal lacks because it was taken out before; absent where it lacks nothing. */
  readonly redaction?: string
  readonly trace: Trace
}
