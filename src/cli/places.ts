/** The places that a command reads from and writes to, from its options. */
import { type Location, parseLocation } from '../bridge/location.js'
import { namespaceWithoutSecrets } from '../mapping/namespace.js'
import { RivetOtelError } from '../problem.js'
import { defaultStateLocation } from '../sources/state-location.js'
import type { Terminal } from './terminal.js'

/** The OTLP file that is written where no endpoint is named, and that imports read by default. */
export const EMBEDDED_FILE = 'rivet-traces.otlp.jsonl'

/** The options that name a place to read from. */
export interface ReadingOptions {
  readonly from?: string
  readonly config?: string
}

/**
 * Where a command reads runs from: `--from`, else the state database that rivet itself would use.
 *
 * @throws {RivetOtelError} `USAGE` where both `--from` and `-c` are given.
 * @example
 * readingLocation({ config: 'etl/rivet.yaml' }, terminal) // { kind: 'path', path: '…/etl/.rivet_state.db' }
 */
export function readingLocation({ from, config }: ReadingOptions, terminal: Terminal): Location {
  if (from !== undefined && config !== undefined) {
    throw new RivetOtelError('USAGE', '--from and -c both name what to read; give one of them')
  }
  if (from !== undefined) return parseLocation(from)
  return parseLocation(defaultStateLocation({ config, env: terminal.env, cwd: terminal.cwd }))
}

/**
 * The namespace that traces to read are to have: `--namespace`, else `RIVET_OTEL_NAMESPACE`, else any.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` for one with a password in it.
 * @example
 * wantedNamespace({}, terminal) // undefined
 */
export function wantedNamespace(
  options: { readonly namespace?: string },
  terminal: Terminal,
): string | undefined {
  const namespace = options.namespace ?? (terminal.env.RIVET_OTEL_NAMESPACE || undefined)
  return namespace === undefined ? undefined : namespaceWithoutSecrets(namespace)
}

/**
 * The namespace of a command: `--namespace`, else `RIVET_OTEL_NAMESPACE`, else none.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` for one with a password in it.
 * @example
 * namespaceOf({ namespace: 'eu' }, terminal) // 'eu'
 */
export function namespaceOf(options: { readonly namespace?: string }, terminal: Terminal): string {
  return namespaceWithoutSecrets(options.namespace ?? terminal.env.RIVET_OTEL_NAMESPACE ?? '')
}
