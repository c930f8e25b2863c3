/** Runs in the order of one of their columns. */
import { ascending } from '../sources/selection.js'
import type { RunRow } from './run-row.js'

/** What runs can be sorted by, as a person names it. */
export const RUN_ORDERS = [
  'started',
  'duration',
  'rows',
  'bytes',
  'files',
  'chunks',
  'retries',
  'longest-chunk',
  'status',
  'export',
] as const

/** What runs can be sorted by. */
export type RunOrder = (typeof RUN_ORDERS)[number]

/**
 * The runs in the order of a column, the largest last, what is not known first. By status, those that
 * went well come first and those that failed last. Runs that are equal keep their order.
 *
 * @example
 * sortRuns(rows, 'duration').at(-1) // the run that took longest
 */
export function sortRuns(rows: readonly RunRow[], order: RunOrder): RunRow[] {
  const key = KEYS[order]
  return rows
    .map((row) => ({ row, key: key(row) }))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ row }) => row)
}

type Key = bigint | string | undefined

const KEYS: { readonly [order in RunOrder]: (row: RunRow) => Key } = {
  started: ({ startUnixNano }) => startUnixNano,
  duration: ({ durationMs }) => whole(durationMs),
  rows: ({ rows }) => whole(rows),
  bytes: ({ bytes }) => whole(bytes),
  files: ({ files }) => whole(files),
  chunks: ({ chunks }) => whole(chunks),
  retries: ({ retries }) => whole(retries),
  'longest-chunk': ({ longestChunkMs }) => whole(longestChunkMs),
  status: statusKey,
  export: ({ exportName }) => exportName,
}

function whole(value: number | bigint | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value)
}

const FROM_GOOD_TO_BAD = ['success', 'skipped', 'running', 'interrupted', 'failed']
const WITH_CONCERNS = 'success '

/** A status that this version does not know may be anything, and stands before the bad ones. */
function statusKey({ status, concerns }: RunRow): string | undefined {
  if (status === undefined) return undefined
  const rank = FROM_GOOD_TO_BAD.indexOf(status)
  const place = rank < 0 ? 2 : rank
  return `${place}${status === 'success' && concerns.length > 0 ? WITH_CONCERNS : status}`
}

function compare(a: Key, b: Key): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined)
  return typeof a === 'bigint' && typeof b === 'bigint'
    ? ascending(a, b)
    : ascending(String(a), String(b))
}
