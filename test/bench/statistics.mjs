// The few figures that the tables need.

/** @param {readonly number[]} numbers @returns {number} */
export function median(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/**
 * How many times as large one is as the other, round by round: what disturbs a round disturbs both. The median of the rounds.
 *
 * @param {readonly number[]} ones
 * @param {readonly number[]} others
 * @returns {number}
 */
export function ratioOf(ones, others) {
  return median(ones.map((one, i) => one / (others[i] ?? Number.NaN)))
}
