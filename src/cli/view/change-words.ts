/** How much a number changed, in words. */

/**
 * By which part something changed, in percent; `''` where that is not known.
 *
 * @param change 0.25 is a quarter more
 * @example
 * changeWords(0.25) // '+25%'
 * changeWords(-0.0204) // '-2.0%'
 * changeWords(-0.9996) // '-99.9%'
 */
export function changeWords(change: number | null): string {
  if (change === null) return ''
  const percent = Math.abs(change) * 100
  const sign = change < 0 ? '-' : '+'
  if (percent >= 1000) return change < 0 ? `${sign}100%` : `×${rounded(change + 1)}`
  if (percent > 0 && percent < 0.05) return `${sign}<0.1%`
  // Nothing is left only where nothing is left.
  if (change < 0 && percent > 99 && percent < 100) return `-${Math.min(percent, 99.9).toFixed(1)}%`
  return `${sign}${rounded(percent)}%`
}

/** Two digits that count. */
function rounded(number: number): string {
  return number < 9.95 ? number.toFixed(1) : Math.round(number).toLocaleString('en-US')
}
