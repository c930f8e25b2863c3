/**
 * The name of an OTLP/HTTP target by which a ledger knows it again.
 *
 * It is the URL without user, password and the values of its query, and the tenant. So new
 * credentials make no new target, and no secret is in the name. Two targets that differ in those
 * alone have one name, and need a ledger each.
 */
import { TENANT_HEADER } from '../http/headers.js'
import type { HttpSettings } from '../http/http-settings.js'

/**
 * Names a target.
 *
 * @example
 * otlpTargetName(settings) // 'http://host:4318/v1/traces?key#tenant=team%201'
 */
export function otlpTargetName({ url, headers }: Pick<HttpSettings, 'url' | 'headers'>): string {
  const names = [...new Set(url.searchParams.keys())].sort().map(encodeURIComponent)
  const query = names.length === 0 ? '' : `?${names.join('&')}`
  const tenant = headers[TENANT_HEADER]
  // No URL of a target has a fragment.
  const suffix = tenant === undefined ? '' : `#tenant=${encodeURIComponent(tenant)}`
  return `${url.origin}${url.pathname}${query}${suffix}`
}
