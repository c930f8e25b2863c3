/**
 * Looking into a PostgreSQL database as a bystander: it cannot write, and stands in nobody's way.
 *
 * Every look is one short transaction, `REPEATABLE READ READ ONLY`, with limits that hold for it
 * alone. Between two looks there is none, however slow the reader of the journals is: an open one
 * would keep VACUUM from removing dead rows anywhere in the database. The limits are `SET LOCAL`,
 * because behind a pooler the session is somebody else's a moment later.
 *
 * A connection that is lost between two looks is opened again; one that is lost during a look is an
 * error.
 */
import type { Client } from 'pg'
import { connectPostgres, toldToStop } from './postgres-connect.js'
import { postgresProblem, sqlState } from './postgres-problem.js'
import type { PostgresSettings } from './postgres-settings.js'

/** What a cell holds; the texts of a database come as UTF-8. */
export type PostgresValue = string | number | boolean | null

/** One row, by column. */
export type PostgresRow = Readonly<Record<string, PostgresValue>>

/** A database while it is looked into. */
export interface PostgresLook {
  /** All rows of a query, at once. */
  all(sql: string, ...parameters: readonly PostgresParameter[]): Promise<PostgresRow[]>
  /** Every row of a query, one after the other, none of them kept. */
  each(
    sql: string,
    parameters: readonly PostgresParameter[],
    take: (row: PostgresRow) => void,
  ): Promise<void>
}

/** What takes the place of `$1`, `$2` and so on. */
export type PostgresParameter = string | number | readonly string[]

/** The server stops a query then: seconds are usual, and a journal of 100 MB may come over a slow line. */
const QUERY_WITHIN_S = 120
/** Only somebody who changes the table itself can keep a reader waiting. */
const LOCK_WITHIN_S = 10
/** For a network that swallows everything, when the server itself has long stopped. */
const ANSWER_WITHIN_MS = (QUERY_WITHIN_S + 30) * 1000
const GOODBYE_WITHIN_MS = 1000

const BEGIN = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL statement_timeout = '${QUERY_WITHIN_S}s';
SET LOCAL lock_timeout = '${LOCK_WITHIN_S}s';
SET LOCAL idle_in_transaction_session_timeout = '${QUERY_WITHIN_S}s'`

/**
 * Access to one database; several looks wait for each other.
 *
 * @example
 * const access = new PostgresAccess(settings)
 * await access.read((db) => db.all('SELECT 1 AS one'))
 */
export class PostgresAccess {
  readonly settings: PostgresSettings
  #client: Client | undefined
  readonly #signal: AbortSignal | undefined
  #queue: Promise<unknown> = Promise.resolve()

  /** @param signal Ends at once what is under way, as a server that is unreachable. */
  constructor(settings: PostgresSettings, signal?: AbortSignal) {
    this.settings = settings
    this.#signal = signal
    const stop = () => this.#client?.connection.stream.destroy(toldToStop())
    signal?.addEventListener('abort', stop, { once: true })
  }

  /**
   * Does something with the database, in one transaction.
   *
   * @param explain what to make of an error that the server sent, where that is no reason to give up.
   * @throws {RivetOtelError} `UNREACHABLE`, `SOURCE_BUSY` or what else keeps it from being read.
   * @example
   * await access.read((db) => db.all('SELECT 1 AS one'))
   */
  read<T>(
    look: (db: PostgresLook) => Promise<T>,
    explain: (error: unknown) => T | undefined = () => undefined,
  ): Promise<T> {
    const result = this.#queue.then(() => this.#look(look, explain))
    this.#queue = result.catch(() => undefined)
    return result
  }

  /** Waits for the look that is under way, and lets go. */
  async close(): Promise<void> {
    await this.#queue
    const client = this.#client
    this.#client = undefined
    if (client === undefined) return
    const timer = setTimeout(() => client.connection.stream.destroy(), GOODBYE_WITHIN_MS)
    await client.end().catch(() => undefined)
    clearTimeout(timer)
  }

  async #look<T>(
    look: (db: PostgresLook) => Promise<T>,
    explain: (error: unknown) => T | undefined,
  ): Promise<T> {
    const client = await this.#begin()
    try {
      return await inTime(client, async () => {
        const result = await look(lookThrough(client))
        await client.query('COMMIT')
        return result
      })
    } catch (error) {
      await this.#abandon(client, error)
      const state = sqlState(error)
      const explained = state === undefined ? undefined : explain(error)
      if (explained !== undefined) return explained
      throw postgresProblem(error, { settings: this.settings })
    }
  }

  /** A connection that was kept may have been lost unseen; then a new one is tried. */
  async #begin(): Promise<Client> {
    const kept = this.#client
    if (kept !== undefined) {
      try {
        await inTime(kept, () => kept.query(BEGIN))
        return kept
      } catch {
        this.#drop(kept)
      }
    }
    const client = await this.#connect()
    try {
      await inTime(client, () => client.query(BEGIN))
      return client
    } catch (error) {
      this.#drop(client)
      throw postgresProblem(error, { settings: this.settings })
    }
  }

  async #connect(): Promise<Client> {
    const client = await connectPostgres(this.settings, this.#signal)
    // A connection that ends while nobody asks is no error: the next look opens another.
    client.on('error', () => this.#drop(client))
    client.on('end', () => this.#drop(client))
    this.#client = client
    return client
  }

  /** Only a server that answered is still there to be told. */
  async #abandon(client: Client, error: unknown): Promise<void> {
    if (error instanceof Error && 'severity' in error && error.severity !== 'ERROR') {
      this.#drop(client)
      return
    }
    if (sqlState(error) === undefined && client.connection.stream.destroyed) {
      this.#drop(client)
      return
    }
    await client.query('ROLLBACK').catch(() => this.#drop(client))
  }

  #drop(client: Client): void {
    if (this.#client === client) this.#client = undefined
    client.connection.stream.destroy()
  }
}

async function inTime<T>(client: Client, action: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => {
    client.connection.stream.destroy(new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`))
  }, ANSWER_WITHIN_MS)
  try {
    return await action()
  } finally {
    clearTimeout(timer)
  }
}

function lookThrough(client: Client): PostgresLook {
  const each: PostgresLook['each'] = async (sql, parameters, take) => {
    const { Query } = await import('pg')
    // With a callback the library would keep the rows.
    const query = client.query(new Query<PostgresRow>({ text: sql, values: [...parameters] }))
    await new Promise<void>((resolve, reject) => {
      query.on('row', take)
      query.on('end', () => resolve())
      query.on('error', reject)
    })
  }
  return {
    each,
    all: async (sql, ...parameters) => {
      const rows: PostgresRow[] = []
      await each(sql, parameters, (row) => rows.push(row))
      return rows
    },
  }
}
