/** Where an answer that is a redirect points to, for messages. No redirect is followed. */
import type { HttpAnswer } from './http-result.js'
import type { HttpSettings } from './http-settings.js'
import { quotable } from './server-words.js'

/**
 * Whether an answer says only that something is elsewhere.
 *
 * @example
 * isRedirect({ kind: 'answered', status: 302, headers: {}, body, isCutOff: false }) // true
 */
export function isRedirect({ status }: HttpAnswer): boolean {
  return status >= 300 && status < 400
}

/**
 * A redirect's target without its query, which may hold tokens.
 *
 * @example
 * redirectTarget(answer, settings) // 'https://login.example.com/'
 */
export function redirectTarget({ headers }: HttpAnswer, settings: HttpSettings): string {
  const { location } = headers
  if (location === undefined || !URL.canParse(location, settings.url.href)) return 'another place'
  const { protocol, host, pathname } = new URL(location, settings.url)
  return quotable(`${protocol}//${host}${pathname}`, settings, 200)
}
