/** What is said of one attempt. The words are those of the terminal's waterfall. */

import type { AttemptView } from '../../view/run-view.js'
import { countText } from '../parts/counts.js'

/**
 * What is out of the ordinary about an attempt, the worst first; empty for one that just completed.
 *
 * @example
 * attemptStates(attempt) // ['✗ failed', 'attempt 2']
 */
export function attemptStates(attempt: AttemptView): string[] {
  const { failed, attempt: number, recovered, timing, longest, again } = attempt
  const states: string[] = []
  if (failed) states.push('✗ failed')
  if (number !== null && Number(number) > 1) states.push(`attempt ${countText(number)}`)
  if (recovered) states.push('recovered')
  if (timing === 'start_only') states.push('no end recorded')
  if (timing === 'clamped') states.push('times unusable')
  if (longest) states.push('longest')
  if (again) states.push('again')
  return states
}

/**
 * The range of keys of an attempt; `''` where it is not known.
 *
 * @example
 * keysText(attempt) // '1251 – 1500'
 */
export function keysText({ keys }: AttemptView): string {
  return keys === null ? '' : `${keys[0]} – ${keys[1]}`
}

/**
 * A chunk with its keys, as a sentence names it.
 *
 * @example
 * chunkName(attempt) // 'chunk 5 (keys 1251 – 1500)'
 */
export function chunkName(attempt: AttemptView): string {
  const keys = keysText(attempt)
  return `chunk ${attempt.chunk}${keys === '' ? '' : ` (keys ${keys})`}`
}

/** The signs of attempts without a duration, as in the terminal. */
export const TIMING_SIGNS = { end_only: '◆', start_only: '▸', clamped: '◇' } as const

/** What these signs mean. */
export const TIMING_MEANINGS = {
  end_only: 'its end; when it started was not recorded',
  start_only: 'its start; when it ended was not recorded',
  clamped: 'its times contradict each other',
} as const
