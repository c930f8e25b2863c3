/** Tells the news of an index soon after it changed: once for all that comes within a moment. */
import type { RunIndex } from './run-index.js'

const SOON_MS = 100
/** How many times as long as telling took is waited before the next time. */
const REST = 20

/**
 * Tells from now on; gives back how to stop it.
 *
 * @example
 * const stop = tellNews(index)
 */
export function tellNews(index: RunIndex): () => void {
  let waiting: NodeJS.Timeout | undefined
  let tookMs = 0
  const tell = () => {
    waiting = undefined
    const began = performance.now()
    index.tell()
    tookMs = performance.now() - began
  }
  const stop = index.onChange(() => {
    waiting ??= setTimeout(tell, Math.max(SOON_MS, tookMs * REST)).unref()
  })
  return () => {
    stop()
    clearTimeout(waiting)
  }
}
