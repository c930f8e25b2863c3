/** The integers of a journal. Apart from the events, so that what runs in a browser need not know these. */

/** An integer of a journal: `number` within ±(2^53 − 1), `bigint` beyond. */
export type Integer = number | bigint
