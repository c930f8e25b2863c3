import { describe, expect, it } from 'vitest'
import { type BackendFlags, backendSettings } from '../../src/backends/backend-settings.js'
import { resourceFromEnvironment } from '../../src/mapping/resource.js'
import { RivetOtelError } from '../../src/problem.js'
import { Authority, hasOpenssl } from '../http/certificates.js'

const version = '1.2.3'
const url = 'jaeger+http://host:16686'
type Env = Record<string, string | undefined>

function settings(flags: Partial<BackendFlags> = {}, env: Env = {}) {
  return backendSettings({ url, ...flags, env, version })
}

function failure(flags: Partial<BackendFlags>, env: Env = {}): RivetOtelError {
  try {
    settings(flags, env)
  } catch (error) {
    if (error instanceof RivetOtelError) return error
    throw error
  }
  throw new Error('no error came')
}

describe('the location', () => {
  it.each([
    ['jaeger+http://host:16686', 'http://host:16686/', 'jaeger+http://host:16686'],
    ['jaeger+http://host:16686/', 'http://host:16686/', 'jaeger+http://host:16686'],
    ['tempo+https://host/tempo//', 'https://host/tempo', 'tempo+https://host/tempo'],
    [' Tempo+HTTP://Host:3200 ', 'http://host:3200/', 'tempo+http://host:3200'],
    ['tempo+http://[::1]:3200', 'http://[::1]:3200/', 'tempo+http://[::1]:3200'],
    ['tempo+http://h/a?key=s3cret', 'http://h/a?key=s3cret', 'tempo+http://h/a?…'],
  ])('%s is read below %s and named %s', (text, href, location) => {
    const found = settings({ url: text })
    expect(found.url.href).toBe(href)
    expect(found.location).toBe(location)
  })

  it('gives its user and password away to basic authentication, and to nothing else', () => {
    const found = settings({ url: 'tempo+https://me%40here:p%3Aw@host/tempo' })
    expect(found.headers.authorization).toBe(
      `Basic ${Buffer.from('me@here:p:w').toString('base64')}`,
    )
    expect(found.url.href).toBe('https://host/tempo')
    expect(found.location).toBe('tempo+https://host/tempo')
  })

  it.each([
    ['http://me:s3cret@host', 'expected jaeger+http://host:port or tempo+http://host:port'],
    ['zipkin+http://host', 'expected jaeger+http://host:port or tempo+http://host:port'],
    ['tempo+ftp://me:s3cret@host', 'expected jaeger+http://host:port'],
    ['', 'expected jaeger+http://host:port'],
    ['tempo+http://', 'expected tempo+http://host:port or tempo+https://host:port, got "http://"'],
    ['tempo+http://me:s3@cret@host:x/', 'got "…host:x/"'],
    ['tempo+http://me:s3cret%@host', 'the password in the URL is not percent-encoded'],
    ['tempo+http://me:s3cret@host/#s3cret', 'tempo+http://host/ has a fragment'],
  ])('that cannot be used is an error that shows no secret: %s', (text, expected) => {
    const { code, message } = failure({ url: text })
    expect(code).toBe('INVALID_CONFIGURATION')
    expect(message).toMatch(/^the location: /)
    expect(message).toContain(expected)
    expect(message).not.toMatch(/s3|cret/)
  })
})

describe('headers', () => {
  it('are those of the variable for reading, over them the flags, over them the tenant', () => {
    const env = {
      RIVET_OTEL_READ_HEADERS: 'a=1,B=2%2C5,X-Scope-OrgID=other',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=for-another-place',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'authorization=for-another-place',
    }
    const flags = { headers: ['a=3', 'Authorization=Bearer x=y'], tenant: 'team|other team' }
    expect(settings(flags, env).headers).toEqual({
      'user-agent': 'rivet-otel/1.2.3',
      a: '3',
      b: '2,5',
      authorization: 'Bearer x=y',
      'x-scope-orgid': 'team|other team',
    })
  })

  it.each<[Partial<BackendFlags>, Env, string]>([
    [{ headers: ['x=1', 's3cret'] }, {}, '--header: entry 2 has no "=": expected key=value'],
    [
      { headers: ['s3cret'], headersFlag: '--read-header' },
      {},
      '--read-header: entry 1 has no "=": expected key=value',
    ],
    [
      { tenant: 'a', headers: ['X-Scope-OrgId=s3cret'], headersFlag: '--read-header' },
      {},
      '--tenant: --read-header has an x-scope-orgid too; expected one of them',
    ],
    [
      {},
      { RIVET_OTEL_READ_HEADERS: 's3cret' },
      'RIVET_OTEL_READ_HEADERS: entry 1 has no "=": expected key=value',
    ],
    [
      { tenant: 's3cret\nx' },
      {},
      '--tenant: the value of x-scope-orgid holds characters that a header cannot have',
    ],
    [{ tenant: ' ' }, {}, '--tenant: expected a value, got nothing'],
    [
      { tenant: 'a', headers: [' X-Scope-OrgId =s3cret'] },
      {},
      '--tenant: --header has an x-scope-orgid too; expected one of them',
    ],
    [
      { url: 'tempo+http://me:s3cret@host' },
      { RIVET_OTEL_READ_HEADERS: 'authorization=s3cret' },
      'the location: the URL has a user and the headers have an authorization; expected one of them',
    ],
  ])('that cannot be used are an error without their value: %o %o', (flags, env, message) => {
    const error = failure(flags, env)
    expect(error.code).toBe('INVALID_CONFIGURATION')
    expect(error.message).toBe(message)
  })
})

