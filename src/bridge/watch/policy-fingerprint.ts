/** A short name for what is taken out of journals, so that another policy is seen to be another. */
import { createHmac } from 'node:crypto'
import type { RedactionPolicy } from '../../journal/redaction.js'

const DIGITS = 16

/**
 * The name of a policy: 16 hexadecimal digits, the same for policies that say the same. The key of
 * the policy is the key of an HMAC and never part of what is hashed.
 *
 * @example
 * policyFingerprint({ fields: ['files', 'query'] }) === policyFingerprint({ fields: ['query', 'files'] })
 */
export function policyFingerprint({ fields = [], patterns = [], key }: RedactionPolicy): string {
  const said = JSON.stringify([
    key !== undefined,
    [...new Set(fields)].sort(),
    patterns.map(({ source, flags }) => [source, flags]),
  ])
  return createHmac('sha256', key ?? '')
    .update(said)
    .digest('hex')
    .slice(0, DIGITS)
}
