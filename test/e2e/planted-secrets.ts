/** Secrets that are put where a user could put them, and the search for them in whatever came out. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { kindOf } from '../../src/journal/events.js'
import { type JsonObject, stringifyJson } from '../../src/json/lossless.js'
import { at, EVERY_KIND } from '../journal/example-journals.js'
import type { WritableDatabase } from '../sources/places.js'
import { put, putLoad, putMetrics, putStatus } from '../sources/state-rows.js'
import type { Finished } from './command-line.js'

const SECRETS: string[] = []

/** A secret that occurs nowhere else. */
export function secret(): string {
  SECRETS.push(`pl4nted${SECRETS.length + 1}x`)
  return SECRETS.at(-1) ?? ''
}

/** How many secrets there are. */
export function howMany(): number {
  return SECRETS.length
}

/** The secrets that stand in a text, as they are, in base64, or as the password of basic authentication. */
export function found(text: string): string[] {
  return SECRETS.filter((secret) => spellings(secret).some((spelling) => text.includes(spelling)))
}

function spellings(secret: string): string[] {
  return [secret, `ana:${secret}`, `:${secret}`].flatMap((text) => [
    text,
    Buffer.from(text).toString('base64').replace(/=+$/, ''),
  ])
}

/** The URL of a database. */
export const DSN = `postgres://ana:${secret()}@db.example/shop`

/** What an error, a query or a warning may hold. */
export const WORDS = [
  `cannot reach ${DSN}`,
  `mongodb+srv://ana:${secret()}@a.example,b.example/x redis://:${secret()}@cache:6379/0`,
  `jdbc:sqlserver://db:1433;user=sa;password=${secret()};encrypt=true`,
  `host=db user=ana password=${secret()} dbname=x`,
  `Driver={PostgreSQL};UID=ana;PWD={${secret()}};`,
  `PGPASSWORD=${secret()} psql`,
  `GET https://b.s3.example/k?X-Amz-Signature=${secret()}&x=1: 403`,
  `Authorization: Bearer ${secret()}`,
  `X-Api-Key: ${secret()}`,
  `{"user":"ana","password":"${secret()}"}`,
  `CREATE USER ana WITH PASSWORD '${secret()}'; CREATE USER b IDENTIFIED BY '${secret()}';`,
  `ALTER ROLE ana PASSWORD E'${secret()}'; ALTER ROLE b PASSWORD $$${secret()}$$;`,
  `SELECT id FROM users WHERE password = '${secret()}' OR password = $1`,
].join('\n')

const entries = EVERY_KIND.map((event, i) => {
  const kind = kindOf(event)
  const fields = Object.entries((event as JsonObject)[kind] as JsonObject).map(([name, value]) => [
    name,
    typeof value === 'string' ? WORDS : value,
  ])
  return {
    ...at(i, event),
    note: WORDS,
    event: { [kind]: { ...Object.fromEntries(fields), unknown: [WORDS] } },
  }
})

function journal(members: object): string {
  return stringifyJson({
    run_id: 'orders_1',
    export_name: 'orders',
    host: { [DSN]: WORDS },
    entries,
    ...members,
  } as unknown as JsonObject)
}

/** Journals with secrets in every text: two that can be sent, one that is refused, and five that cannot be read. */
export const JOURNALS: readonly string[] = [
  journal({}),
  journal({
    run_id: 'orders_2',
    export_name: `orders of ${DSN}`,
    entries: [at(100, WORDS), at(101, { [WORDS]: WORDS })],
  }),
  // Refused: its ids follow from its run_id.
  journal({ run_id: `orders of ${DSN}` }),
  // Unreadable, each in a way that is told with an excerpt, one of which ends before the host.
  journal({ run_id: 'bad_1', entries: [{ recorded_at: DSN, event: 'Paused' }] }),
  journal({
    run_id: 'bad_2',
    entries: [
      { ...at(0, 'Paused'), event: { ValidationResult: { passed: `${'x'.repeat(34)} ${DSN}` } } },
    ],
  }),
  journal({ run_id: 'bad_3', entries: DSN }),
  journal({ run_id: 'bad_4' }).slice(0, 300),
  `"${DSN}"`,
]

