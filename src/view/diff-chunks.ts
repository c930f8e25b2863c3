/** How the times of chunks moved between two runs. */
import type { MovedChunk, RunDiff } from './run-diff.js'
import type { AttemptView } from './run-view.js'

const MOST_MOVED = 20

/**
 * Compares the times of the chunks that both runs completed; of several completed attempts the last
 * counts. Chunks are the same by their keys where every one of them has any, else by their index.
 *
 * @example
 * diffChunks(a.attempts, b.attempts).moved[0]?.name // '25001 – 50000'
 */
export function diffChunks(
  a: readonly AttemptView[],
  b: readonly AttemptView[],
): RunDiff['chunks'] {
  const [timedInA, timedInB] = [a.filter(isTimed), b.filter(isTimed)]
  const haveKeys = [...timedInA, ...timedInB].every(({ keys }) => keys !== null)
  const nameOf = haveKeys ? keysOf : indexOf
  const byName = new Map(timedInA.map((attempt) => [nameOf(attempt), attempt]))
  const inBoth = [...new Map(timedInB.map((attempt) => [nameOf(attempt), attempt]))].flatMap(
    ([name, later]) => {
      const earlier = byName.get(name)
      return earlier === undefined ? [] : [movedChunk(earlier, later, haveKeys)]
    },
  )
  return {
    matched_by: inBoth.length === 0 ? null : haveKeys ? 'keys' : 'index',
    matched: inBoth.length,
    moved: inBoth
      .filter(({ a_ms, b_ms }) => a_ms !== b_ms)
      .sort((one, other) => moveOf(other) - moveOf(one))
      .slice(0, MOST_MOVED),
  }
}

interface TimedAttempt extends AttemptView {
  readonly duration_ms: number
}

function isTimed(attempt: AttemptView): attempt is TimedAttempt {
  return !attempt.failed && attempt.duration_ms !== null
}

function keysOf({ keys }: AttemptView): string {
  return JSON.stringify(keys)
}

function indexOf({ chunk }: AttemptView): string {
  return String(chunk)
}

function movedChunk(a: TimedAttempt, b: TimedAttempt, haveKeys: boolean): MovedChunk {
  const name = haveKeys && b.keys !== null ? b.keys.join(' – ') : `chunk ${b.chunk}`
  return { name, a_chunk: a.chunk, b_chunk: b.chunk, a_ms: a.duration_ms, b_ms: b.duration_ms }
}

function moveOf({ a_ms, b_ms }: MovedChunk): number {
  return Math.abs(b_ms - a_ms)
}
