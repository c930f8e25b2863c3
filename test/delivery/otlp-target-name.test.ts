import { describe, expect, it } from 'vitest'
import { otlpTargetName } from '../../src/delivery/otlp-target-name.js'
import { target } from './target.js'

function nameOf(endpoint: string, ...headers: readonly string[]): string {
  return otlpTargetName(target(endpoint, { headers }))
}

describe('the name of a target', () => {
  it.each([
    ['http://Host:4318', 'http://host:4318/v1/traces'],
    ['http://host:4318/v1/traces', 'http://host:4318/v1/traces'],
    ['https://host:443/otlp', 'https://host/otlp/v1/traces'],
    ['http://me:planted@host:4318', 'http://host:4318/v1/traces'],
    ['http://host/?b=planted&a=planted&b=x', 'http://host/v1/traces?a&b'],
  ])('of %s is %s', (endpoint, name) => {
    expect(nameOf(endpoint)).toBe(name)
  })

  it('has the tenant, and no other header', () => {
    expect(nameOf('http://host', 'authorization=planted', 'X-Scope-OrgID=team #1')).toBe(
      'http://host/v1/traces#tenant=team%20%231',
    )
  })
})
