/** Opens what a command reads runs from: journals or traces, in a file or in a server. */
import { isServer } from '../bridge/location.js'
import { openRuns, type RunReader } from '../bridge/run-reader.js'
import type { RunSelection } from '../bridge/run-selection.js'
import { RivetOtelError } from '../problem.js'
import { type ReadingOptions, readingLocation, wantedNamespace } from './places.js'
import type { TraceSelectionOptions } from './run-selection.js'
import { refuseServerOptions, type ServerOptions, serverAccess, waitMs } from './server-options.js'
import type { Terminal } from './terminal.js'

/** The options that say what is read, and how. */
export type ReaderOptions = ReadingOptions &
  ServerOptions &
  Pick<TraceSelectionOptions, 'traceId' | 'all'> & { readonly namespace?: string }

/**
 * Opens the place, and gives what its kind makes of a selection: a server that is to look for
 * every run must be told that this means since ever.
 *
 * @throws {RivetOtelError} where it cannot be read, and for options that do not go with it.
 * @example
 * const { reader, narrow } = await openReader(options, terminal)
 */
export async function openReader(
  options: ReaderOptions,
  terminal: Terminal,
): Promise<{ reader: RunReader; narrow: (selection: RunSelection) => RunSelection }> {
  const location = readingLocation(options, terminal)
  refuseServerOptions(options, location)
  const opening = { stdin: terminal.stdin, server: serverAccess(options, terminal) }
  const namespace = wantedNamespace(options, terminal)
  const reader = await openRuns(location, opening, { namespace, waitMs: waitMs(options, 0) })
  for (const [flag, value] of [
    ['--trace-id', options.traceId],
    ['--namespace', options.namespace],
  ] as const) {
    if (value === undefined || reader.holds === 'traces') continue
    await reader.close()
    throw new RivetOtelError('USAGE', `${flag}: ${reader.location} holds journals, not traces`)
  }
  const narrow = (selection: RunSelection) =>
    isServer(location) ? sinceEver(options, selection) : selection
  return { reader, narrow }
}

/**
 * What `--all` means to a server, which is not asked for runs of any age unless someone says so.
 *
 * @example
 * sinceEver({ all: true }, {}) // { sinceUnixNano: 0n }
 */
export function sinceEver(
  { all }: { readonly all?: boolean },
  selection: RunSelection,
): RunSelection {
  return all ? { ...selection, sinceUnixNano: 0n } : selection
}
