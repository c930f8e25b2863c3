/**
 * The types of an event's fields: what rivet's serde writes for each, and how a value is held against it.
 *
 * A field that is `nullable` may be null or absent, one that is `optional` may be absent.
 */
import { isJsonObject, isList, type JsonObject, type JsonValue } from '../json/lossless.js'
import type { Integer } from './integer.js'

/** How a value is held against a type. */
type Shape = 'text' | 'boolean' | 'object' | 'texts' | 'text triples' | IntegerShape
type IntegerShape = 'i64' | 'u64' | 'u32'

/** The type of a field whose value is a `T`. */
export interface FieldType<T> {
  readonly shape: Shape
  readonly mayBeAbsent: boolean
  readonly mayBeNull: boolean
  /** Only for the compiler: no field type has it. */
  readonly value?: T
}

/** What is wrong with a value: where in it, and what was expected there. */
export interface FieldProblem {
  /** Names of members and places in lists, the outermost first; empty for the value itself. */
  readonly path: readonly (string | number)[]
  /** For example `expected string`. */
  readonly expected: string
}

/** The fields of one kind of event, by their types. Fields of a newer rivet may stand beside them. */
export type FieldsOf<Types extends Readonly<Record<string, FieldType<unknown>>>> = {
  readonly [F in keyof Types as undefined extends ValueOf<Types[F]> ? never : F]: ValueOf<Types[F]>
} & {
  readonly [F in keyof Types as undefined extends ValueOf<Types[F]> ? F : never]?: ValueOf<Types[F]>
} & { readonly [field: string]: unknown }

type ValueOf<Type> = Type extends FieldType<infer T> ? T : never

/** A `String` of rivet. */
export const text: FieldType<string> = typeOf('text')
/** A `bool` of rivet. */
export const boolean: FieldType<boolean> = typeOf('boolean')
/** A signed integer of 64 bits. */
export const i64: FieldType<Integer> = typeOf('i64')
/** An unsigned integer of 64 bits. */
export const u64: FieldType<Integer> = typeOf('u64')
/** An unsigned integer of 32 bits. */
export const u32: FieldType<Integer> = typeOf('u32')
/** Any JSON object. */
export const object: FieldType<JsonObject> = typeOf('object')
/** A list of texts. */
export const texts: FieldType<readonly string[]> = typeOf('texts')
/** A list of lists of three texts. */
export const textTriples: FieldType<readonly (readonly [string, string, string])[]> =
  typeOf('text triples')

/**
 * A type whose field may be absent.
 *
 * @example
 * optional(boolean).mayBeAbsent // true
 */
export function optional<T>(type: FieldType<T>): FieldType<T | undefined> {
  return { shape: type.shape, mayBeAbsent: true, mayBeNull: false }
}

/**
 * A type whose field may be null or absent.
 *
 * @example
 * nullable(text).mayBeNull // true
 */
export function nullable<T>(type: FieldType<T>): FieldType<T | null | undefined> {
  return { shape: type.shape, mayBeAbsent: true, mayBeNull: true }
}

/**
 * Whether a value is of a type.
 *
 * @example
 * isOfType(7, i64) // true
 */
export function isOfType(
  value: JsonValue | undefined,
  { shape, mayBeAbsent, mayBeNull }: FieldType<unknown>,
): boolean {
  switch (shape) {
    case 'text':
      if (typeof value === 'string') return true
      break
    case 'boolean':
      if (typeof value === 'boolean') return true
      break
    case 'object':
      if (isJsonObject(value)) return true
      break
    case 'texts':
      if (isList(value) && value.every(isText)) return true
      break
    case 'text triples':
      if (isList(value) && value.every(isTriple)) return true
      break
    default:
      if (isInteger(value, shape)) return true
  }
  return value === undefined ? mayBeAbsent : value === null && mayBeNull
}

/**
 * What is wrong with a value that {@link isOfType} refused.
 *
 * @example
 * problemIn(['nick', 7], texts) // { path: [1], expected: 'expected string' }
 */
export function problemIn(
  value: JsonValue | undefined,
  { shape }: FieldType<unknown>,
): FieldProblem {
  if (!isList(value) || !LISTS.has(shape)) return { path: [], expected: EXPECTED[shape] }
  const at = value.findIndex((item) => !(shape === 'texts' ? isText(item) : isTriple(item)))
  const item = value[at]
  if (shape === 'texts') return { path: [at], expected: EXPECTED.text }
  if (!isList(item) || item.length !== 3)
    return { path: [at], expected: 'expected a list of three strings' }
  return { path: [at, item.findIndex((part) => !isText(part))], expected: EXPECTED.text }
}

const LISTS: ReadonlySet<Shape> = new Set(['texts', 'text triples'])

const I64_MAX = 2n ** 63n - 1n
const U64_MAX = 2n ** 64n - 1n
const U32_MAX = 2n ** 32n - 1n

const LIMITS: Readonly<Record<IntegerShape, { readonly min: bigint; readonly max: bigint }>> = {
  i64: { min: -I64_MAX - 1n, max: I64_MAX },
  u64: { min: 0n, max: U64_MAX },
  u32: { min: 0n, max: U32_MAX },
}

const EXPECTED: Readonly<Record<Shape, string>> = {
  text: 'expected string',
  boolean: 'expected boolean',
  object: 'expected an object',
  texts: 'expected array',
  'text triples': 'expected array',
  i64: integerWords('i64'),
  u64: integerWords('u64'),
  u32: integerWords('u32'),
}

function typeOf<T>(shape: Shape): FieldType<T> {
  return { shape, mayBeAbsent: false, mayBeNull: false }
}

function integerWords(shape: IntegerShape): string {
  const { min, max } = LIMITS[shape]
  return `expected an integer (${shape}: ${min} to ${max})`
}

function isInteger(value: JsonValue | undefined, shape: IntegerShape): boolean {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) return false
    return shape === 'i64' || (value >= 0 && (shape === 'u64' || value <= 0xffff_ffff))
  }
  const { min, max } = LIMITS[shape]
  return typeof value === 'bigint' && value >= min && value <= max
}

function isText(value: JsonValue | undefined): value is string {
  return typeof value === 'string'
}

function isTriple(value: JsonValue): boolean {
  return isList(value) && value.length === 3 && value.every(isText)
}
