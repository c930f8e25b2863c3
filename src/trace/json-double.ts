/** Doubles as proto3's JSON has them: words stand for what JSON cannot say. */
import type { JsonValue } from '../json/lossless.js'

const DECIMAL = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/

/**
 * A double that came as a number, decimal text, or one of the words that proto3 has for what JSON
 * cannot say; `undefined` where it is none.
 *
 * @example
 * readDouble('Infinity') // Infinity
 */
export function readDouble(value: JsonValue): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value)
  const number = typeof value === 'string' && DECIMAL.test(value) ? Number(value) : Infinity
  return Number.isFinite(number) ? number : undefined
}

/**
 * A double as proto3's JSON has it: what JSON cannot say is a text.
 *
 * @example
 * jsonDouble(Number.NaN) // 'NaN'
 */
export function jsonDouble(value: number): JsonValue {
  if (Object.is(value, -0)) return '-0'
  return Number.isFinite(value) ? value : String(value)
}
