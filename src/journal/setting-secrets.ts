/**
 * Secrets in settings: `password=…` as libpq, ADO, ODBC, JDBC and environments write it, the same in
 * JSON, the statements of SQL that set a password, and headers.
 *
 * A query that merely compares a column named password keeps it: `WHERE password = $1`.
 */
import { masked } from './masked-secret.js'

const NAMES =
  'password|passwd|pwd|passphrase|(?:secret|shared)_?access_?key|client_?secret|account_?key|secret_?key|(?:access|refresh|auth|session|security)[_-]?token|api[_-]?key'
const SINGLE = `'(?:[^'\\\\]|\\\\.|''){0,1000}'`
const DOUBLE = `"(?:[^"\\\\]|\\\\.|""){0,1000}"`
const BRACES = String.raw`\{(?:[^}]|\}\}){0,1000}\}`

/** What SQL may have in front of a literal: `N'…'`, `E'…'`. */
const PREFIX = `(?:(?:[EN]|U&)(?='))?`

const SETTING = new RegExp(
  `(${NAMES})(["'\`\\]]?\\s{0,10}=>?\\s{0,10}${PREFIX})(?![=~>])(${SINGLE}|${DOUBLE}|${BRACES}|\\*{3}(?![^;&#\\s"')\\]}>,])|\\S+)`,
  'gi',
)
const LISTED_SETTING = new RegExp(
  `(${NAMES})(\\s{0,10}=\\s{0,10})((?:[^;\\n"'{\\s]|'(?![\\s,)]|$))(?:[^;\\n"']|'(?![\\s,)]|$)){0,500})`,
  'gi',
)
const MEMBER = new RegExp(`(${NAMES})(\\\\?["']?\\s{0,10}:\\s{0,10})(${SINGLE}|${DOUBLE})`, 'gi')
/** JSON inside of JSON, as an error may quote it. */
const ESCAPED_MEMBER = new RegExp(
  `((?:${NAMES})\\\\"\\s{0,10}:\\s{0,10}\\\\")([^"\\\\]{1,1000})(?=\\\\")`,
  'gi',
)
const STATEMENT = new RegExp(
  `(\\b(?:(?:password|passphrase|secret_access_key|secret_key)(?:\\s{1,10}|\\s?\\(\\s?)|identified\\s{1,10}(?:with\\s{1,10}\\S{1,64}\\s{1,10})?(?:by|as)\\s{1,10}(?:password\\s{1,10}|values\\s{1,10})?|set\\s{1,10}password\\b[^=;\\n]{0,200}=\\s{0,10})${PREFIX})(${SINGLE}|${DOUBLE})`,
  'gi',
)
/** `PASSWORD $$…$$` of PostgreSQL; no name between the dollars begins with a digit, as a parameter does. */
const DOLLAR_QUOTED =
  /(\b(?:password|passphrase)\s{0,10}(?:\s|=)\s{0,10}\$((?:[a-z_]\w{0,62})?)\$)([\s\S]{1,1000}?)(?=\$\2\$)/gi
