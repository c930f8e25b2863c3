/**
 * Passwords in any text of a journal: what is taken out without anybody's asking.
 *
 * It knows forms, not values: a password that stands in none of these forms is not found. Pure, and
 * what it wrote it leaves as it is. docs/mapping.md lists the forms.
 */
import { withoutSettingSecrets } from './setting-secrets.js'
import { withoutUrlSecrets } from './url-secrets.js'

/**
 * What one of the forms begins with or holds. Most texts have none of this, and are not looked at any closer.
 *
 * They stand together so that the engine finds each of these patterns with great steps: it looks at one
 * char of several, as long as few chars can stand there.
 */
const SUSPECTS: readonly RegExp[] = [
  /account_?key|token/i,
  /@(?:tcp|unix)6?\(|passw|[?&]sig=/i,
  /passphrase|signature/i,
  /api[_-]?key|bearer|access_?key|secret/i,
  /jdbc:oracle|authorization|identified|:\/\/|pwd/i,
]

/** All of them at once: quicker for a short text, and half as fast for a long one. */
const ANY_SUSPECT = new RegExp(SUSPECTS.map(({ source }) => source).join('|'), 'i')
const SHORT_TEXT = 40

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
  if (text.length <= SHORT_TEXT) return ANY_SUSPECT.test(text)
  for (const suspect of SUSPECTS) if (suspect.test(text)) return true
  return false
}
