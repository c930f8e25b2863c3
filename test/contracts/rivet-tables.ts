/**
 * rivet's tables as its releases made them, as far as anything here reads them, and rows in them: SQL
 * for SQLite and for PostgreSQL.
 *
 * The statements are those of rivet 0.32.2, `src/state/migrations.rs`, by the version of its schema.
 */

/** A database that understands the statements. */
export type Dialect = 'sqlite' | 'postgres'

/** A row: the columns that are left out have their defaults. */
export interface TableRow {
  readonly table: string
  readonly values: { readonly [column: string]: string | number | bigint | null }
}

/** The newest version of rivet's schema that is known here. */
export const NEWEST = 38

const MIGRATIONS: readonly (readonly [version: number, sql: string])[] = [
  [
    1,
    `CREATE TABLE export_metrics (
      id SERIAL_KEY, export_name TEXT NOT NULL, run_at TEXT NOT NULL, duration_ms INTEGER NOT NULL,
      total_rows INTEGER NOT NULL, peak_rss_mb INTEGER, status TEXT NOT NULL, error_message TEXT,
      tuning_profile TEXT, format TEXT, mode TEXT, files_produced INTEGER DEFAULT 0,
      bytes_written INTEGER DEFAULT 0, retries INTEGER DEFAULT 0, run_id TEXT);
    CREATE TABLE file_manifest (
      id SERIAL_KEY, run_id TEXT NOT NULL, export_name TEXT NOT NULL, file_name TEXT NOT NULL,
      row_count INTEGER NOT NULL, bytes INTEGER NOT NULL, format TEXT NOT NULL, compression TEXT,
      created_at TEXT NOT NULL)`,
  ],
  [
    2,
    `CREATE TABLE chunk_run (
      run_id TEXT PRIMARY KEY, export_name TEXT NOT NULL, plan_hash TEXT NOT NULL,
      status TEXT NOT NULL, max_chunk_attempts INTEGER NOT NULL DEFAULT 3,
      created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
    CREATE TABLE chunk_task (
      id SERIAL_KEY, run_id TEXT NOT NULL, chunk_index INTEGER NOT NULL, start_key TEXT NOT NULL,
      end_key TEXT NOT NULL, status TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
      last_error TEXT, rows_written INTEGER, file_name TEXT, updated_at TEXT NOT NULL,
      UNIQUE(run_id, chunk_index))`,
  ],
  [
    7,
    `CREATE TABLE run_journal (
      run_id TEXT PRIMARY KEY, export_name TEXT NOT NULL, finished_at TEXT NOT NULL,
      journal_json TEXT NOT NULL);
    CREATE INDEX idx_run_journal_export ON run_journal(export_name, finished_at DESC)`,
  ],
  [
    8,
    `ALTER TABLE file_manifest RENAME TO file_log;
    CREATE INDEX idx_file_log_export ON file_log(export_name, id DESC)`,
  ],
  [
    9,
    `ALTER TABLE export_metrics ADD COLUMN pg_temp_bytes_delta INTEGER;
    ALTER TABLE export_metrics ADD COLUMN chunk_size INTEGER;
    ALTER TABLE export_metrics ADD COLUMN parallel INTEGER;
    ALTER TABLE export_metrics ADD COLUMN source_type TEXT;
    ALTER TABLE export_metrics ADD COLUMN rivet_version TEXT`,
  ],
  [
    11,
    `CREATE TABLE export_harm (
      id SERIAL_KEY, run_id TEXT NOT NULL, export_name TEXT NOT NULL, metric TEXT NOT NULL,
      delta INTEGER NOT NULL, recorded_at TEXT NOT NULL);
    CREATE INDEX idx_export_harm_run ON export_harm(run_id)`,
  ],
  [
    13,
    `CREATE TABLE load_run (
      load_id TEXT PRIMARY KEY, export_name TEXT NOT NULL, target_table TEXT NOT NULL,
      warehouse TEXT NOT NULL, mode TEXT NOT NULL, source_run_ids TEXT NOT NULL,
      rows_loaded INTEGER NOT NULL, status TEXT NOT NULL, finished_at TEXT NOT NULL)`,
  ],
  [
    17,
    `CREATE TABLE run_status (
      run_id TEXT PRIMARY KEY, export_name TEXT NOT NULL, prefix TEXT NOT NULL,
      status TEXT NOT NULL, started_at TEXT NOT NULL, finished_at TEXT)`,
  ],
  [18, 'ALTER TABLE export_metrics ADD COLUMN error_class TEXT'],
  [
    21,
    `CREATE UNIQUE INDEX export_metrics_one_running_per_run
      ON export_metrics(run_id) WHERE status = 'running'`,
  ],
  [23, 'ALTER TABLE export_metrics ADD COLUMN bytes_read INTEGER'],
  [
    32,
    `CREATE INDEX idx_file_log_run ON file_log(run_id, file_name);
    CREATE INDEX idx_export_metrics_export ON export_metrics(export_name, id DESC)`,
  ],
  [36, 'ALTER TABLE run_status ADD COLUMN source TEXT'],
  [37, 'ALTER TABLE run_status ADD COLUMN plan_id TEXT'],
]

/** The statements that make the tables of a version, from 7 on, which has the first journals. */
export function rivetTables(dialect: Dialect, version = NEWEST): string[] {
  return MIGRATIONS.flatMap(([since, sql]) => (since <= version ? sql.split(';\n') : [])).map(
    (sql) =>
      dialect === 'sqlite'
        ? sql.replace('SERIAL_KEY', 'INTEGER PRIMARY KEY AUTOINCREMENT')
        : sql.replace('SERIAL_KEY', 'BIGSERIAL PRIMARY KEY').replaceAll(' INTEGER', ' BIGINT'),
  )
}

/** The statement that puts a row in. */
export function insertionOf({ table, values }: TableRow): string {
  const columns = Object.keys(values).join(', ')
  return `INSERT INTO ${table} (${columns}) VALUES (${Object.values(values).map(literal).join(', ')})`
}

function literal(value: string | number | bigint | null): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
  return value === null ? 'NULL' : String(value)
}
