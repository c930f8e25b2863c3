/** Whether what is drawn for a person may be more than ASCII. */

/** Terminals that say they can do little; the console of Linux has a font of 512 signs at most. */
const PLAIN_TERMINALS = new Set(['dumb', 'linux'])

/**
 * Whether a terminal shows more than ASCII, by what the environment says: `TERM`, and the first of
 * `LC_ALL`, `LC_CTYPE` and `LANG` that is not empty, as the C library takes it. Where none of them
 * says anything, as in a container or on Windows, it does.
 *
 * @example
 * showsUnicode({ LC_ALL: 'C' }) // false
 * showsUnicode({ LANG: 'de_DE.UTF-8' }) // true
 */
export function showsUnicode(env: Readonly<Record<string, string | undefined>>): boolean {
  if (PLAIN_TERMINALS.has(env.TERM ?? '')) return false
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG
  return !locale || /utf-?8/i.test(locale)
}
