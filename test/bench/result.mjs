// What a part measured: tables of rows, each row with its rounds and, where something is promised, a ratio and its goal.
import { median, ratioOf } from './statistics.mjs'

/**
 * @typedef {import('./rounds.mjs').Measurement} Measurement
 *
 * @typedef {object} Ratio
 * @property {number} value
 * @property {'× as fast' | '× as long' | ' % of a core'} unit What the number counts: `3.4× as fast`.
 * @property {number} [atMost] The goal.
 * @property {number} [atLeast] The goal.
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {Measurement[]} rounds
 * @property {number} [entries] How many entries one round takes, for a rate.
 * @property {Ratio} [ratio]
 * @property {number} [peakAtMost] The goal for the peak memory, in bytes.
 *
 * @typedef {object} Table
 * @property {string} title
 * @property {string} [ratioTitle] What the ratios compare.
 * @property {Row[]} rows
 * @property {string[]} [notes]
 */

/** Whether the goal of a ratio holds; undefined where there is none. @param {Ratio | undefined} ratio */
export function ratioHolds(ratio) {
  if (ratio?.atMost === undefined && ratio?.atLeast === undefined) return undefined
  return (
    ratio.value <= (ratio.atMost ?? Number.POSITIVE_INFINITY) && ratio.value >= (ratio.atLeast ?? 0)
  )
}

/** Whether the goal for the memory of a row holds; undefined where there is none. @param {Row} row */
export function peakHolds({ peakAtMost, rounds }) {
  if (peakAtMost === undefined) return undefined
  return rounds.every(({ peakBytes }) => peakBytes <= peakAtMost)
}

/** Whether all that a row promises holds; undefined where it promises nothing. @param {Row} row */
export function rowHolds(row) {
  const held = [ratioHolds(row.ratio), peakHolds(row)].filter((one) => one !== undefined)
  return held.length === 0 ? undefined : held.every(Boolean)
}

/**
 * How many times as fast `one` is as `other`.
 *
 * @param {readonly Measurement[]} one
 * @param {readonly Measurement[]} other
 * @param {{ atLeast?: number, by?: 'ms' | 'wallMs' }} [goal]
 * @returns {Ratio}
 */
export function timesAsFast(one, other, { by = 'ms', ...goal } = {}) {
  return { value: ratioOf(times(other, by), times(one, by)), unit: '× as fast', ...goal }
}

/**
 * How many times as long `one` takes as `other`.
 *
 * @param {readonly Measurement[]} one
 * @param {readonly Measurement[]} other
 * @param {{ atMost?: number, by?: 'ms' | 'wallMs' }} [goal]
 * @returns {Ratio}
 */
export function timesAsLong(one, other, { by = 'ms', ...goal } = {}) {
  return { value: ratioOf(times(one, by), times(other, by)), unit: '× as long', ...goal }
}

/**
 * How many times as long one takes as the other by their medians, where they had not as many rounds.
 *
 * @param {readonly Measurement[]} one
 * @param {readonly Measurement[]} other
 * @param {number} atMost
 * @returns {Ratio}
 */
export function mediansAsLong(one, other, atMost) {
  const value = median(times(one, 'ms')) / median(times(other, 'ms'))
  return { value, unit: '× as long', atMost }
}

/** @param {readonly Measurement[]} rounds @param {'ms' | 'wallMs'} by */
function times(rounds, by) {
  return rounds.map((round) => round[by])
}
