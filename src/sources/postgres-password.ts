/**
 * The password of a connection: from the URL, else `PGPASSWORD`, else the password file
 * (`PGPASSFILE`, `~/.pgpass`), as libpq looks for it.
 */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { SettingReader } from './postgres-settings.js'

/** What a line of the password file is found by. */
interface PasswordQuestion {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
}

const FIELD = /((?:\\[\s\S]|[^\\:])*)(?::|$)/y

/**
 * The password; `undefined` where there is none.
 *
 * @example
 * passwordFor({ host: 'db', port: 5432, database: 'rivet', user: 'ana' }, read, '/home/ana')
 */
export function passwordFor(
  question: PasswordQuestion,
  read: SettingReader,
  home: string,
): string | undefined {
  const setting = read('password')
  if (setting !== undefined) return setting.text
  const wanted = [question.host, String(question.port), question.database, question.user]
  for (const line of linesOf(read('passfile')?.text ?? join(home, '.pgpass'))) {
    const fields = fieldsOf(line)
    const password = fields[wanted.length]
    if (password !== undefined && wanted.every((text, i) => matches(fields[i], text))) {
      return password
    }
  }
  return undefined
}

/** A file that others can read is no secret, and not used. */
function linesOf(file: string): string[] {
  try {
    const stats = statSync(file)
    const isOpenToOthers = process.platform !== 'win32' && (stats.mode & 0o077) !== 0
    if (!stats.isFile() || isOpenToOthers) return []
    return readFileSync(file, 'utf8')
      .split(/\r?\n/)
      .filter((line) => !line.startsWith('#'))
  } catch {
    return []
  }
}

function fieldsOf(line: string): string[] {
  const fields: string[] = []
  FIELD.lastIndex = 0
  while (FIELD.lastIndex < line.length) {
    const field = FIELD.exec(line)?.[1]
    if (field === undefined) break
    fields.push(field.replace(/\\([\s\S])/g, '$1'))
  }
  return fields
}

/** A server on a socket goes by the name localhost too. */
function matches(field: string | undefined, text: string): boolean {
  return field === '*' || field === text || (text.startsWith('/') && field === 'localhost')
}
