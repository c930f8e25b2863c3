/**
 * A real PostgreSQL that runs for a test: from a `postgres` program that is there already, on a free
 * port of 127.0.0.1 and a socket of its own, in a folder of its own.
 *
 * The server and its folder go when `stop` is called, and also when the test's process ends in any
 * other way (`postgres-keeper.mjs`). PostgreSQL refuses to run as root, so root runs it as nobody.
 */
import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Client, type QueryResultRow } from 'pg'
import type { StateContents } from '../contracts/records-contract.js'
import { insertionOf, rivetTables } from '../contracts/rivet-tables.js'
import type { ContractRow } from '../contracts/source-contract.js'

const KEEPER = fileURLToPath(new URL('postgres-keeper.mjs', import.meta.url))
const NOBODY = 65_534
const READY_WITHIN_MS = 60_000
const ASK_EVERY_MS = 50

/** The user that may do everything, without a password. */
export const ADMIN = 'admin'

/** The table as rivet 0.32 makes it in PostgreSQL. */
export const RUN_JOURNAL_TABLE = `CREATE TABLE IF NOT EXISTS run_journal (
  run_id TEXT PRIMARY KEY, export_name TEXT NOT NULL, finished_at TEXT NOT NULL, journal_json TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS idx_run_journal_export ON run_journal(export_name, finished_at DESC);`

/** What a server needs beside the defaults. */
export interface ServerOptions {
  /** Lines of `pg_hba.conf` before the last one, which lets the admin in. */
  readonly access?: readonly string[]
  /** Its certificate and key; without them there is no TLS. */
  readonly tls?: { readonly cert: string; readonly key: string }
}

/** Where the programs of PostgreSQL lie; `undefined` where there are none. */
export const postgresPrograms: string | undefined = findPrograms()

if (postgresPrograms === undefined) {
  console.log(
    'UNCHECKED: all tests against a real PostgreSQL; there is no postgres and initdb in PATH or /usr/lib/postgresql (apt-get install postgresql)',
  )
}

/** A PostgreSQL that runs. */
export class PostgresServer {
  readonly port: number
  /** The folder of its socket, its files and its data. */
  readonly folder: string
  readonly #keeper: ChildProcess
  readonly #printed: string[] = []

