/** What probes are made of that differs from one examination to the next. */
import { randomBytes } from 'node:crypto'
import type { ProbeSeed } from './probes.js'

/**
 * The time of now, and randomness for ids.
 *
 * @example
 * freshSeed().randomHex(8).length // 16
 */
export function freshSeed(): ProbeSeed {
  return {
    nowUnixNano: BigInt(Date.now()) * 1_000_000n,
    randomHex: (bytes) => randomBytes(bytes).toString('hex'),
  }
}
