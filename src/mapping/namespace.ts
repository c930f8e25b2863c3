/** What a namespace may be: it is part of every id, and leaves with every run as it is. */
import { withoutConnectionSecrets } from '../journal/connection-secrets.js'
import { RivetOtelError } from '../problem.js'

/**
 * The namespace itself.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` for one with a password in it, as the URL of a database
 *   has; the message does not repeat it.
 * @example
 * namespaceWithoutSecrets('eu') // 'eu'
 */
export function namespaceWithoutSecrets(namespace: string): string {
  if (withoutConnectionSecrets(namespace) === namespace) return namespace
  throw new RivetOtelError(
    'INVALID_CONFIGURATION',
    'the namespace has a password in it, and it leaves with every run; expected a name, for example eu',
  )
}
