/** Where `export`, `watch` and `exec` send traces to, from its options: an OTLP endpoint, or a file. */
import { parseLocation } from '../bridge/location.js'
import type { Delivery } from '../delivery/delivery.js'
import { openOtlpFile } from '../delivery/otlp-file.js'
import type { OtlpFlags } from '../delivery/otlp-flags.js'
import { openOtlpHttp } from '../delivery/otlp-http.js'
import { type OtlpSettings, otlpSettings } from '../delivery/otlp-settings.js'
import { otlpTargetName } from '../delivery/otlp-target-name.js'
import { paced } from '../delivery/paced.js'
import { hasHeader, TENANT_HEADER } from '../http/headers.js'
import { RivetOtelError } from '../problem.js'
import { VERSION } from '../version.js'
import { type ConnectionOptions, connectionFlags, readHeaders } from './connection-options.js'
import { EMBEDDED_FILE } from './places.js'
import type { Terminal } from './terminal.js'
import { printable } from './view/printable.js'

/** The options about the target, as they stand on the command line. */
export interface TargetOptions extends ConnectionOptions {
  readonly to?: string
  readonly protocol?: string
  readonly compression?: string
  readonly maxRequestBytes?: string
  readonly concurrency?: string
  readonly maxTracesPerSecond?: string
}

/** How a target is used that is written to for long. */
export interface TargetUse {
  /** Begins no further request and no wait once it comes. */
  readonly signal?: AbortSignal
  /** Tries no request again once it comes. */
  readonly tryOnce?: AbortSignal
  /** Told of requests that are tried again; without it the person at the keyboard is. */
  readonly onRetry?: (message: string) => void
}

/** Where traces go. */
export interface Target {
  readonly delivery: Delivery
  /** The file, where it is one; an endpoint cannot be read. */
  readonly file: string | undefined
  /** The endpoint as a ledger names it, where it is one. */
  readonly endpoint: string | undefined
  /** How many traces a second an endpoint gets at most. */
  readonly tracesPerSecond?: number
}

/**
 * Opens the target: `--to`, else the endpoint of the standard environment, else the embedded file.
 *
 * @throws {RivetOtelError} for settings that cannot be used, and for a place that is not written to.
 * @example
 * const { delivery } = await openTarget({ to: 'http://localhost:4318' }, terminal)
 */
export async function openTarget(
  options: TargetOptions,
  terminal: Terminal,
  { signal, tryOnce, onRetry }: TargetUse = {},
): Promise<Target> {
  const notice = (message: string) => terminal.say(printable(message))
  const { file, settings } = targetPlace(options, terminal)
  if (settings === undefined) {
    return { delivery: await openOtlpFile(file, { notice }), file, endpoint: undefined }
  }
  const delivery = openOtlpHttp(settings, { onRetry: onRetry ?? notice, notice, signal, tryOnce })
  return {
    delivery: paced(delivery, settings.maxTracesPerSecond, { signal }),
    file: undefined,
    endpoint: otlpTargetName(settings),
    tracesPerSecond: settings.maxTracesPerSecond,
  }
}

/** A target that was not opened: a file, or the settings of an endpoint. */
export type TargetPlace =
  | { readonly file: string; readonly settings?: undefined }
  | { readonly file?: undefined; readonly settings: OtlpSettings }

/**
 * Which target the options name, without opening it.
 *
 * @throws {RivetOtelError} as opening it does for settings that cannot be used.
 * @example
 * targetPlace({ to: 'traces.otlp.jsonl' }, terminal).file // 'traces.otlp.jsonl'
 */
export function targetPlace(options: TargetOptions, terminal: Terminal): TargetPlace {
  const to = options.to === undefined ? undefined : parseLocation(options.to)
  const flags = otlpFlags(options, terminal)
  switch (to?.kind) {
    case 'path':
      // Refuses flags that a file has no use for.
      otlpSettings({ ...flags, env: {}, version: VERSION })
      return { file: to.path }
    case 'stdio':
      throw new RivetOtelError(
        'USAGE',
        '--to -: traces are written to a file or to an OTLP endpoint',
      )
    case 'postgres':
      throw new RivetOtelError('USAGE', '--to: a state database is only read, never written')
    case 'jaeger':
    case 'tempo':
      throw new RivetOtelError('USAGE', `--to: ${to.kind} is read from at that address`, {
        hint: 'Send to its OTLP receiver, usually http://host:4318.',
      })
    case 'otlp':
    case undefined: {
      const settings = otlpSettings({
        ...flags,
        endpoint: to?.url,
        env: terminal.env,
        version: VERSION,
      })
      return settings === undefined ? { file: EMBEDDED_FILE } : { settings }
    }
  }
}

function otlpFlags(options: TargetOptions, terminal: Terminal): OtlpFlags {
  return {
    headers: headersOf(options, terminal),
    compression: options.compression,
    protocol: options.protocol,
    maxRequestBytes: options.maxRequestBytes,
    concurrency: options.concurrency,
    maxTracesPerSecond: options.maxTracesPerSecond,
    ...connectionFlags(options),
  }
}

function headersOf({ header, tenant }: TargetOptions, terminal: Terminal): OtlpFlags['headers'] {
  const headers = readHeaders('--header', header, terminal)
  if (tenant === undefined) return headers
  if (tenant.trim() === '') throw new RivetOtelError('USAGE', '--tenant is empty; expected a name')
  if (headers !== undefined && hasHeader(headers, TENANT_HEADER))
    throw new RivetOtelError('USAGE', '--tenant and --header X-Scope-OrgID both name a tenant')
  return [...(headers ?? []), `${TENANT_HEADER}=${tenant}`]
}
