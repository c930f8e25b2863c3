/**
 * One setting: its text, and the flag or variable that it came from, for messages.
 *
 * It knows nothing of what the settings mean.
 */
import { RivetOtelError } from '../problem.js'

/** The environment, as Node gives it. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A setting that was given. */
export interface Setting {
  /** Without white space around it. */
  readonly text: string
  /** The flag or variable that gave it. */
  readonly name: string
  readonly isFlag: boolean
}

/**
 * The setting of a flag; `undefined` where it is not given.
 *
 * @example
 * settingOfFlag(500, '--timeout')?.text // '500'
 */
export function settingOfFlag(
  value: string | number | undefined,
  flag: string,
): Setting | undefined {
  if (value === undefined) return undefined
  return { text: String(value).trim(), name: flag, isFlag: true }
}

/**
 * A variable of the environment; an empty one is an unset one.
 *
 * @example
 * variable(process.env, 'OTEL_EXPORTER_OTLP_ENDPOINT')?.text // 'http://localhost:4318'
 */
export function variable(env: Environment, name: string): Setting | undefined {
  const text = env[name]?.trim() ?? ''
  return text === '' ? undefined : { text, name, isFlag: false }
}

/**
 * Reads a whole number.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` for anything else.
 * @example
 * wholeNumber(setting, { what: 'milliseconds', least: 1, most: 60_000, otherwise: 10_000 })
 */
export function wholeNumber(
  setting: Setting | undefined,
  range: {
    readonly what: string
    readonly least: number
    readonly most: number
    readonly otherwise: number
  },
): number {
  if (setting === undefined) return range.otherwise
  const number = /^\d{1,15}$/.test(setting.text) ? Number(setting.text) : Number.NaN
  if (number >= range.least && number <= range.most) return number
  throw fail(
    setting,
    `expected a whole number of ${range.what} from ${range.least} to ${range.most}, got ${quotedSetting(setting.text)}`,
  )
}

/**
 * The error for a setting that cannot be used; the problem must not show a secret.
 *
 * @example
 * throw fail(setting, 'expected gzip or none')
 */
export function fail(
  setting: Setting | undefined,
  problem: string,
  hint?: string,
  cause?: unknown,
): RivetOtelError {
  return new RivetOtelError(
    'INVALID_CONFIGURATION',
    `${setting?.name ?? 'a setting'}: ${problem}`,
    hint === undefined ? { cause } : { hint, cause },
  )
}

const LONGEST_QUOTED = 40

/**
 * A text that is no such setting, for messages. A longer one is not cut: it may be a URL, and without its
 * end nobody would know where the password in it is.
 *
 * @example
 * quotedSetting('gpzi') // '"gpzi"'
 */
export function quotedSetting(text: string): string {
  return text.length > LONGEST_QUOTED ? `${text.length} characters` : JSON.stringify(text)
}
