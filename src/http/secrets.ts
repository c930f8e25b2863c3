/**
 * Keeping secrets out of messages: a server may repeat a header or a part of the URL in its answer.
 */
import type { HttpSettings } from './http-settings.js'

/** Shorter values are tenants and flags rather than secrets, and hiding them would garble texts. */
const SHORTEST_SECRET = 4

/**
 * A text from outside with every secret of the settings replaced by `***`.
 *
 * @example
 * withoutSecrets('bad token s3cret', settings) // 'bad token ***'
 */
export function withoutSecrets(text: string, settings: HttpSettings): string {
  return secretsOf(settings).reduce((shown, secret) => shown.replaceAll(secret, '***'), text)
}

function secretsOf({ headers, url }: HttpSettings): string[] {
  const values = [...url.searchParams.values()]
  for (const [name, value] of Object.entries(headers)) {
    if (name === 'user-agent' || name === 'host') continue
    // Of `Bearer …` the second word is the secret.
    values.push(value, ...value.split(/\s+/).slice(1))
    const credentials = /^basic\s+(\S+)$/i.exec(value)?.[1]
    if (credentials === undefined) continue
    const decoded = Buffer.from(credentials, 'base64').toString()
    const password = decoded.slice(decoded.indexOf(':') + 1)
    values.push(decoded, password, encodeURIComponent(password))
  }
  return [...new Set(values)]
    .filter((value) => value.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length)
}
