/**
 * What `sslmode` means: in which ways a server may be spoken to, with TLS or without, and what its
 * certificate must show.
 *
 * As libpq has it, with one difference: where no file of authorities is named or lies in
 * `~/.postgresql`, `verify-ca` and `verify-full` trust the well-known ones, as rivet does.
 */
import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ConnectionOptions, createSecureContext } from 'node:tls'
import { fail, quotedSetting, type Setting } from '../http/setting.js'
import { reasonOf } from '../problem.js'
import type { SettingReader } from './postgres-settings.js'

const MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const

type Mode = (typeof MODES)[number]

/** Stands for the well-known authorities. */
const SYSTEM = 'system'

/**
 * The ways to speak to a server, one after the other; `false` is without TLS.
 *
 * @param home the folder in which `.postgresql` may lie.
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` for an unknown mode and for a file that cannot be used.
 * @example
 * securityAttempts(read, '/home/ana') // [{ rejectUnauthorized: false }, false] for sslmode=prefer
 */
export function securityAttempts(
  read: SettingReader,
  home: string,
): readonly (ConnectionOptions | false)[] {
  const mode = modeOf(read)
  if (mode === 'disable') return [false]
  const tls = tlsOptions(read, join(home, '.postgresql'), mode)
  if (mode === 'allow') return [false, tls]
  return mode === 'prefer' ? [tls, false] : [tls]
}

function modeOf(read: SettingReader): Mode {
  const setting = read('sslmode')
  const isSystem = read('sslrootcert')?.text === SYSTEM
  if (setting === undefined) {
    // TLS from the first byte leaves no way to ask for less.
    if (isSystem) return 'verify-full'
    return read('sslnegotiation')?.text === 'direct' ? 'require' : 'prefer'
  }
  const mode = MODES.find((one) => one === setting.text)
  if (mode === undefined) {
    throw fail(setting, `expected one of ${MODES.join(', ')}, got ${quotedSetting(setting.text)}`)
  }
  if (isSystem && mode !== 'verify-full') {
    throw fail(setting, `sslrootcert=${SYSTEM} needs verify-full, got ${mode}`)
  }
  return mode
}

function tlsOptions(read: SettingReader, folder: string, mode: Mode): ConnectionOptions {
  const root = read('sslrootcert') ?? fileIn(folder, 'root.crt')
  const certificate = read('sslcert') ?? fileIn(folder, 'postgresql.crt')
  const key = certificate && (read('sslkey') ?? fileIn(folder, 'postgresql.key'))
  if (certificate !== undefined && key === undefined) {
    throw fail(certificate, 'a client certificate needs its key: sslkey')
  }
  const hasFile = root !== undefined && root.text !== SYSTEM
  const options = {
    ...(hasFile && { ca: readAuthorities(root) }),
    ...(certificate && { cert: readFile(certificate) }),
    ...(key && { key: readFile(key) }),
  }
  const last = key ?? root
  if (last !== undefined) tryOut(last, () => createSecureContext(options))
  return {
    ...options,
    // As libpq: a file of authorities is there to be used, also where the mode alone would not ask.
    rejectUnauthorized: hasFile || mode.startsWith('verify-'),
    ...(mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  }
}

function fileIn(folder: string, name: string): Setting | undefined {
  const text = join(folder, name)
  return existsSync(text) ? { text, name: text, isFlag: false } : undefined
}

/** Node ignores a broken authority without a word, so the first is read here. */
function readAuthorities(setting: Setting): string {
  const text = readFile(setting)
  tryOut(setting, () => new X509Certificate(text))
  return text
}

function readFile(setting: Setting): string {
  try {
    return readFileSync(setting.text, 'utf8')
  } catch (error) {
    throw fail(setting, `the file cannot be read: ${reasonOf(error)}`, undefined, error)
  }
}

function tryOut(setting: Setting, use: () => unknown): void {
  try {
    use()
  } catch (error) {
    throw fail(
      setting,
      `${setting.text} cannot be used: ${reasonOf(error)}`,
      'expected a PEM file; a key without a passphrase',
    )
  }
}