  private constructor(keeper: ChildProcess, port: number, folder: string) {
    this.#keeper = keeper
    this.port = port
    this.folder = folder
    for (const stream of [keeper.stdout, keeper.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.#printed.push(text))
    }
  }

  /** Starts one and waits until it answers. */
  static async start({ access = [], tls }: ServerOptions = {}): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), 'rivet-otel-postgres-'))
    const isRoot = process.getuid?.() === 0
    const [uid, gid] = isRoot
      ? [NOBODY, NOBODY]
      : [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
    chownSync(folder, uid, gid)
    const asUser = isRoot ? { uid, gid } : {}
    const data = join(folder, 'data')
    const made = ['-D', data, '-U', ADMIN, '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C']
    execFileSync(program('initdb'), made, { cwd: folder, stdio: 'pipe', ...asUser })
    const write = (name: string, text: string) => {
      const file = join(folder, name)
      writeFileSync(file, text)
      chownSync(file, uid, gid)
      chmodSync(file, 0o600)
      return file
    }
    const rules = [...access, `local all all trust`, `host all ${ADMIN} 127.0.0.1/32 trust`]
    const settings = {
      hba_file: write('pg_hba.conf', `${rules.join('\n')}\n`),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: folder,
      fsync: 'off',
      shared_buffers: '16MB',
      ...(tls && {
        ssl: 'on',
        ssl_cert_file: write('server.crt', tls.cert),
        ssl_key_file: write('server.key', tls.key),
      }),
    }
    const port = await freePort()
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const command = [folder, `${uid}`, `${gid}`, program('postgres'), '-D', data, '-p', `${port}`]
    const keeper = fork(KEEPER, [...command, ...args], {
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const server = new PostgresServer(keeper, port, folder)
    await server.#untilReady()
    return server
  }

  /** Everything that it printed up to now. */
  log(): string {
    return this.#printed.join('')
  }

  /** A URL of the server on TCP. */
  url(user: string, database: string, query = ''): string {
    return `postgres://${user}@127.0.0.1:${this.port}/${database}${query}`
  }

  /** Makes a database with rivet's table and these rows, and says its URL for the admin. */
  async stateDatabase(name: string, rows: readonly ContractRow[] = []): Promise<string> {
    await this.run('postgres', `CREATE DATABASE ${name}`)
    await this.run(name, RUN_JOURNAL_TABLE)
    await this.insert(name, rows)
    return this.url(ADMIN, name)
  }

  /** Makes a database with rivet's tables and these contents, and says its URL for the admin. */
  async recordsDatabase(name: string, { version, rows, changes }: StateContents): Promise<string> {
    await this.run('postgres', `CREATE DATABASE ${name}`)
    const statements = [...rivetTables('postgres', version), ...changes, ...rows.map(insertionOf)]
    // One text is one transaction.
    await this.run(name, statements.join(';\n'))
    return this.url(ADMIN, name)
  }

  /** Puts rows in, or over those with their run_id, as rivet does. */
  async insert(database: string, rows: readonly ContractRow[]): Promise<void> {
    await this.#asAdmin(database, async (client) => {
      await client.query('BEGIN')
      for (const { run_id, export_name, finished_at, text } of rows) {
        await client.query(
          `INSERT INTO run_journal VALUES ($1, $2, $3, $4) ON CONFLICT (run_id) DO UPDATE SET
            export_name = excluded.export_name, finished_at = excluded.finished_at, journal_json = excluded.journal_json`,
          [run_id, export_name, finished_at, text],
        )
      }
      await client.query('COMMIT')
    })
  }

  /** Executes statements as the admin, and gives the rows of the last one. */
  run(database: string, sql: string): Promise<QueryResultRow[]> {
    return this.#asAdmin(database, async (client) => {
      const results = [await client.query<QueryResultRow>(sql)].flat()
      return results.at(-1)?.rows ?? []
    })
  }

  /** Ends it at once, as a crash does: every connection breaks off. */
  async crash(): Promise<void> {
    await this.#tell('crash')
  }

  /** Starts it again after a crash. */
  async restart(): Promise<void> {
    await this.#tell('start')
    await this.#untilReady()
  }

  /** Ends it and removes its folder. */
  async stop(): Promise<void> {
    if (this.#keeper.exitCode !== null || this.#keeper.signalCode !== null) return
    const ended = once(this.#keeper, 'exit')
    this.#keeper.disconnect()
    await ended
  }

  async #tell(message: string): Promise<void> {
    const answered = once(this.#keeper, 'message')
    this.#keeper.send(message)
    await answered
  }

  async #asAdmin<T>(database: string, action: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ connectionString: this.url(ADMIN, database), ssl: false })
    client.on('error', () => {})
    await client.connect()
    try {
      return await action(client)
    } finally {
      await client.end()
    }
  }

  async #untilReady(): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS
    for (;;) {
      try {
        await this.run('postgres', 'SELECT 1')
        return
      } catch (error) {
        if (Date.now() < deadline && this.#keeper.exitCode === null) {
          await delay(ASK_EVERY_MS)
          continue
        }
        await this.stop()
        throw new Error(`PostgreSQL does not answer: ${error}\n${this.log()}`)
      }
    }
  }
}

function findPrograms(): string | undefined {
  const versions = '/usr/lib/postgresql'
  const installed = existsSync(versions)
    ? readdirSync(versions)
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => join(versions, version, 'bin'))
    : []
  const folders = [...(process.env.PATH ?? '').split(':'), ...installed]
  return folders.find((folder) =>
    ['postgres', 'initdb'].every((name) => folder !== '' && existsSync(join(folder, name))),
  )
}

function program(name: string): string {
  if (postgresPrograms === undefined) throw new Error('there is no PostgreSQL here')
  return join(postgresPrograms, name)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await once(server.close(), 'close')
  return port
}
