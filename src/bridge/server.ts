/**
 * Servers that keep traces, opened by their location. Each kind is loaded only when it is used.
 */
import type { TraceBackend } from '../backends/backend.js'
import type { BackendFlags, BackendSettings } from '../backends/backend-settings.js'
import type { SpanSearcher } from '../backends/span-search.js'
import type { ServerKind } from './location.js'

/** How a server is reached. Holds secrets. */
export interface ServerAccess extends Omit<BackendFlags, 'url'> {
  readonly env: Readonly<Record<string, string | undefined>>
  /** For the `User-Agent`. */
  readonly version: string
  /** Told before a request is tried again. */
  readonly onRetry?: ((message: string) => void) | undefined
}

/**
 * Opens a server.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` for a setting that cannot be used.
 * @example
 * await openServer('tempo', 'tempo+http://localhost:3200', { env: process.env, version: '0.1.0' })
 */
export async function openServer(
  kind: ServerKind,
  url: string,
  { onRetry, ...access }: ServerAccess,
): Promise<TraceBackend & SpanSearcher> {
  const { backendSettings } = await import('../backends/backend-settings.js')
  return openBackend(kind, backendSettings({ ...access, url }), onRetry)
}

/**
 * Opens a server whose settings are read already.
 *
 * @param onRetry told before a request is tried again
 * @example
 * await openBackend('tempo', backendSettings({ url, env: process.env, version: '0.1.0' }))
 */
export async function openBackend(
  kind: ServerKind,
  settings: BackendSettings,
  onRetry?: (message: string) => void,
): Promise<TraceBackend & SpanSearcher> {
  const options = onRetry === undefined ? {} : { onRetry }
  switch (kind) {
    case 'jaeger':
      return (await import('../backends/jaeger.js')).openJaeger(settings, options)
    case 'tempo':
      return (await import('../backends/tempo.js')).openTempo(settings, options)
  }
}
