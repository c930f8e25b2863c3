/**
 * Connecting to PostgreSQL: the first of the hosts that can be reached, in the first way that it
 * takes.
 *
 * The session is one that cannot write: `default_transaction_read_only` is sent with the first
 * packet, after the options of the URL, so that it wins over them.
 */
import type { Client, ClientConfig } from 'pg'
import { RivetOtelError } from '../problem.js'
import { isConnectTimeout, postgresProblem, sqlState } from './postgres-problem.js'
import { type PostgresHost, type PostgresSettings, shown } from './postgres-settings.js'

const READ_ONLY = '-c default_transaction_read_only=on'
/** A NAT forgets a connection that is silent for a few minutes. */
const KEEP_ALIVE_AFTER_MS = 60_000
/** What a pooler says that takes no settings with the first packet, as PgBouncer does. */
const UNSUPPORTED_OPTIONS = /unsupported startup parameter/
const WRONG_WAY_IN = '28000'

/**
 * Opens a connection.
 *
 * @param signal Ends the attempt at once, as a server that is unreachable.
 * @throws {RivetOtelError} `UNREACHABLE`, or what the server has against this user or database.
 * @example
 * const client = await connectPostgres(postgresSettings(url, process.env))
 */
export async function connectPostgres(
  settings: PostgresSettings,
  signal?: AbortSignal,
): Promise<Client> {
  const problems: RivetOtelError[] = []
  for (const host of settings.hosts) {
    try {
      return await connectToHost(settings, host, signal)
    } catch (error) {
      const problem = postgresProblem(error, { settings, host })
      // As libpq: a server that refuses is an answer; one that cannot be reached is none.
      if (problem.code !== 'UNREACHABLE') throw problem
      problems.push(problem)
    }
  }
  throw joined(problems, settings)
}

async function connectToHost(
  settings: PostgresSettings,
  host: PostgresHost,
  signal: AbortSignal | undefined,
): Promise<Client> {
  let refusal: unknown
  for (const ssl of host.security) {
    const config = configOf(settings, host, ssl)
    try {
      return await connect(config, signal)
    } catch (error) {
      if (isAboutOptions(error)) return connect({ ...config, options: settings.options }, signal)
      refusal = error
      if (!isAboutSecurity(error)) break
    }
  }
  throw refusal
}

async function connect(config: ClientConfig, signal: AbortSignal | undefined): Promise<Client> {
  const { Client } = await import('pg')
  const client = new Client(config)
  const stop = () => client.connection.stream.destroy(toldToStop())
  signal?.addEventListener('abort', stop, { once: true })
  try {
    if (signal?.aborted) throw toldToStop()
    await client.connect()
    return client
  } catch (error) {
    client.on('error', () => {})
    client.connection.stream.destroy()
    throw error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

/**
 * Why a connection was ended from this side.
 *
 * @example
 * client.connection.stream.destroy(toldToStop())
 */
export function toldToStop(): Error {
  return new Error('told to stop before it answered')
}

function configOf(
  settings: PostgresSettings,
  { host, port, password }: PostgresHost,
  ssl: PostgresHost['security'][number],
): ClientConfig {
  const { location, user, database, options, sslNegotiation, connectTimeoutMs } = settings
  return {
    ...{ host, port, user, database, ssl, sslnegotiation: sslNegotiation },
    options: `${options} ${READ_ONLY}`.trimStart(),
    application_name: 'rivet-otel',
    connectionTimeoutMillis: connectTimeoutMs,
    enableChannelBinding: settings.bindsChannel,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    // Asked only where the server wants one; a function also keeps the library from looking itself.
    password: async () => {
      if (password !== undefined) return password
      throw new RivetOtelError(
        'INVALID_CONFIGURATION',
        `${location} asks for the password of the user ${shown(user)}, and there is none`,
        { hint: 'give it in PGPASSWORD, in a password file (~/.pgpass, chmod 600), or in the URL' },
      )
    },
  }
}

function isAboutOptions(error: unknown): boolean {
  return sqlState(error) !== undefined && UNSUPPORTED_OPTIONS.test(String(error))
}

/** Whether another way to speak to the same server may be welcome: the network was there. */
function isAboutSecurity(error: unknown): boolean {
  const state = sqlState(error)
  if (state !== undefined) return state === WRONG_WAY_IN
  if (error instanceof RivetOtelError || !(error instanceof Error)) return false
  return !('syscall' in error) && !isConnectTimeout(error)
}

/** One sentence for all hosts. */
function joined(
  problems: readonly RivetOtelError[],
  { location }: PostgresSettings,
): RivetOtelError {
  const [first] = problems
  if (first !== undefined && problems.length === 1) return first
  const prefix = `${location} cannot be reached: `
  const reasons = new Set(problems.map(({ message }) => message.replace(prefix, '')))
  const hint = first?.hint
  return new RivetOtelError(
    'UNREACHABLE',
    `${prefix}${[...reasons].join('; ')}`,
    hint === undefined ? {} : { hint },
  )
}
