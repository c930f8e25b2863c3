/** `--threads`: how many threads an export may use beside its own. */
import { wholeNumber } from '../http/setting.js'
import type { Target } from './target.js'

const MOST_THREADS = 64
/** What an export sends no faster than that it maps beside it; a thread would only take more of the machine. */
const SLOW_TRACES_PER_SECOND = 500

/**
 * The number of threads; `undefined` where the export decides.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` for what is no number of threads.
 * @example
 * threadsOf('0', target) // 0
 */
export function threadsOf(text: string | undefined, target: Target): number | undefined {
  if (text !== undefined)
    return wholeNumber(
      { text, name: '--threads', isFlag: true },
      { what: 'threads', least: 0, most: MOST_THREADS, otherwise: 0 },
    )
  const { tracesPerSecond = Number.POSITIVE_INFINITY } = target
  return tracesPerSecond <= SLOW_TRACES_PER_SECOND ? 0 : undefined
}
