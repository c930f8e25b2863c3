/**
 * What an OTLP message can hold, for the encoders of both encodings.
 *
 * The mapping stays within these limits by itself. Whoever makes a trace by hand learns here, from
 * a `RangeError`, what would otherwise go out cut or broken.
 */

/** The least and the greatest integer that an attribute can be. */
export const I64_MIN = -(2n ** 63n)
/** See {@link I64_MIN}. */
export const I64_MAX = 2n ** 63n - 1n

/** The latest time that OTLP can name, in nanoseconds since 1970: in the year 2554. */
export const MAX_UNIX_NANO = 2n ** 64n - 1n

/**
 * How many levels of lists and kvlists one attribute may have. protobuf libraries stop at about 100
 * nested messages, and each level here takes two or three.
 */
export const MAX_VALUE_DEPTH = 32

/** What a decoder says of an attribute beyond that. */
export const TOO_DEEP = `expected at most ${MAX_VALUE_DEPTH} levels of lists and objects, got more`

/**
 * Gives an integer back when it fits an OTLP int.
 *
 * @throws {RangeError} where it is beyond 64 bits.
 * @example
 * checkedInt64(9223372036854775807n) // 9223372036854775807n
 */
export function checkedInt64(value: bigint): bigint {
  if (value >= I64_MIN && value <= I64_MAX) return value
  throw new RangeError(
    `an integer attribute is ${value}; OTLP holds ${I64_MIN} to ${I64_MAX}, so send it as decimal text`,
  )
}

/**
 * Gives a time back when OTLP can hold it.
 *
 * @param value nanoseconds since 1970
 * @throws {RangeError} where it is before 1970 or after {@link MAX_UNIX_NANO}.
 * @example
 * checkedUnixNano(1795251219134436857n) // 1795251219134436857n
 */
export function checkedUnixNano(value: bigint): bigint {
  if (value >= 0n && value <= MAX_UNIX_NANO) return value
  throw new RangeError(
    `a time is ${value} ns since 1970; OTLP holds 0 to ${MAX_UNIX_NANO} (1970 to 2554)`,
  )
}

/**
 * Gives the number of levels that are left inside a list or kvlist.
 *
 * @throws {RangeError} where there are none left.
 * @example
 * oneLevelDeeper(MAX_VALUE_DEPTH) // 31
 */
export function oneLevelDeeper(levels: number): number {
  if (levels > 0) return levels - 1
  throw new RangeError(
    `the lists and objects of an attribute nest deeper than ${MAX_VALUE_DEPTH} levels; send it as JSON text`,
  )
}
