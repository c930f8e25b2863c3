/** One setting of an OTLP target, from a flag or from the standard environment. */
import { type Environment, type Setting, settingOfFlag, variable } from '../http/setting.js'

/**
 * The setting that counts: the flag, else the variable for traces, else the one for every signal.
 *
 * @param suffix What the variables end in.
 * @example
 * settingOf(undefined, '--timeout', process.env, 'TIMEOUT')?.name // 'OTEL_EXPORTER_OTLP_TIMEOUT'
 */
export function settingOf(
  value: string | number | undefined,
  flag: string,
  env: Environment,
  suffix: string,
): Setting | undefined {
  return (
    settingOfFlag(value, flag) ??
    variable(env, `OTEL_EXPORTER_OTLP_TRACES_${suffix}`) ??
    variable(env, `OTEL_EXPORTER_OTLP_${suffix}`)
  )
}
