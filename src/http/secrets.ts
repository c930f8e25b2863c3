/**
 * Keeping secrets out of messages: a server may repeat a header or a part of the URL in its answer.
 */
import type { HttpSettings } from './http-settings.js'

/** Shorter values are tenants and flags rather than secrets, and hiding them would garble texts. */
const SHORTEST_SECRET = 4

/**
 * A text from outside with every secret of the settings replaced by `***`, also where it is written
 * as in a URL, in JSON or in HTML.
 *
 * @example
 * withoutSecrets('bad token s3cret', settings) // 'bad token ***'
 */
export function withoutSecrets(text: string, settings: HttpSettings): string {
  const { headers, url } = settings
  const secrets = [...secretsInQuery(url), ...Object.entries(headers).flatMap(secretsInHeader)]
  return withoutThese(
    text,
    secrets.filter((secret) => secret.length >= SHORTEST_SECRET),
  )
}

/**
 * A text with `***` in the place of these secrets, also where they are written as in a URL, in JSON or in
 * HTML.
 *
 * @example
 * withoutThese('no user "a%2Fb"', ['a/b']) // 'no user "***"'
 */
export function withoutThese(text: string, secrets: readonly string[]): string {
  return spellingsOf(secrets).reduce((shown, secret) => shown.replaceAll(secret, '***'), text)
}

/** The longest first: a shorter one may be a part of it. */
function spellingsOf(secrets: readonly string[]): string[] {
  const spellings = secrets
    .flatMap((secret) => [secret, ...inUrls(secret)])
    .flatMap((spelling) => [spelling, ...inJson(spelling), ...inHtml(spelling)])
  return [...new Set(spellings)].sort((a, b) => b.length - a.length)
}

/** Each value as it stands in the URL, and what it means. */
function secretsInQuery({ search, searchParams }: URL): string[] {
  const asItStands = search
    .slice(1)
    .split('&')
    .map((pair) => pair.slice(pair.indexOf('=') + 1))
  return [...asItStands, ...searchParams.values()]
}

function secretsInHeader([name, value]: [name: string, value: string]): string[] {
  if (name === 'user-agent' || name === 'host') return []
  // Of `Bearer …` the second word is the secret.
  const secrets = [value, ...value.split(/\s+/).slice(1)]
  const credentials = /^basic\s+(\S+)$/i.exec(value)?.[1]
  if (credentials === undefined) return secrets
  const decoded = Buffer.from(credentials, 'base64').toString()
  return [...secrets, decoded, decoded.slice(decoded.indexOf(':') + 1)]
}

/** As a component and as a form, and both with digits in lower case. */
function inUrls(secret: string): string[] {
  const form = new URLSearchParams({ '': secret }).toString().slice(1)
  const encoded = [encodeURIComponent(secret.toWellFormed()), form]
  const inLowerCase = (digits: string) => digits.toLowerCase()
  return [...encoded, ...encoded.map((text) => text.replace(/%[0-9A-F]{2}/g, inLowerCase))]
}

/** Go escapes what HTML would take for its own, PHP a slash. */
function inJson(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1)
  const code = (character: string) => `\\u00${character.charCodeAt(0).toString(16)}`
  return [json, json.replace(/[<>&]/g, code), json.replaceAll('/', '\\/')]
}

/** As Go, Python, PHP and XML write a double and a single quote, and as who leaves them. */
const QUOTES_IN_HTML = [
  ['&#34;', '&#39;'],
  ['&quot;', '&#x27;'],
  ['&quot;', '&#039;'],
  ['&quot;', '&apos;'],
  ['"', "'"],
] as const

function inHtml(text: string): string[] {
  if (!/[<>&"']/.test(text)) return []
  const harmless = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const decimal = text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`)
  const named = QUOTES_IN_HTML.map(([double, single]) =>
    harmless.replaceAll('"', double).replaceAll("'", single),
  )
  return [...named, decimal]
}
