/**
 * rivet's index over `export_name` and `finished_at` of the table `run_journal` in SQLite: within each
 * export it is in the order of the times, so the latest are found without the others, and without the
 * pages of the journals.
 */
import type { SqliteConnection } from './sqlite-connection.js'

/**
 * SQL, the beginning of a statement: the table `export(name)` of all names that stand in `export_name`.
 * Each costs one look into the index. Its last row is null and stands for the rows that name none, so a
 * row belongs to it that `IS` its name.
 */
export const EACH_EXPORT = `WITH RECURSIVE export(name) AS (
  SELECT min(export_name) FROM run_journal
  UNION ALL
  SELECT (SELECT min(export_name) FROM run_journal WHERE export_name > export.name)
    FROM export WHERE export.name IS NOT NULL)`

/**
 * Whether the table has the index; what is asked by it is found without it too, only by a pass over
 * the table for each export.
 *
 * @example
 * await access.read((db) => hasTimeIndex(db)) // true
 */
export function hasTimeIndex(db: SqliteConnection): boolean {
  const indexes = db.all(`SELECT group_concat(column.name) AS columns
    FROM pragma_index_list('run_journal') list, pragma_index_info(list.name) column
    WHERE list.partial = 0 GROUP BY list.name`)
  return indexes.some(({ columns }) => String(columns).startsWith('export_name,finished_at'))
}
