/** Settings of a target for tests: those of the flags that are given, nothing from the environment. */
import type { OtlpFlags } from '../../src/delivery/otlp-flags.js'
import { type OtlpSettings, otlpSettings } from '../../src/delivery/otlp-settings.js'

/** Settings for an endpoint; nothing is tried again unless a flag says so. */
export function target(endpoint: string, flags: OtlpFlags = {}): OtlpSettings {
  const settings = otlpSettings({ retryForMs: 0, ...flags, endpoint, env: {}, version: '0.0.0' })
  if (settings === undefined) throw new Error('no endpoint was found')
  return settings
}
