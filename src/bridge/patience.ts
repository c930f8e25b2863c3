/**
 * How long one waits for something that is on its way: one limit for all that is waited for.
 */
import { setTimeout as sleep } from 'node:timers/promises'

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 2000
/** A Tempo that puts a trace from one place to another answers for some 30 ms that it does not know it. */
const A_MOMENT_MS = 500

/**
 * A wait with a limit.
 *
 * @example
 * const patience = new Patience(10_000)
 */
export class Patience {
  readonly #until: number

  /** @param ms how long from now on; 0 is not at all. */
  constructor(ms: number) {
    this.#until = performance.now() + ms
  }

  /**
   * Asks again, with pauses that double, until the answer will do or the limit is reached; gives the
   * last answer. However short the limit, a second answer is asked for, a moment after the first.
   *
   * @param signal ends it with the answer that it has
   * @example
   * await patience.until(() => fetchRun(backend, name), ({ runs }) => runs.length > 0, signal)
   */
  async until<T>(
    ask: () => Promise<T>,
    willDo: (answer: T) => boolean,
    signal?: AbortSignal,
  ): Promise<T> {
    for (let asked = 1, pause = FIRST_PAUSE_MS; ; asked++) {
      const answer = await ask()
      if (willDo(answer) || signal?.aborted) return answer
      const left = this.#until - performance.now()
      if (left <= 0 && asked > 1) return answer
      const isLast = left <= pause
      await rest(isLast ? Math.max(left, asked === 1 ? A_MOMENT_MS : 0) : pause, signal)
      if (signal?.aborted) return answer
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS)
    }
  }
}

async function rest(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {})
}
