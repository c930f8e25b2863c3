/**
 * What TraceQL can carry, whatever is asked: how long a query may be, and how a text stands in it.
 */

/**
 * How long a query may be, in bytes.
 *
 * Tempo reads a query in parts of 1,024 bytes, and looks ahead in a copy of its reader where an
 * attribute or a number begins. Where that look reaches into the next part, the part is lost: the
 * query is refused (`col 1025: syntax error: unexpected $end`), or, where another part follows, may
 * mean something else. A query of one part is always read as it stands.
 */
export const MOST_QUERY_BYTES = 1024

/**
 * A text as TraceQL quotes it, which is as Go does; that knows every escape that JSON has.
 *
 * @example
 * quoted('a "b"') // '"a \\"b\\""'
 */
export function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed())
}
