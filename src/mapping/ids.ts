/**
 * The ids of a run's traces and spans, computed, so that anyone finds a run from its run_id alone.
 *
 * With `H(list) = SHA-256(utf8(JSON.stringify(list)))`: a page's trace id is the first 16 bytes of
 * `H(["rivet-otel/1", namespace, run_id, page])`, and its span base the first 8 bytes, as a
 * big-endian u64, of `H(["rivet-otel/1", namespace, run_id, page, revision])`. Source: the mapping,
 * version 1 (docs/mapping.md), where test vectors stand.
 *
 * What is no run's journal has ids of its own: the trace of a run that was killed and that of a load
 * follow from the run_id and the load_id, an extra span's from its content.
 */
import { hash as digestOf } from 'node:crypto'
import { canonicalJson } from '../json/canonical.js'
import type { JsonObject } from '../json/lossless.js'
import type { Span } from '../trace/trace.js'

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
  return hash([MAPPING, namespace, runId, page]).slice(0, 32)
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
  const base = hash([MAPPING, namespace, runId, page, revision])
  const high = Number.parseInt(base.slice(0, 8), 16)
  const low = Number.parseInt(base.slice(8, 16), 16)
  return { root: hexOf(high, low), ofEntry: (index) => idAfter(high, low, index + 1) }
}

/** The id so many after another, mod 2^64; each is two halves of 32 bits. */
function idAfter(high: number, low: number, more: number): string {
  const sum = low + more
  const carry = Math.floor(sum / TWO_32)
  return hexOf((high + carry) >>> 0, sum >>> 0)
}

const TWO_32 = 2 ** 32

const DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

/** The hexadecimal digits of two halves of 32 bits. */
function hexOf(high: number, low: number): string {
  return String.fromCharCode(
    digit(high >>> 28),
    digit(high >>> 24),
    digit(high >>> 20),
    digit(high >>> 16),
    digit(high >>> 12),
    digit(high >>> 8),
    digit(high >>> 4),
    digit(high),
    digit(low >>> 28),
    digit(low >>> 24),
    digit(low >>> 20),
    digit(low >>> 16),
    digit(low >>> 12),
    digit(low >>> 8),
    digit(low >>> 4),
    digit(low),
  )
}

/** The char code of the hexadecimal digit of the lowest four bits. */
function digit(value: number): number {
  return DIGITS[value & 15] as number
}

/** What the ids of a trace beside the journals' depend on. */
export interface TraceKey {
  readonly namespace: string
  /** Of a load its load_id. */
  readonly runId: string
}

/** The ids of a trace that is no journal's: those of its spans have 16 lower-case hexadecimal digits. */
export interface TraceIds {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string
  /** The only span of the trace whose id does not follow from its content. */
  readonly root: string
}

/**
 * The ids of the trace of a run that was killed.
 *
 * @example
 * interruptedIdsOf({ namespace: '', runId: 'chunk_slow_20261121T085441.512_13211' }).traceId
 */
export function interruptedIdsOf(key: TraceKey): TraceIds {
  return traceIdsOf('interrupted', key)
}

/**
 * The ids of the trace of a load.
 *
 * @example
 * loadIdsOf({ namespace: '', runId: 'load_1:load:shop.public.orders' }).root
 */
export function loadIdsOf(key: TraceKey): TraceIds {
  return traceIdsOf('load', key)
}

function traceIdsOf(subject: 'interrupted' | 'load', { namespace, runId }: TraceKey): TraceIds {
  const digits = hash([MAPPING, subject, namespace, runId])
  return { traceId: digits.slice(0, 32), root: digits.slice(32, 48) }
}

/**
 * The id of an extra span: the first 8 bytes of SHA-256 of `["rivet-otel/1","extra",<span>]` in canonical
 * JSON, where the span is an object of everything that it has but its id. Never all zeros.
 *
 * @example
 * const span = { ...content, spanId: contentIdOf(content) }
 */
export function contentIdOf(content: Omit<Span, 'spanId'>): string {
  // A span of the mapping holds texts, ints, bools and lists only: it is JSON.
  const json = canonicalJson([MAPPING, 'extra', content as unknown as JsonObject])
  const id = digestOf('sha256', json, 'buffer').readBigUInt64BE(0)
  return spanId(id === 0n ? 1n : id)
}

/** Hexadecimal digits. */
function hash(list: readonly (string | number)[]): string {
  return digestOf('sha256', JSON.stringify(list))
}

function spanId(id: bigint): string {
  return BigInt.asUintN(64, id).toString(16).padStart(16, '0')
}
