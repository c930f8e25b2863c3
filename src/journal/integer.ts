/** The integers of a journal. Apart from the events, so that what runs in a browser need not know these. */

/** An integer of a journal: `number` within ±(2^53 − 1), `bigint` beyond. */
export type Integer = number | bigint

/**
 * Whether a value is one of the two; that it has no fraction is for the type of its field to check.
 *
 * @example
 * isInteger(7n) // true
 */
export function isInteger(value: unknown): value is Integer {
  return typeof value === 'number' || typeof value === 'bigint'
}
