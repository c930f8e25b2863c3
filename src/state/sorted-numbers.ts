/** Numbers in order, the smallest first: how many of them are up to a limit. */

/**
 * How many of the numbers are not greater than `most`.
 *
 * @param numbers in order
 * @example
 * countUpTo([1n, 3n, 3n, 7n], 3n) // 3
 */
export function countUpTo(numbers: readonly bigint[], most: bigint): number {
  let from = 0
  for (let to = numbers.length; from < to; ) {
    const middle = (from + to) >> 1
    if ((numbers[middle] ?? most) <= most) from = middle + 1
    else to = middle
  }
  return from
}
