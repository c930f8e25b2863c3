/** What it means that nothing came of something that was accepted. Pure judgement. */
import type { ServerKind } from '../location.js'
import { type Check, type Finding, finding } from './findings.js'
import { fixesFor, NOTHING_CAME_BACK } from './fixes.js'
import { PAGE_SIZE } from './probes.js'
import { OLD_RUN_DAYS } from './synthetic-run.js'

/** What it would be for a run; for a probe alone nothing is said. */
const MEANING: Partial<Record<Check, string>> = {
  page: `It has ${PAGE_SIZE}, as a page of a run may have, so large runs would be lost.`,
  burst: 'They were traces that were sent at once, so an export of many runs would lose some.',
  'old run': `It ended ${OLD_RUN_DAYS} days ago, so runs of long ago cannot be exported here, or not be read back later.`,
  run: 'It was a synthetic run of several pages.',
}

/**
 * The finding about something that was accepted and of which nothing came back, while other things
 * did.
 *
 * @example
 * judgeNothing('page', 10_000, 'tempo').mark // 'bad'
 */
export function judgeNothing(check: Check, waitMs: number, kind: ServerKind): Finding {
  const meaning = MEANING[check]
  const words = `It was accepted, and nothing of it came back within ${waitMs / 1000} s.`
  const own = fixesFor(check, kind)
  return finding(
    check,
    'bad',
    meaning === undefined ? words : `${words} ${meaning}`,
    own.length === 0 ? NOTHING_CAME_BACK : own,
  )
}

/**
 * The finding about a check where nothing at all came back: nothing is known but of the run, which is
 * lost.
 *
 * @example
 * judgeNothingAtAll('page', 10_000).mark // 'unknown'
 */
export function judgeNothingAtAll(check: Check, waitMs: number): Finding {
  if (check !== 'run') {
    return finding(check, 'unknown', 'Not measured, because nothing at all came back.')
  }
  return finding(
    check,
    'bad',
    `Everything was accepted, and nothing of it came back within ${waitMs / 1000} s, not even a trace of one span.`,
    NOTHING_CAME_BACK,
  )
}
