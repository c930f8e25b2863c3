/**
 * Attributes and times as the OpenTelemetry API for JavaScript takes them.
 *
 * Only types of the API are imported. Integers that it cannot carry (beyond ±(2^53 − 1), where a
 * `bigint` becomes an empty value) go as decimal text, which the importer takes for an integer; so
 * does a list with one of them. Values that the mapping never writes and the API has no type for
 * (bytes, objects, mixed lists, null) go as JSON text.
 */
import type { HrTime, Attributes as SdkAttributes } from '@opentelemetry/api'
import { type JsonValue, stringifyJson } from '../json/lossless.js'
import { isValueList } from './attribute-value.js'
import type { Attributes, AttributeValue } from './trace.js'

type SdkValue = NonNullable<SdkAttributes[string]>

/**
 * Attributes as the API takes them.
 *
 * @example
 * toSdkAttributes({ 'rivet.file.bytes': 18446744073709551615n }) // { 'rivet.file.bytes': '18446744073709551615' }
 */
export function toSdkAttributes(attributes: Attributes): SdkAttributes {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, toValue(value)]))
}

/**
 * Nanoseconds since 1970 as the API's pair of seconds and nanoseconds, which holds them exactly.
 *
 * @example
 * toHrTime(1795251219134436857n) // [1795251219, 134436857]
 */
export function toHrTime(nanos: bigint): HrTime {
  return [Number(nanos / 1_000_000_000n), Number(nanos % 1_000_000_000n)]
}

function toValue(value: AttributeValue): SdkValue {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' || typeof value === 'bigint') return toNumber(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return (isValueList(value) ? toList(value) : undefined) ?? stringifyJson(toJson(value))
}

function toNumber(value: number | bigint): number | string {
  if (typeof value === 'number' && !Number.isInteger(value)) return value
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(BigInt(value))
}

/** The SDK's lists have one type of items; `undefined` for a list that has several. */
function toList(list: readonly AttributeValue[]): SdkValue | undefined {
  if (list.every((item) => typeof item === 'string')) return [...list]
  if (list.every((item) => typeof item === 'boolean')) return [...list]
  if (!list.every((item) => typeof item === 'number' || typeof item === 'bigint')) return undefined
  const numbers = list.map(toNumber)
  return numbers.every((item) => typeof item === 'number') ? numbers : numbers.map(String)
}

function toJson(value: AttributeValue): JsonValue {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (isValueList(value)) return value.map(toJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]))
}
