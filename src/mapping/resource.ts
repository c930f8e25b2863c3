/**
 * The resource of the traces: `service.name` "rivet" and what the standard environment says.
 *
 * Nothing else goes in: no host, no process, no time, so that the same journal gives the same bytes
 * on every machine that is configured alike.
 */

import { withoutConnectionSecrets } from '../journal/connection-secrets.js'
import { RivetOtelError } from '../problem.js'
import type { Attributes } from '../trace/trace.js'
import { SERVICE_NAME } from './conventions.js'
import { DEFAULT_RESOURCE } from './journal-to-trace.js'

/**
 * The `service.name` of everything that a diagnosis of a target sends: traces and runs that are made
 * up, and that nobody looks for.
 */
export const DOCTOR_SERVICE = 'rivet-otel-doctor'

/**
 * Reads `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` (`key=value,…`, percent-encoded), as the
 * OpenTelemetry specification has them.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` where the attributes cannot be read; the
 * specification discards them then, which would go unnoticed.
 * @example
 * resourceFromEnvironment({ OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=prod' })
 * // { 'service.name': 'rivet', 'deployment.environment.name': 'prod' }
 */
export function resourceFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Attributes {
  const attributes = Object.fromEntries(
    (env.OTEL_RESOURCE_ATTRIBUTES ?? '')
      .split(',')
      .filter((pair) => pair.trim() !== '')
      .map(readPair),
  )
  const name = env.OTEL_SERVICE_NAME
  return { ...DEFAULT_RESOURCE, ...attributes, ...(name ? { [SERVICE_NAME]: name } : {}) }
}

function readPair(pair: string): [string, string] {
  const equals = pair.indexOf('=')
  const key = pair.slice(0, Math.max(equals, 0)).trim()
  try {
    if (key !== '') return [key, decodeURIComponent(pair.slice(equals + 1).trim())]
  } catch {
    // Falls through: what cannot be decoded is named like what cannot be split.
  }
  throw new RivetOtelError(
    'INVALID_CONFIGURATION',
    `OTEL_RESOURCE_ATTRIBUTES: ${JSON.stringify(withoutConnectionSecrets(key || pair).slice(0, 40))} is no pair; expected key=value, percent-encoded, separated by commas`,
  )
}
