/**
 * Work that is stopped when it takes too long: the patterns of a policy for redaction.
 *
 * A regular expression cannot be stopped from outside, except in a script that has a time limit.
 */
import { type Context, createContext, Script } from 'node:vm'

const WORK = new Script('work()')

/** Made once: it takes milliseconds, and a live run needs it for every entry. */
let sandbox: Context | undefined

/**
 * What some work comes to; `undefined` where it took longer than the limit and was stopped.
 *
 * @param limitMs in milliseconds
 * @example
 * within(20_000, () => redact(journal))
 */
export function within<T>(limitMs: number, work: () => T): T | undefined {
  sandbox ??= createContext({})
  let result: T | undefined
  sandbox.work = () => {
    result = work()
  }
  try {
    WORK.runInContext(sandbox, { timeout: limitMs })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined
    throw error
  } finally {
    // What it was about must not stay in memory.
    sandbox.work = undefined
  }
  return result
}
