/** Random decisions that a seed and a name decide alone, whatever else happens in the meantime. */
import { createHash } from 'node:crypto'

/** Draws from one sequence of random numbers. */
export interface SeededRandom {
  /** A number from 0 up to 1. */
  next(): number
  /** A whole number from 0 to `most`, both included. */
  upTo(most: number): number
  /** One of them. */
  pick<T>(choices: readonly [T, ...T[]]): T
}

/** The sequence that belongs to these names; the same names always give the same one. */
export function seededRandom(...names: readonly (string | number)[]): SeededRandom {
  let state = createHash('sha256').update(JSON.stringify(names)).digest().readUInt32BE(0)
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    next,
    upTo: (most) => Math.floor(next() * (most + 1)),
    pick: ([first, ...others]) => {
      const index = Math.floor(next() * (others.length + 1))
      return index === 0 ? first : (others[index - 1] ?? first)
    },
  }
}
