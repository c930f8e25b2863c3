/**
 * What is told to people, without secrets: stderr, and why a watcher is not ready.
 *
 * It repeats what somebody wrote on the command line, perhaps in the wrong place or without its scheme. It
 * need not come back exactly as a journal must, so it loses more: all that could be a password or a
 * parameter of a URL.
 */
import { withoutConnectionSecrets } from '../journal/connection-secrets.js'
import { masked } from '../journal/masked-secret.js'

/** `user:password@host`, whatever is around it; a path that was made of a URL has one slash less. */
const USERINFO = /([^\s"'`:@]{1,256}:)([^\s"'`@]{1,1000})(?=@[\w[.-])/g
const PARAMETER = /([?&][\w.~%-]{1,100}=)([^\s"'`&#]{1,4000})/g

/**
 * A text without the passwords that a journal would lose, and without those that only a person can tell
 * from a file, a port or a harmless parameter.
 *
 * @example
 * withoutSaidSecrets('ana:hunter2@db:5432/shop does not exist') // 'ana:***@db:5432/shop does not exist'
 */
export function withoutSaidSecrets(text: string): string {
  return withoutConnectionSecrets(text)
    .replace(USERINFO, (_, user, password) => user + hidden(password))
    .replace(PARAMETER, '$1***')
}

/** What was taken for a user may have been a scheme: then the user comes first. */
function hidden(password: string): string {
  if (!password.startsWith('//')) return masked(password)
  const colon = password.indexOf(':')
  return colon === -1 ? password : password.slice(0, colon + 1) + masked(password.slice(colon + 1))
}
