/** How long a watcher goes on that was told to stop. */

/** In ms: enough for a look and what came since the one before, and short beside what supervisors allow. */
const GRACE_MS = 5_000

/**
 * A signal that comes 5 s after another one. It keeps no process running.
 *
 * @example
 * const deadline = graceAfter(stopping)
 */
export function graceAfter(signal: AbortSignal): AbortSignal {
  const ending = new AbortController()
  const begin = () => {
    setTimeout(() => ending.abort(), GRACE_MS).unref()
  }
  if (signal.aborted) begin()
  else signal.addEventListener('abort', begin, { once: true })
  return ending.signal
}
