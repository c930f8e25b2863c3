/** What a place said to what was sent to it. Pure judgement. */
import { type Check, type Finding, finding, type Mark } from './findings.js'
import { COLLECTOR_SIZE, fixesForRefusal } from './fixes.js'
import { PAGE_SIZE } from './probes.js'
import type { Sent } from './sender.js'
import { OLD_RUN_DAYS } from './synthetic-run.js'

const WORDS: Partial<Record<Check, string>> = {
  page: `A trace of ${PAGE_SIZE}, as large as a page of a run,`,
  run: 'A synthetic run of several pages',
  'old run': `A run that ended ${OLD_RUN_DAYS} days ago`,
  burst: 'A burst of traces',
}

/** A Tempo with tenants answers 503 and these words where none is named, as if that could pass. */
const TENANT =
  'Here: --tenant <name>, because the server has tenants; for an export that is --header X-Scope-OrgID=<name>.'

/**
 * What it means that the first probe was accepted, or was not.
 *
 * @example
 * judgeFirst(sent, 'http://localhost:4318/v1/traces').mark // 'ok'
 */
export function judgeFirst(sent: Sent, location: string): Finding {
  const [problem] = sent.problems
  return problem === undefined
    ? finding('sending', 'ok', `${location} answers, lets us send, and accepts a small trace.`)
    : finding('sending', 'bad', `${problem}.`, /no org id/.test(problem) ? [TENANT] : [])
}

/**
 * The finding about something that was not accepted whole; `undefined` where it was.
 *
 * @param fitting a size of requests with which it got through
 * @example
 * judgeRefusal('page', sent)?.mark // 'bad'
 */
export function judgeRefusal(check: Check, sent: Sent, fitting?: number): Finding | undefined {
  const [problem] = sent.problems
  if (problem === undefined) return undefined
  const words = WORDS[check]
  // What no run has may be refused without harm to any.
  const mark: Mark = words === undefined ? 'unknown' : 'bad'
  return finding(
    check,
    mark,
    words === undefined
      ? `Not measured, because the probe was not accepted: ${problem}.`
      : `${words} is not accepted: ${problem}.`,
    sent.isUnreachable || words === undefined ? [] : fixesForRefusal(problem, fitting),
  )
}

/**
 * What is known of something that was accepted and cannot be read back.
 *
 * @example
 * judgeAccepted('page').mark // 'unknown'
 */
export function judgeAccepted(check: Check): Finding {
  return finding(check, 'unknown', 'Accepted; what became of it is not known without --in.')
}

/**
 * What is known of something after which nobody answered any more.
 *
 * @example
 * judgeGone('burst', false).sentence // 'Not sent, because nobody answers any more.'
 */
export function judgeGone(check: Check, isAccepted: boolean): Finding {
  return isAccepted
    ? finding(check, 'unknown', 'Accepted, and not looked for, because nobody answers any more.')
    : finding(check, 'unknown', 'Not sent, because nobody answers any more.')
}

/**
 * What the place asked for while it was sent to.
 *
 * @param waits what was tried again, one sentence each
 * @example
 * judgeWaiting(['answered 429; trying again in 2 s'])?.mark // 'limited'
 */
export function judgeWaiting(waits: readonly string[]): Finding | undefined {
  const [first] = waits
  if (first === undefined) return undefined
  return finding(
    'waiting',
    'limited',
    `It asked to wait ${waits.length === 1 ? 'once' : `${waits.length} times`} (${first}). Exports take longer.`,
    [
      'Here: a longer --retry-for gives a busy place more time, a smaller --concurrency less to do.',
    ],
  )
}

/**
 * What the place was found to refuse for its size.
 *
 * @param notices what was found and what mends it, one sentence each
 * @example
 * judgeRequests(['requests of 4000000 bytes are too large there'])?.mark // 'limited'
 */
export function judgeRequests(notices: readonly string[]): Finding | undefined {
  const last = notices.at(-1)
  if (last === undefined) return undefined
  return finding('requests', 'limited', `${last}. Exports take longer.`, [COLLECTOR_SIZE])
}
