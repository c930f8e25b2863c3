/**
 * The ids of a run's traces and spans, computed, so that anyone finds a run from its run_id alone.
 *
 * With `H(list) = SHA-256(utf8(JSON.stringify(list)))`: a page's trace id is the first 16 bytes of
 * `H(["rivet-otel/1", namespace, run_id, page])`, and its span base the first 8 bytes, as a
 * big-endian u64, of `H(["rivet-otel/1", namespace, run_id, page, revision])`. Source: the mapping,
 * version 1 (docs/mapping.md), where test vectors stand.
 */
import { createHash } from 'node:crypto'

const MAPPING = 'rivet-otel/1'

/** What the ids of a page depend on. */
export interface PageKey {
  /** Tells apart state databases whose run_ids may be the same; `''` where there is one. */
  readonly namespace: string
  readonly runId: string
  readonly page: number
  /** 0 for the first journal that was sent under a run_id, 1 for the next, and so on. */
  readonly revision: number
}

/**
 * The trace id of one page of a run: 32 lower-case hexadecimal digits. It is the same for every
 * revision.
 *
 * @example
 * traceIdOf({ namespace: '', runId: 'orders_20261121T085339.134_11188', page: 0 })
 * // 'c3bde0ddc359ac2423e3095a715b3412'
 */
export function traceIdOf({ namespace, runId, page }: Omit<PageKey, 'revision'>): string {
  return hash([MAPPING, namespace, runId, page]).toString('hex', 0, 16)
}

/** The span ids of one page: 16 lower-case hexadecimal digits each. */
export interface SpanIds {
  /** The page's root span. */
  readonly root: string
  /** The span that the entry with this index opens. */
  ofEntry(index: number): string
}

/**
 * The span ids of one page of one revision of a run.
 *
 * @example
 * spanIdsOf({ namespace: '', runId: 'orders_20261121T085339.134_11188', page: 0, revision: 0 }).root
 * // 'b36d1caeb2e67c87'
 */
export function spanIdsOf({ namespace, runId, page, revision }: PageKey): SpanIds {
  const base = hash([MAPPING, namespace, runId, page, revision]).readBigUInt64BE(0)
  return { root: spanId(base), ofEntry: (index) => spanId(base + 1n + BigInt(index)) }
}

function hash(list: readonly (string | number)[]): Buffer {
  return createHash('sha256').update(JSON.stringify(list), 'utf8').digest()
}

function spanId(id: bigint): string {
  return BigInt.asUintN(64, id).toString(16).padStart(16, '0')
}