describe('the other settings', () => {
  it('have defaults, and those of the place that is written to do not count', () => {
    const env = { OTEL_EXPORTER_OTLP_TIMEOUT: '1', OTEL_EXPORTER_OTLP_CERTIFICATE: 'ca.pem' }
    const secure = { url: 'tempo+https://host' }
    expect(settings(secure, env)).toMatchObject({
      timeoutMs: 30_000,
      retryForMs: 10_000,
      tls: {},
      serviceName: 'rivet',
    })
  })

  it('come from the flags', () => {
    expect(settings({ timeoutMs: '500', retryForMs: 0 })).toMatchObject({
      timeoutMs: 500,
      retryForMs: 0,
    })
  })

  it.each<[Partial<BackendFlags>, string]>([
    [{ timeoutMs: '0' }, '--timeout: expected a whole number of milliseconds from 1 to'],
    [{ retryForMs: '10s' }, '--retry-for: expected a whole number of milliseconds from 0 to'],
    [
      { certificate: 'ca.pem' },
      '--certificate: certificates are for https:// only, and the location is an http:// URL',
    ],
    [
      { url: 'tempo+https://host', certificate: '/no/ca.pem' },
      '--certificate: the file cannot be read: ENOENT',
    ],
    [
      { url: 'tempo+https://host', clientCertificate: 'own.pem' },
      '--client-certificate: a client certificate needs its key: --client-key',
    ],
  ])('that are bad are errors that name the flag: %o', (flags, message) => {
    const error = failure(flags)
    expect(error.code).toBe('INVALID_CONFIGURATION')
    expect(error.message).toContain(message)
  })

  it.runIf(hasOpenssl)('hold the texts of the certificates', () => {
    const ours = new Authority('ours')
    const client = ours.sign('email:client@example.com')
    const flags = {
      url: 'jaeger+https://host',
      certificate: ours.authority.certFile,
      clientCertificate: client.certFile,
      clientKey: client.keyFile,
    }
    expect(settings(flags).tls).toEqual({
      ca: ours.authority.cert,
      cert: client.cert,
      key: client.key,
    })
  })
})

describe('the name of the service to search for', () => {
  it.each<[string, Env]>([
    ['rivet', {}],
    ['rivet', { OTEL_SERVICE_NAME: '', OTEL_RESOURCE_ATTRIBUTES: 'a=service.name' }],
    ['etl', { OTEL_SERVICE_NAME: 'etl', OTEL_RESOURCE_ATTRIBUTES: 'service.name=x' }],
    ['my etl', { OTEL_RESOURCE_ATTRIBUTES: 'service.name=x,a=b, service.name = my%20etl ' }],
    [' etl ', { OTEL_SERVICE_NAME: ' etl ' }],
    ['', { OTEL_RESOURCE_ATTRIBUTES: 'service.name=' }],
    ['rivet', { OTEL_RESOURCE_ATTRIBUTES: 'service.name.x=1,xservice.name=2' }],
  ])('is %s with %o, as an export in this environment sends it', (name, env) => {
    expect(settings({}, env).serviceName).toBe(name)
    expect(resourceFromEnvironment(env)['service.name']).toBe(name)
  })

  it('that cannot be read is an error', () => {
    const env = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=%' }
    expect(failure({}, env).message).toBe(
      'OTEL_RESOURCE_ATTRIBUTES: "service.name" is no pair; expected key=value, percent-encoded, separated by commas',
    )
  })
})
