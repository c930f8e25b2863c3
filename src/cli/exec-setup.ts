/** What `exec` needs to know before it runs the command, from its options and the command itself. */
import { basename } from 'node:path'
import type { OpenState } from '../bridge/exec/state-around-command.js'
import type { Location } from '../bridge/location.js'
import { retryForMsOf } from '../http/http-settings.js'
import type { RedactionPolicy } from '../journal/redaction.js'
import { resourceFromEnvironment } from '../mapping/resource.js'
import { RivetOtelError } from '../problem.js'
import { openSqliteSource } from '../sources/sqlite.js'
import type { Attributes } from '../trace/trace.js'
import { connectionFlags } from './connection-options.js'
import { type LedgerOptions, ledgerPath } from './ledger-options.js'
import { namespaceOf, type ReadingOptions, readingLocation } from './places.js'
import { type RedactionOptions, redactionPolicy } from './redaction-options.js'
import { type TargetOptions, targetPlace } from './target.js'
import type { Terminal } from './terminal.js'

/** The options of `exec`, as they stand on the command line. */
export interface ExecOptions
  extends ReadingOptions,
    TargetOptions,
    RedactionOptions,
    Omit<LedgerOptions, 'again'> {
  readonly namespace?: string
  readonly join?: boolean
}

/** What the options say, found to be right. */
export interface ExecSetup {
  readonly openState: OpenState
  readonly namespace: string
  readonly resource: Attributes
  readonly redaction: RedactionPolicy
  /** For how long sending goes on without anything getting there, in ms. */
  readonly patienceMs: number
}

/** What the state database knows of a run may come some seconds after it. */
const LEAST_PATIENCE_MS = 5_000
const RIVET = /^rivet(?:\.exe)?$/i
/** rivet's own option for its configuration, as clap reads it. */
const CONFIG = /^(?:--config|-c)$/
const CONFIG_WITH_VALUE = /^(?:--config=|-c=?)(.+)$/s
/** Variables that mean something to us, and which nobody wrote onto this command line. */
const SETTINGS = /^(?:OTEL_|RIVET_OTEL_|RIVET_STATE_URL$)/

/**
 * The setup for a command. It opens nothing, and reads no more than certificates and keys.
 *
 * @param words the command and its arguments
 * @throws {RivetOtelError} where the command line is wrong.
 * @example
 * execSetup(['rivet', 'run', '-c', 'etl/rivet.yaml'], {}, terminal).namespace // ''
 */
export function execSetup(
  words: readonly string[],
  options: ExecOptions,
  terminal: Terminal,
): ExecSetup {
  const { settings } = targetPlace(options, terminal)
  ledgerPath(options, settings !== undefined, terminal)
  const retryForMs = retryForMsOf(connectionFlags(options))
  return {
    openState: openerOf(words, options, terminal),
    namespace: namespaceOf(options, terminal),
    resource: resourceFromEnvironment(terminal.env),
    redaction: redactionPolicy(options, terminal),
    patienceMs: Math.max(retryForMs, settings?.timeoutMs ?? 0, LEAST_PATIENCE_MS),
  }
}

/**
 * Whether what is wrong with a setup stands on the command line. A variable that cannot be used is
 * about everything on a machine, and a file that is not there may be there tomorrow: neither is to keep
 * a command from running.
 *
 * @example
 * try { execSetup(words, options, terminal) } catch { isWrongUse(words, options, terminal) }
 */
export function isWrongUse(
  words: readonly string[],
  options: ExecOptions,
  terminal: Terminal,
): boolean {
  const env = Object.fromEntries(
    Object.entries(terminal.env).filter(([name]) => !SETTINGS.test(name)),
  )
  try {
    execSetup(words, options, { ...terminal, env })
    return false
  } catch (error) {
    return error instanceof RivetOtelError && error.code !== 'NOT_FOUND'
  }
}

function openerOf(words: readonly string[], options: ExecOptions, terminal: Terminal): OpenState {
  const config = configOfRivet(words)
  const isNamed = options.from !== undefined || options.config !== undefined
  if (isNamed || config === undefined) return opener(readingLocation(options, terminal), terminal)
  // Whether there is such a file is for rivet to say, or for the command to bring about.
  return (signal) => opener(readingLocation({ config }, terminal), terminal)(signal)
}

function opener(location: Location, { env }: Terminal): OpenState {
  switch (location.kind) {
    case 'path':
      return () => openSqliteSource(location.path)
    case 'postgres':
      return async (signal) => {
        const { openPostgresSource } = await import('../sources/postgres.js')
        return openPostgresSource(location.url, { env, signal })
      }
    default:
      throw new RivetOtelError(
        'USAGE',
        '--from: only a state database can be followed; expected a file or postgres://…',
      )
  }
}

/** The configuration that the command names, where it is rivet itself. */
function configOfRivet([program = '', ...args]: readonly string[]): string | undefined {
  if (!RIVET.test(basename(program))) return undefined
  for (const [i, arg] of args.entries()) {
    if (arg === '--') return undefined
    if (CONFIG.test(arg)) return args[i + 1]
    const [, value] = CONFIG_WITH_VALUE.exec(arg) ?? []
    if (value !== undefined) return value
  }
  return undefined
}
