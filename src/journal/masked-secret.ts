/** What stands in the place of a secret that was taken out of a text. */

/** In the place of a password. */
export const MASK = '***'

const MASKED =
  /^(?:(?:\*|•|\[redacted(?::[0-9a-f]{32})?\])+|[[<(]?redacted[\])>]?|<[\w -]{1,40}>|\$\{[^}]{1,80}\}|\{\{.{0,80}|%s|%\(\w{1,40}\)s)$/iu

/**
 * The mask for a secret. What is no secret stays: nothing, what is masked already, and the name of a
 * variable in a template.
 *
 * @example
 * masked('hunter2') // '***'
 * masked('${PGPASSWORD}') // '${PGPASSWORD}'
 */
export function masked(secret: string): string {
  return secret === '' || MASKED.test(secret) ? secret : MASK
}
