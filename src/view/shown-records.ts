/** What a state database says of a run, as it is shown: without the passwords of connection strings. */
import { withoutConnectionSecrets } from '../journal/connection-secrets.js'

/** What may stand in a row: plain data. */
type Plain = string | number | bigint | boolean | undefined | readonly Plain[] | object

/**
 * The same data without the passwords in any of its texts.
 *
 * @example
 * shownRecords(run).record.status?.source // 'postgres://ana:***@db:5432/shop'
 */
export function shownRecords<T extends object>(rows: T): T {
  return shown(rows) as T
}

function shown(value: Plain): Plain {
  if (typeof value === 'string') return withoutConnectionSecrets(value)
  if (typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(shown)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shown(member)]))
}
