/**
 * The names of OpenTelemetry's semantic conventions that the spans have. Every other name is rivet's own
 * and begins with `rivet.`.
 *
 * They are those of the stable part of version 1.45.0 of the package
 * `@opentelemetry/semantic-conventions`, and a test holds them to it. They stand here as texts, because
 * the package would take longer to load than everything else of the mapping. What is not stable there
 * is not used: an engine whose name may still change has `rivet.source.type` alone.
 */

/** The version of the conventions that every name here is from. */
export const CONVENTIONS_VERSION = '1.45.0'

/** What kind of failure it was; {@link ERROR_TYPE_OTHER} where nothing says it. */
export const ERROR_TYPE = 'error.type'

/** The value of {@link ERROR_TYPE} where nothing says more. */
export const ERROR_TYPE_OTHER = '_OTHER'

/** Who sends; on the resource. */
export const SERVICE_NAME = 'service.name'

/** Which database product it is; a value of {@link DB_SYSTEM_NAMES}. */
export const DB_SYSTEM_NAME = 'db.system.name'

/** The database. */
export const DB_NAMESPACE = 'db.namespace'

/** The name or the IP address of the server, without brackets. */
export const SERVER_ADDRESS = 'server.address'

/** Its port, 1 to 65535. */
export const SERVER_PORT = 'server.port'

/**
 * The values of {@link DB_SYSTEM_NAME}, by rivet's name of the engine. Those of the other engines
 * (`oracle`, `mongo`) are not stable.
 *
 * @example
 * DB_SYSTEM_NAMES.get('mssql') // 'microsoft.sql_server'
 */
export const DB_SYSTEM_NAMES: ReadonlyMap<string, string> = new Map([
  ['postgres', 'postgresql'],
  ['mysql', 'mysql'],
  ['mssql', 'microsoft.sql_server'],
])
