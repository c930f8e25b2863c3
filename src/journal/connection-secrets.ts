/**
 * Passwords in any text of a journal: what is taken out without anybody's asking.
 *
 * It knows forms, not values: a password that stands in none of these forms is not found. Pure, and
 * what it wrote it leaves as it is. docs/mapping.md lists the forms.
 */
import { withoutSettingSecrets } from './setting-secrets.js'
import { withoutUrlSecrets } from './url-secrets.js'

/** Most texts have none of this, and are not looked at any closer. */
const SUSPECT =
  /:\/\/|jdbc:oracle|@(?:tcp|unix)6?\(|passw|passphrase|pwd|identified|access_?key|account_?key|secret|token|api[_-]?key|signature|[?&]sig=|authorization|bearer/i

/** What is left of one form may be another one: a URL inside of a setting. */
const MOST_ROUNDS = 10

/**
 * A text without the passwords of connection strings: `***` stands in their place.
 *
 * @example
 * withoutConnectionSecrets('cannot reach postgres://ana:hunter2@db/shop')
 * // 'cannot reach postgres://ana:***@db/shop'
 */
export function withoutConnectionSecrets(text: string): string {
  if (!mayHoldSecrets(text)) return text
  let shown = text
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = withoutSettingSecrets(withoutUrlSecrets(shown))
    if (next === shown) break
    shown = next
  }
  return shown
}

/**
 * Whether a text is looked at closely: one that is not holds no password that {@link withoutConnectionSecrets}
 * finds.
 *
 * @example
 * mayHoldSecrets('orders_1.parquet') // false
 */
export function mayHoldSecrets(text: string): boolean {
  return SUSPECT.test(text)
}
