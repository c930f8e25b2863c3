/**
 * Certificates for an `https://` target: read and tried when the settings are read, so that a wrong
 * file is a message about that file and not a failed connection later.
 */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { reasonOf } from '../problem.js'
import { HTTP_FLAGS } from './http-flags.js'
import type { HttpUrl } from './http-url.js'
import { fail, type Setting } from './setting.js'

/** PEM texts for a TLS connection; those that are absent are Node's defaults. */
export interface TlsSettings {
  /** The authorities to trust instead of the well-known ones. */
  readonly ca?: string
  /** One's own certificate; always with `key`. */
  readonly cert?: string
  /** Its key; a secret. */
  readonly key?: string
}

/** Where the PEM files lie. */
export interface TlsFiles {
  readonly certificate: Setting | undefined
  readonly clientCertificate: Setting | undefined
  readonly clientKey: Setting | undefined
}

/**
 * Reads the certificate files. For an `http://` place they are an error, except where a flag gave
 * the place and the environment the certificates, which are then for another one.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` for a file that cannot be used.
 * @example
 * tlsSettings(files, place).ca // '-----BEGIN CERTIFICATE-----…'
 */
export function tlsSettings(files: TlsFiles, place: HttpUrl): TlsSettings {
  const { certificate: ca, clientCertificate: cert, clientKey: key } = files
  if (place.url.protocol === 'http:') {
    for (const setting of [ca, cert, key]) refuseWithoutTls(setting, place)
    return {}
  }
  if (cert !== undefined && key === undefined) {
    throw fail(cert, `a client certificate needs its key: ${HTTP_FLAGS.clientKey}`)
  }
  if (key !== undefined && cert === undefined) {
    throw fail(key, `a client key needs its certificate: ${HTTP_FLAGS.clientCertificate}`)
  }
  const tls = {
    ...(ca && { ca: readPem(ca, 'CERTIFICATE') }),
    ...(cert && { cert: readPem(cert, 'CERTIFICATE') }),
    ...(key && { key: readPem(key, 'PRIVATE KEY') }),
  }
  if (ca !== undefined) tryOut(ca, () => readCertificates(tls.ca))
  if (cert !== undefined) tryOut(cert, () => readCertificates(tls.cert))
  if (key !== undefined) tryOut(key, () => createSecureContext({ cert: tls.cert, key: tls.key }))
  return tls
}

function refuseWithoutTls(setting: Setting | undefined, place: HttpUrl): void {
  if (setting === undefined || (place.setting.isFlag && !setting.isFlag)) return
  throw fail(
    setting,
    `certificates are for https:// only, and ${place.setting.name} is an http:// URL`,
  )
}

function readPem(setting: Setting, kind: 'CERTIFICATE' | 'PRIVATE KEY'): string {
  let text: string
  try {
    text = readFileSync(setting.text, 'utf8')
  } catch (error) {
    throw fail(setting, `the file cannot be read: ${reasonOf(error)}`, undefined, error)
  }
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: .*ENCRYPTED/m.test(text)) {
    throw fail(
      setting,
      `the key in ${setting.text} is protected by a passphrase; expected one without`,
      `openssl pkey -in ${setting.text} -out plain.pem takes it off`,
    )
  }
  const prefix = kind === 'PRIVATE KEY' ? '([A-Z]+ )?' : ''
  if (!new RegExp(`-----BEGIN ${prefix}${kind}-----`).test(text)) {
    throw fail(setting, `expected a PEM file with -----BEGIN ${kind}-----, got ${setting.text}`)
  }
  return text
}

/** Node ignores a broken authority without a word, so each is read here. */
function readCertificates(text = ''): void {
  for (const [block] of text.matchAll(/-----BEGIN CERTIFICATE-----[^-]*(-----END|$)/g)) {
    if (!block.endsWith('-----END')) throw new Error('a certificate has no end')
    new X509Certificate(`${block} CERTIFICATE-----`)
  }
}

function tryOut(setting: Setting, use: () => unknown): void {
  try {
    use()
  } catch (error) {
    throw fail(setting, `${setting.text} cannot be used: ${reasonOf(error)}`, undefined, error)
  }
}
