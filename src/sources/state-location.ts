/**
 * Where rivet keeps its state: the place that is read when nobody names one.
 *
 * It only works out a name, as rivet 0.32's own `state` module does; it opens nothing. rivet has two
 * kinds of state, a SQLite file and a PostgreSQL database, and refuses every other `RIVET_STATE_URL`.
 */
import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { RivetOtelError } from '../problem.js'

/** The name that rivet gives its SQLite state database. */
export const STATE_FILE = '.rivet_state.db'

const SQLITE = 'sqlite:'

/** What decides where rivet keeps its state. */
export interface StateLocationQuestion {
  /** rivet's configuration file, as given with `-c`; absent where none was given. */
  readonly config?: string | undefined
  /** The environment, for `RIVET_STATE_URL`. */
  readonly env: { readonly [name: string]: string | undefined }
  /** The working folder. */
  readonly cwd: string
}

/**
 * The state database that rivet itself would use: `RIVET_STATE_URL` where it is set, else
 * `.rivet_state.db` beside the configuration, else in the working folder.
 *
 * A file comes as an absolute path and need not exist; a PostgreSQL URL comes as it is and may hold
 * a password.
 *
 * @throws {RivetOtelError} `NOT_FOUND` where the configuration does not exist,
 *   `INVALID_CONFIGURATION` where `RIVET_STATE_URL` is nothing that rivet takes.
 * @example
 * defaultStateLocation({ config: 'etl/rivet.yaml', env: {}, cwd: '/home/ana' })
 * // '/home/ana/etl/.rivet_state.db'
 */
export function defaultStateLocation({ config, env, cwd }: StateLocationQuestion): string {
  const url = env.RIVET_STATE_URL ?? ''
  if (/^postgres(ql)?:\/\//.test(url)) return url
  const file = url === '' ? STATE_FILE : sqlitePath(url)
  return resolve(cwd, configFolder(config, cwd), file)
}

function configFolder(config: string | undefined, cwd: string): string {
  if (config === undefined) return '.'
  const file = statSync(resolve(cwd, config), { throwIfNoEntry: false })
  if (file === undefined || file.isDirectory()) {
    const what = file === undefined ? 'does not exist' : 'is a folder; expected a file'
    throw new RivetOtelError('NOT_FOUND', `the configuration ${config} ${what}`, {
      hint: 'name the rivet.yaml whose state is to be read with -c, or the state itself with --from',
    })
  }
  return dirname(config)
}

/** rivet takes `sqlite:PATH` and `sqlite://PATH`; schemes are lower case to it. */
function sqlitePath(url: string): string {
  const path = url.startsWith(SQLITE) ? url.slice(SQLITE.length).replace(/^\/\//, '') : ''
  if (path !== '') return path
  throw new RivetOtelError(
    'INVALID_CONFIGURATION',
    `RIVET_STATE_URL ${describeUrl(url)}; expected sqlite:PATH, postgres://… or postgresql://…`,
    { hint: 'rivet refuses it too: set it to one of these, or unset it' },
  )
}

/** Says as little of the value as helps: it may hold a password, and need not be a URL. */
function describeUrl(url: string): string {
  if (url.startsWith(SQLITE)) return 'names no file after sqlite:'
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]
  return scheme === undefined ? 'is not a URL' : `has the scheme ${scheme}://`
}
