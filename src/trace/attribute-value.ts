/**
 * What both OTLP codecs agree on about attribute values: which of them is an int, and how one is set.
 *
 * It knows neither JSON nor protobuf; how a value is spelled is the codecs' business.
 */
import type { AttributeValue } from './trace.js'

/**
 * Whether a number travels as an OTLP int: a safe integer. Everything else is a double, also −0
 * (an int has no sign of zero) and 2^60 (an integer that exact is a `bigint` here).
 *
 * @example
 * isOtlpInt(7) // true
 * isOtlpInt(0.5) // false
 */
export function isOtlpInt(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0)
}

/**
 * `Array.isArray` that also narrows readonly lists.
 *
 * @example
 * isValueList([1, 2]) // true
 */
export function isValueList(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value)
}

/**
 * Sets an attribute under exactly its key, also under `__proto__`. Of a key that comes twice the
 * last value counts.
 *
 * @example
 * setAttribute({}, 'rivet.chunk.index', 0) // { 'rivet.chunk.index': 0 }
 */
export function setAttribute(
  target: Record<string, AttributeValue>,
  key: string,
  value: AttributeValue,
): Record<string, AttributeValue> {
  if (key !== '__proto__') {
    target[key] = value
    return target
  }
  return Object.defineProperty(target, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}
