/** The place that a location names, to be looked at again and again. */
import { stat } from 'node:fs/promises'
import { fileKind, type Location } from '../../bridge/location.js'
import { type Opening, openPlace } from '../../bridge/open-place.js'
import { openRuns } from '../../bridge/run-reader.js'
import type { RunSelection } from '../../bridge/run-selection.js'
import { RivetOtelError } from '../../problem.js'
import { openSqliteSource } from '../../sources/sqlite.js'
import type { RunIndex } from '../run-index.js'
import { FilePlace } from './file-place.js'
import type { Place } from './place.js'
import { ServerPlace } from './server-place.js'
import { StatePlace, type StatePlaceOptions } from './state-place.js'

/** What a place is looked at with. */
export interface PlaceUse {
  readonly opening: Opening
  readonly index: RunIndex
  /** How far back: at most `last` runs, none that ended before `sinceUnixNano`. */
  readonly selection: Pick<RunSelection, 'last' | 'sinceUnixNano'>
  /** Whether it is a state database that is not there yet. */
  readonly mayCome: boolean
  /** How long a run of a server is waited for, in ms. */
  readonly waitMs?: number
}

/** What may pass; anything else is wrong for good. */
const MAY_PASS = ['SOURCE_BUSY', 'UNREACHABLE'] as const

/**
 * The place.
 *
 * @throws {RivetOtelError} for a location that cannot be read again and again, and where there is
 *   something else than runs.
 * @example
 * const place = await placeFor(parseLocation('.rivet_state.db'), use)
 */
export async function placeFor(location: Location, use: PlaceUse): Promise<Place> {
  const { opening, index, selection } = use
  switch (location.kind) {
    case 'stdio':
      throw readOnceOnly('-')
    case 'otlp':
      await openPlace(location, opening, 'journals')
      throw new RivetOtelError('USAGE', 'an OTLP endpoint can only be written to')
    case 'postgres': {
      const { url } = location
      const { env } = opening.server
      const open = async () => {
        const { openPostgresSource } = await import('../../sources/postgres.js')
        return openPostgresSource(url, { env })
      }
      const { postgresSettings } = await import('../../sources/postgres-settings.js')
      return stateDatabase({ location: postgresSettings(url, env).location, open }, use)
    }
    case 'jaeger':
    case 'tempo': {
      const { waitMs } = use
      const open = (namespace?: string) => openRuns(location, opening, { namespace, waitMs })
      // No connection is made: this reads the settings.
      const reader = await open()
      await reader.close()
      return new ServerPlace({ location: reader.location, open, index, selection })
    }
    case 'path':
      return filePlace(location.path, use)
  }
}

async function filePlace(path: string, use: PlaceUse): Promise<Place> {
  const { opening, index, selection, mayCome } = use
  const { isFile, isEmpty } = await lookAt(path)
  if (!isFile) throw readOnceOnly(path)
  const kind = mayCome && isEmpty ? 'sqlite' : await fileKind(path)
  if (kind === 'sqlite')
    return stateDatabase(
      { location: path, open: () => openSqliteSource(path), isShared: true },
      use,
    )
  return new FilePlace({
    location: path,
    path,
    origin: 'from',
    open: (namespace) => openRuns({ kind: 'path', path }, opening, { namespace }),
    index,
    sinceUnixNano: selection.sinceUnixNano,
  })
}

/** Nothing counts as an empty file: there may be one a moment later. */
async function lookAt(path: string): Promise<{ isFile: boolean; isEmpty: boolean }> {
  try {
    const found = await stat(path)
    return { isFile: !found.isFIFO(), isEmpty: found.size === 0 }
  } catch {
    return { isFile: true, isEmpty: true }
  }
}

async function stateDatabase(
  from: Pick<StatePlaceOptions, 'location' | 'open' | 'isShared'>,
  { index, selection, mayCome }: PlaceUse,
): Promise<Place> {
  try {
    const database = await from.open()
    await database.close()
  } catch (error) {
    if (!(error instanceof RivetOtelError)) throw error
    const isNotYet = error.isNotYet || (mayCome && error.code === 'NOT_FOUND')
    if (!isNotYet && !MAY_PASS.some((code) => code === error.code)) throw error
  }
  const { sinceUnixNano } = selection
  return new StatePlace({ ...from, index, sinceUnixNano, isOptional: mayCome })
}

function readOnceOnly(name: string): RivetOtelError {
  return new RivetOtelError(
    'USAGE',
    `${name} can be read only once; expected a state database, a file, or jaeger+http(s):// or tempo+http(s)://`,
    { hint: 'Write it to a file first, and name that with --from.' },
  )
}