/** The journals as rows of a state database. */
export const ROWS = JOURNALS.map((text, i) => ({
  run_id: /"run_id":"([^"]*)"/.exec(text)?.[1] ?? `row_${i}`,
  export_name: i === 1 ? 'another name' : (/"export_name":"([^"]*)"/.exec(text)?.[1] ?? DSN),
  finished_at: '2026-11-21T09:00:00+00:00',
  text,
}))

const NOTICED = '2026-11-21T08:50:00+00:00'
const STARTED = '2026-11-21T08:40:00+00:00'

/** Where a run reads and where it writes, with secrets that stand nowhere else. */
export const PLACES_BESIDE = {
  source: `host=db user=ana password=${secret()} dbname=x`,
  prefix: `s3://ana:${secret()}@bucket/out?token=${secret()}`,
}

/** Secrets in every text that a state database has beside its journals, for a database with its tables. */
export function putSecretsBeside(database: WritableDatabase): void {
  const names = ['orders_1', 'killed_1', `killed ${DSN}`]
  for (const run_id of names) {
    const isKilled = run_id !== 'orders_1'
    putStatus(database, run_id, {
      export_name: `orders of ${DSN}`,
      source: run_id === 'killed_1' ? PLACES_BESIDE.source : DSN,
      prefix: PLACES_BESIDE.prefix,
      ...(isKilled ? { status: 'interrupted', started_at: STARTED, finished_at: NOTICED } : {}),
    })
    putMetrics(database, run_id, {
      export_name: `orders of ${DSN}`,
      run_at: isKilled ? NOTICED : '2026-11-21T09:00:00+00:00',
      error_class: WORDS,
      mode: WORDS,
      source_type: 'postgres',
      rivet_version: WORDS,
    })
    put(database, 'export_harm', {
      run_id,
      ...{ export_name: DSN, metric: `reads of ${DSN}`, delta: 5, recorded_at: NOTICED },
    })
    put(database, 'chunk_run', {
      ...{ run_id, export_name: 'orders', plan_hash: 'x', status: 'in_progress' },
      ...{ created_at: STARTED, updated_at: STARTED },
    })
    put(database, 'chunk_task', {
      ...{ run_id, chunk_index: 0, start_key: WORDS, end_key: DSN, status: 'failed', attempts: 1 },
      ...{ last_error: WORDS, file_name: `out/${DSN}`, updated_at: '2026-11-21T08:41:00+00:00' },
    })
    put(database, 'file_log', {
      ...{ run_id, export_name: 'orders', file_name: WORDS, row_count: 1, bytes: 1, format: 'csv' },
      created_at: '2026-11-21T08:41:00+00:00',
    })
  }
  const source_run_ids = JSON.stringify(['orders_1', `killed ${DSN}`, DSN])
  putLoad(database, 'l1:load:t', {
    ...{ source_run_ids, target_table: `shop of ${DSN}`, warehouse: DSN, mode: WORDS },
    status: 'failed',
  })
  putLoad(database, `l2:load:${DSN}`)
  // No list: unreadable.
  putLoad(database, 'l3:load:t', { source_run_ids: DSN })
}

/** What a user sees, and the names and bytes of every file in a folder and below but for what was put there. */
export function all(
  folder: string,
  inputs: readonly string[],
  outcomes: readonly Pick<Finished, 'stdout' | 'stderr'>[],
): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .filter((name) => !inputs.includes(name))
  return [
    ...outcomes.flatMap(({ stdout, stderr }) => [stdout, stderr]),
    ...files.map((name) => `${name} ${readFileSync(join(folder, name), 'utf8')}`),
  ].join('\n')
}
