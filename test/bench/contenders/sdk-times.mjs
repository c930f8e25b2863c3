// The SDK's time, [seconds, nanoseconds], from rivet's; exact.

/** @typedef {[number, number]} HrTime */

/** @param {string} text As chrono writes it: 2026-11-21T08:53:39.134436857Z. @returns {HrTime} */
export function hrTime(text) {
  const seconds = Date.parse(`${text.slice(0, 19)}Z`) / 1000
  return [seconds, text.length > 20 ? Number(text.slice(20, -1).padEnd(9, '0')) : 0]
}

/** @param {HrTime} one @param {HrTime} other */
export function isBefore(one, other) {
  return one[0] < other[0] || (one[0] === other[0] && one[1] < other[1])
}

/** @param {HrTime} time @returns {HrTime} */
export function afterOneNano([seconds, nanos]) {
  return nanos === 999_999_999 ? [seconds + 1, 0] : [seconds, nanos + 1]
}

/** @param {HrTime} time @param {number} ms @returns {HrTime} */
export function earlierBy([seconds, nanos], ms) {
  const whole = Math.floor(ms / 1000)
  const rest = nanos - (ms - whole * 1000) * 1_000_000
  return rest < 0 ? [seconds - whole - 1, rest + 1_000_000_000] : [seconds - whole, rest]
}
