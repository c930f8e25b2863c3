/**
 * Asks for several things at once and hands the answers over in the order of the questions.
 *
 * It runs ahead by so many and no more, so that a slow reader is not buried.
 */

/** How many requests to one backend are under way at once. */
export const READS_UNDER_WAY = 4

/**
 * The answers to all items, in order. The first that fails ends it with its error.
 *
 * @param ahead how many answers are waited for at once
 * @param ask is told by the signal that nobody waits for its answer any longer
 * @example
 * for await (const content of inOrder(traceIds, 4, (id) => backend.trace(id))) …
 */
export async function* inOrder<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  ahead: number,
  ask: (item: T, signal: AbortSignal) => Promise<R>,
): AsyncGenerator<R> {
  const asked: Promise<R>[] = []
  const leaving = new AbortController()
  try {
    for await (const item of items) {
      const answer = ask(item, leaving.signal)
      // One that fails while an earlier one is still waited for is no unhandled rejection.
      answer.catch(() => {})
      asked.push(answer)
      if (asked.length >= ahead) yield* next(asked)
    }
    while (asked.length > 0) yield* next(asked)
  } finally {
    leaving.abort()
  }
}

async function* next<R>(asked: Promise<R>[]): AsyncGenerator<R> {
  const first = asked.shift()
  if (first !== undefined) yield await first
}
