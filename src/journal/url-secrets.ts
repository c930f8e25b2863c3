/**
 * Secrets in URLs: passwords before the host, and secret parameters of the query.
 *
 * A URL in a log or an error need not be a valid one: a password with an `@` or a `/` that nobody
 * encoded is still a password.
 */
import { masked } from './masked-secret.js'

const AFTER_SCHEME = /:\/\/([^\s"<>`]+)/g
const WEB = /https?$/i
const DATABASE =
  /(?:postgres(?:ql)?|mysql2?|mariadb|mssql|sqlserver|mongodb|rediss?|amqps?|oracle|clickhouse|snowflake|cockroach(?:db)?)(?:\+\w{1,20})?$/i
const LONGEST_SCHEME = 40

const SECRET_PARAMETER =
  /([?&]|&amp;)((?:ssl|trust_?store|key_?store)?_?(?:password|passwd|pwd|passphrase)|x-amz-(?:signature|security-token)|x-goog-signature|signature|sig|(?:access_|refresh_|id_|auth_|session_)?token|api[_-]?key|client_?secret|secret|(?:aws_?)?secret_?(?:access_?)?key)=([^&\s"'<>#]+)/gi
const ORACLE = /(jdbc:oracle:\w{1,10}:[^\s/@"']{1,128}\/)([^\s@"']{1,512})(?=@)/gi
/** Of Go's MySQL driver: `user:password@tcp(host:3306)/db`. */
const GO_MYSQL = /([^\s"'<>:@(]{0,64}:)([^\s"'<>]{1,256})(?=@(?:tcp|unix)6?\()/gi

/**
 * A text whose URLs have lost their passwords and secret parameters.
 *
 * @example
 * withoutUrlSecrets('postgres://ana:hunter2@db/shop') // 'postgres://ana:***@db/shop'
 */
export function withoutUrlSecrets(text: string): string {
  let shown = text
  if (shown.includes('://')) shown = withoutUserinfo(shown)
  if (/[?&]/.test(shown))
    shown = shown.replace(
      SECRET_PARAMETER,
      (_, before, name, value) => `${before}${name}=${masked(value)}`,
    )
  if (/jdbc:oracle/i.test(shown))
    shown = shown.replace(ORACLE, (_, before, password) => before + masked(password))
  if (/@(?:tcp|unix)6?\(/i.test(shown))
    shown = shown.replace(GO_MYSQL, (_, user, password) => user + masked(password))
  return shown
}

function withoutUserinfo(text: string): string {
  return text.replace(AFTER_SCHEME, (_, rest: string, offset: number) => {
    const scheme = text.slice(Math.max(0, offset - LONGEST_SCHEME), offset)
    return `://${hideUserinfo(rest, scheme)}`
  })
}

/** `rest` is what follows `://` as far as a URL could go; a quote may have ended it before. */
function hideUserinfo(rest: string, scheme: string): string {
  const quote = rest.indexOf("'")
  if (quote > 0 && endOfUserinfo(rest.slice(0, quote), scheme) !== -1) {
    return hideUserinfo(rest.slice(0, quote), scheme) + rest.slice(quote)
  }
  const end = endOfUserinfo(rest, scheme)
  if (end === -1) return rest
  const userinfo = rest.slice(0, end)
  const colon = userinfo.indexOf(':')
  const isWeb = WEB.test(scheme)
  // On the web a name alone is a token, also with a password that only says so.
  if (colon === -1) return (isWeb ? masked(userinfo) : userinfo) + rest.slice(end)
  const user = userinfo.slice(0, colon)
  const password = userinfo.slice(colon + 1)
  if (isWeb && (password === '' || password === 'x-oauth-basic'))
    return `${masked(user)}:${password}${rest.slice(end)}`
  return `${user}:${masked(password)}${rest.slice(end)}`
}

/** The place of the `@` that ends the userinfo; -1 where there is none. */
function endOfUserinfo(rest: string, scheme: string): number {
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? ''
  const at = authority.lastIndexOf('@')
  if (at !== -1) {
    if (!DATABASE.test(scheme)) return at
    const path = /^[^?]*/.exec(rest)?.[0] ?? ''
    return path.lastIndexOf('@')
  }
  // Neither a host with its port nor an address in brackets: a password goes on behind the slash.
  const port = /:([^:]*)$/.exec(authority)?.[1]
  if (port === undefined || /^\d{0,5}$/.test(port) || authority.startsWith('[')) return -1
  return rest.lastIndexOf('@')
}
