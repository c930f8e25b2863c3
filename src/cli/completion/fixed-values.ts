/** The values of options that take one of a few, where the definition of the option does not say them. */
import type { Option } from 'commander'

/** By the long name of the option. A test holds them to what the commands take. */
export const FIXED_VALUES: Readonly<Record<string, readonly string[]>> = {
  '--protocol': ['http/protobuf', 'http/json'],
  '--compression': ['gzip', 'none'],
  '--status': ['success', 'failed', 'skipped', 'interrupted', 'running'],
  '--redact': ['query', 'keys', 'errors', 'files'],
}

/** Options that take several values with commas between them. */
const LISTS = new Set(['--redact'])

/**
 * The values that can stand there; `undefined` where an option takes any.
 *
 * @param typed what stands there already
 * @example
 * fixedValues(redact, 'query,') // ['query,keys', 'query,errors', 'query,files']
 */
export function fixedValues({ long }: Option, typed: string): readonly string[] | undefined {
  const values = FIXED_VALUES[long ?? '']
  if (values === undefined || !LISTS.has(long ?? '')) return values
  const given = typed.split(',').slice(0, -1)
  return values
    .filter((value) => !given.includes(value))
    .map((value) => [...given, value].join(','))
}
