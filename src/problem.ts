/**
 * The one error type of this project: wrong use and unusable input.
 *
 * It is not for imperfect data that can still be worked with; that comes back as a list of
 * problems beside the good part.
 */

/** What went wrong, as a stable code for programs. The text of an error may change, its code not. */
export type ProblemCode =
  | 'USAGE'
  | 'NOT_FOUND'
  | 'INVALID_JSON'
  | 'INVALID_JOURNAL'
  | 'INVALID_TRACE'
  | 'INVALID_SOURCE'
  | 'SOURCE_BUSY'
  | 'INVALID_CONFIGURATION'
  | 'UNREACHABLE'
  | 'UNWRITABLE'

/**
 * An error that says what was wrong, where, what was expected, and what to do about it.
 *
 * `message` is the whole sentence for people and never holds a secret or a stack trace; `code` is
 * for programs; `hint` is the next step, where one is known.
 *
 * @example
 * try {
 *   parseJournal('{"run_id": 7}')
 * } catch (error) {
 *   if (error instanceof RivetOtelError && error.code === 'INVALID_JOURNAL') console.error(error.message)
 * }
 */
export class RivetOtelError extends Error {
  override readonly name = 'RivetOtelError'
  readonly code: ProblemCode
  readonly hint: string | undefined
  /** Whether the place is there and is only not yet what it is to become: an empty file, no table. */
  readonly isNotYet: boolean

  constructor(
    code: ProblemCode,
    message: string,
    options: { hint?: string; cause?: unknown; isNotYet?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = options.hint
    this.isNotYet = options.isNotYet ?? false
  }
}

/**
 * The sentence inside anything that was thrown: an error's message, else its text.
 *
 * @example
 * reasonOf(new Error('no such file')) // 'no such file'
 */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