const IDENTIFIED_UNQUOTED =
  /(\b(?:create|alter|grant)\b[^;]{0,300}?\bidentified\s{1,10}by\s{1,10}(?!values\b|password\b|(?:[en]|u&)'))([^\s;,'"()$:?&][^\s;,]*)/gi
const AUTHORIZATION =
  /(\bauthorization\\?["']?\s{0,4}[:=]\s{0,4}\\?["']?(?:bearer|basic|token|digest|negotiate)\s{1,4}|\bbearer\s{1,4}(?=[\w.~+/-]{20}))([^\s"'\\,;<>]+)/gi
/** Headers that only hold a secret. */
const HEADER =
  /(\b(?:x-(?:[a-z]{1,20}-){0,3})?(?:api-key|(?:access|auth|private|security|session|vault)-token)\\?["']?\s{0,4}:\s{0,4}\\?["']?)([^\s"'\\,;<>]{8,})/gi
/** Words about a header are none: `X-Api-Key: required`. */
const SECRET_LIKE = /\d|^.{20}/

/** What an operand of SQL looks like where it is no literal. */
const NO_SECRET =
  /^(?:\$\d+|\?|[:@]\w*(?:pass|pw)\w*|null|none|true|false|default|(?:old_)?password\('\*{3}'\)|(?:\w+\.)+["'`[]?(?:password|passwd|pwd))[\s,;)]*$/i
/** One of several that are set: `SET password = $1, name = $2`. */
const PARAMETER = /^(?:\$\d+|\?),$/
const SQL = /\b(?:select|update|insert|delete|merge|where|having|join)\b/i
const SQL_BEFORE =
  /(?:\b(?:where|and|or|on|set|having|not|when|select|then|else|by|case|returning)\b|[,(])[\s(]*(?:["`[]?\w{1,64}["`\]]?\.)*["`[]?[\w-]{0,64}$/i
const SETTING_BEFORE =
  /(?:^|[\s"'(])[\w.]{1,64}\s?=\s?(?:'[^']{0,100}'|[^\s,']{1,200})\s{1,10}[\w-]{0,64}$/
/** `user=ana,` as a list in words has it. */
const COMMA_BEFORE = /[\w.]{1,64}=[^\s,'$?]{1,200},[\w-]{0,64}$/
const SETTING_AFTER = /^\s{1,10}[\w.]{1,64}\s?=\s?[^\s=]/
const SEMICOLON_BEFORE = /;\s{0,10}[\w .-]{0,64}$/
const SEMICOLON_AFTER = /^;\s{0,10}[A-Za-z][\w ]{0,64}=/
const FOLDER = /^(?:\/|~|[A-Z]:\\)/i
const LOOKED_BACK = 2000

const SECRET_NAME = new RegExp(`(?:${NAMES})$`, 'i')

/**
 * Whether a member of this name holds a password, a token or a key.
 *
 * @example
 * isSecretName('db_password') // true
 */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name)
}

/**
 * A text whose settings and statements have lost their passwords.
 *
 * @example
 * withoutSettingSecrets('host=db password=hunter2') // 'host=db password=***'
 * withoutSettingSecrets('SELECT 1 FROM users WHERE password = $1') // as it is
 */
export function withoutSettingSecrets(text: string): string {
  return text
    .replace(STATEMENT, (_, words, value) => words + hide(value))
    .replace(DOLLAR_QUOTED, (_, words, _tag, value) => words + masked(value))
    .replace(LISTED_SETTING, (match, name, equals, value, offset, whole) => {
      // A semicolon also ends a statement.
      const isListed =
        SEMICOLON_BEFORE.test(before(whole, offset, 200)) ||
        (SEMICOLON_AFTER.test(after(whole, offset + match.length)) && !isOperand(whole, offset))
      return isListed ? `${name}${equals}${hide(value)}` : match
    })
    .replace(MEMBER, (_, name, colon, value) => `${name}${colon}${hide(value)}`)
    .replace(ESCAPED_MEMBER, (_, name, value) => name + masked(value))
    .replace(SETTING, hideSetting)
    .replace(IDENTIFIED_UNQUOTED, (_, words, value) => words + hide(value))
    .replace(AUTHORIZATION, (_, words, value) => words + masked(value))
    .replace(HEADER, (match, words, value) =>
      SECRET_LIKE.test(value) ? words + hide(value) : match,
    )
}

function hideSetting(
  match: string,
  name: string,
  equals: string,
  value: string,
  offset: number,
  whole: string,
): string {
  const shown = () => `${name}${equals}${hide(value)}`
  if (isEnclosed(value)) return shown()
  if (PARAMETER.test(value)) return match
  if (/^["'`\]]/.test(equals)) return match
  const left = before(whole, offset, 400)
  const right = after(whole, offset + match.length)
  if (SETTING_BEFORE.test(left) || SETTING_AFTER.test(right)) return shown()
  if (NO_SECRET.test(value) || (name.toLowerCase() === 'pwd' && FOLDER.test(value))) return match
  return isOperand(whole, offset) && !COMMA_BEFORE.test(left) ? match : shown()
}

/** Whether what begins there is compared or set in a statement of SQL. */
function isOperand(text: string, offset: number): boolean {
  return SQL.test(before(text, offset, LOOKED_BACK)) && SQL_BEFORE.test(before(text, offset, 400))
}

function isEnclosed(value: string): boolean {
  const [first, last] = [value.at(0), value.at(-1)]
  return value.length > 1 && (first === '{' ? last === '}' : isQuote(first) && first === last)
}

function isQuote(character: string | undefined): boolean {
  return character === "'" || character === '"'
}

/** What encloses a value stays, and so does what closes the text around it. */
function hide(value: string): string {
  if (masked(value) === value) return value
  if (isEnclosed(value)) {
    return value.startsWith('{{') ? value : value[0] + masked(value.slice(1, -1)) + value.at(-1)
  }
  const [secret = value] = /^(?:[\s\S]*[^\s"'`)\]}>,.;])?/.exec(value) ?? []
  return secret === '' ? value : masked(secret) + value.slice(secret.length)
}

function before(text: string, offset: number, most: number): string {
  return text.slice(Math.max(0, offset - most), offset)
}

function after(text: string, end: number): string {
  return text.slice(end, end + 200)
}
