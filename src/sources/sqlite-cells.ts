/**
 * The cells of a SQLite database that are to hold a text.
 *
 * SQLite lets any cell hold anything, so a text is asked for as its bytes: what is null, a number or
 * no valid text is told from what is.
 */
import type { Cell } from './journal-row.js'
import type { SqliteConnection, SqliteValue } from './sqlite-connection.js'

/** What a value of {@link asBytes} says. */
export type CellReader = (value: SqliteValue | undefined) => Cell

/**
 * The SQL that asks for a text as its bytes, under the name of its column.
 *
 * @example
 * `SELECT ${asBytes('run_id')} FROM run_journal`
 */
export function asBytes(column: string): string {
  return `CASE typeof(${column}) WHEN 'text' THEN CAST(${column} AS BLOB) ELSE typeof(${column}) END AS ${column}`
}

/**
 * Reads what {@link asBytes} asked for: bytes are a text in the database's encoding; a string names
 * the type of what is no text.
 *
 * @example
 * const cellOf = cellReader(db)
 */
export function cellReader(db: SqliteConnection): CellReader {
  const [row] = db.all('SELECT encoding FROM pragma_encoding')
  const encoding = String(row?.encoding ?? 'UTF-8')
  const decoder = new TextDecoder(encoding.toLowerCase(), { fatal: true, ignoreBOM: true })
  return (value) => {
    if (!(value instanceof Uint8Array)) return { problem: `expected a text, got ${value} value` }
    try {
      return { text: decoder.decode(value) }
    } catch {
      return {
        problem: `expected a text, got ${value.length} bytes that are not valid ${encoding}`,
      }
    }
  }
}
