import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { OtlpFlags } from '../../src/delivery/otlp-flags.js'
import { otlpSettings } from '../../src/delivery/otlp-settings.js'
import { RivetOtelError } from '../../src/problem.js'
import { newFolder } from './temporary-folder.js'

const version = '1.2.3'
const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }

function settings(flags: OtlpFlags, env: Record<string, string | undefined> = {}) {
  const found = otlpSettings({ ...flags, env, version })
  if (found === undefined) throw new Error('no endpoint was found')
  return found
}

function failure(flags: OtlpFlags, env: Record<string, string | undefined> = {}): RivetOtelError {
  try {
    otlpSettings({ ...flags, env, version })
  } catch (error) {
    if (error instanceof RivetOtelError) return error
    throw error
  }
  throw new Error('no error came')
}

describe('the endpoint', () => {
  it.each([
    ['http://host:4318', 'http://host:4318/v1/traces'],
    ['http://host:4318/', 'http://host:4318/v1/traces'],
    ['http://host:4318/v1/traces', 'http://host:4318/v1/traces'],
    ['http://host:4318/v1/traces/', 'http://host:4318/v1/traces/'],
    ['https://host/otlp', 'https://host/otlp/v1/traces'],
    ['https://host/otlp/?key=1', 'https://host/otlp/v1/traces?key=1'],
    [' http://[::1]:4318 ', 'http://[::1]:4318/v1/traces'],
  ])('as a flag is a base to which the path is added unless it is there: %s', (flag, url) => {
    expect(settings({ endpoint: flag }).url.href).toBe(url)
  })

  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:1/base/' }, 'http://a:1/base/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b:2' }, 'http://b:2/'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b:2/in?x=1' }, 'http://b:2/in?x=1'],
    [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b:2/in' }, 'http://b:2/in'],
    [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ' ' }, 'http://collector:4318/v1/traces'],
  ])('comes from the environment as the specification says: %o', (env, url) => {
    expect(settings({}, env).url.href).toBe(url)
  })

  it('as a flag goes before the environment', () => {
    expect(settings({ endpoint: 'http://flag:1' }, ENDPOINT).url.host).toBe('flag:1')
  })

  it('that is nowhere configured leaves nothing to be read, however the rest is set', () => {
    expect(otlpSettings({ env: {}, version })).toBeUndefined()
    expect(otlpSettings({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, version })).toBeUndefined()
    const env = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_TIMEOUT: 'soon' }
    expect(otlpSettings({ env, version })).toBeUndefined()
  })

  it('that is missing makes flags about it an error', () => {
    expect(failure({ compression: 'gzip' }).message).toBe(
      '--compression is about an OTLP endpoint, and none is given',
    )
    expect(failure({ headers: ['a=b'] }).hint).toContain('OTEL_EXPORTER_OTLP_ENDPOINT')
    expect(otlpSettings({ env: {}, version, headers: [] })).toBeUndefined()
  })

  it.each(['localhost:4318', 'grpc://host:4317', 'host', 'http://', ''])(
    'that is no http URL is an error that says what was expected: %j',
    (endpoint) => {
      const error = failure({ endpoint })
      expect(error.code).toBe('INVALID_CONFIGURATION')
      expect(error.message).toContain('--to: expected http://host:port or https://host:port, got ')
    },
  )

  it('gives its user and password away to basic authentication, and to nothing else', () => {
    const found = settings({ endpoint: 'https://me%40here:p%3Aw@host/' })
    expect(found.headers.authorization).toBe(
      `Basic ${Buffer.from('me@here:p:w').toString('base64')}`,
    )
    expect(found.url.href).toBe('https://host/v1/traces')
    expect(found.location).toBe('https://host/v1/traces')
  })

  it('is named without what may be secret in it', () => {
    expect(settings({ endpoint: 'https://host/?token=s3cret' }).location).toBe(
      'https://host/v1/traces?…',
    )
  })

  it.each([
    ['me:s3cret@host:4318', '"…host:4318"'],
    ['ftp://me:s3cret@host/?key=s3cret', '"…host/"'],
    ['https://me:s3cret%@host', 'percent-encoded'],
    ['https://me:s3cret@host/#s3cret', 'https://host/ has a fragment'],
    ['https://me:s3@cret@host:x/', 'got'],
  ])('that is wrong shows no secret: %s', (endpoint, shown) => {
    const { message } = failure({ endpoint })
    expect(message).toContain(shown)
    expect(message).not.toMatch(/s3|cret/)
  })

  it('with a user and an authorization header is an error', () => {
    const error = failure({ endpoint: 'http://me:s3cret@host', headers: ['Authorization=t0ken'] })
    expect(error.message).toMatch(/^--to: .*authorization.*expected one of them$/)
    expect(error.message).not.toMatch(/s3cret|t0ken/)
  })
})

describe('headers', () => {
  it('are merged: the general variable, over it the one for traces, over it the flags', () => {
    const env = {
      ...ENDPOINT,
      OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=1,C=1,',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: ' B = 2%2C5 , c=2==',
    }
    expect(settings({ headers: ['c=3,%41 = x', 'd='] }, env).headers).toEqual({
      'user-agent': 'rivet-otel/1.2.3',
      a: '1',
      b: '2,5',
      c: '3,%41 = x',
      d: '',
    })
  })

  it('may replace the User-Agent', () => {
    expect(settings({ headers: ['User-Agent=mine'] }, ENDPOINT).headers).toEqual({
      'user-agent': 'mine',
    })
  })

  it.each([
    ['a=1,s3cret', 'entry 2 has no "=": expected key=value'],
    ['=s3cret', 'entry 1 has no "=": expected key=value'],
    ['a b=s3cret', 'the key of entry 1 is no name of a header: expected key=value'],
    ['__proto__=s3cret', 'the key of entry 1 is no name of a header: expected key=value'],
    ['a=s3cret%', 'the value of a is not percent-encoded properly'],
    ['a=s3cret%0A', 'the value of a holds characters that a header cannot have'],
    ['Content-Type=s3cret', 'content-type cannot be set: the request says that itself'],
  ])('that cannot be used are an error without their value: %s', (text, expected) => {
    const { code, message } = failure({}, { ...ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: text })
    expect(code).toBe('INVALID_CONFIGURATION')
    expect(message).toBe(`OTEL_EXPORTER_OTLP_HEADERS: ${expected}`)
  })

  it('given as a flag are an error that names the flag', () => {
    expect(failure({ headers: ['x=1', 's3cret'] }, ENDPOINT).message).toBe(
      '--header: entry 2 has no "=": expected key=value',
    )
  })
})

describe('the other settings', () => {
  it('have the defaults of the specification', () => {
    expect(settings({}, ENDPOINT)).toMatchObject({
      timeoutMs: 10_000,
      compression: 'none',
      encoding: 'protobuf',
      tls: {},
      maxRequestBytes: 4_000_000,
      concurrency: 4,
      retryForMs: 10_000,
    })
  })

  it('come from the flag, else the variable for traces, else the general one', () => {
    const general = {
      ...ENDPOINT,
      OTEL_EXPORTER_OTLP_TIMEOUT: '1',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    }
    const traces = {
      ...general,
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '2',
      OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
    }
    expect(settings({}, traces)).toMatchObject({
      timeoutMs: 2,
      compression: 'gzip',
      encoding: 'json',
    })
    const flags = { timeoutMs: '3', compression: 'none', protocol: 'http/protobuf' }
    expect(settings(flags, traces)).toMatchObject({
      timeoutMs: 3,
      compression: 'none',
      encoding: 'protobuf',
    })
    expect(settings({ timeoutMs: 4, protocol: 'http/json' }, general).timeoutMs).toBe(4)
  })

  it('may be spelled in any case, as the specification wants', () => {
    const flags = { compression: 'GZIP', protocol: 'HTTP/Json' }
    expect(settings(flags, ENDPOINT)).toMatchObject({ compression: 'gzip', encoding: 'json' })
  })

  it('refuse gRPC and say what to do instead', () => {
    const error = failure({}, { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })
    expect(error.message).toBe('OTEL_EXPORTER_OTLP_PROTOCOL: grpc is not spoken here')
    expect(error.hint).toContain('usually 4318')
  })

  it.each<[OtlpFlags, Record<string, string>, string]>([
    [{}, { OTEL_EXPORTER_OTLP_TIMEOUT: '10s' }, 'OTEL_EXPORTER_OTLP_TIMEOUT: expected a whole'],
    [{}, { OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '0' }, 'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: expected'],
    [{ timeoutMs: -1 }, {}, '--timeout: expected a whole number of milliseconds from 1 to'],
    [{ timeoutMs: 2 ** 31 }, {}, '--timeout: expected'],
    [{ timeoutMs: 1.5 }, {}, '--timeout: expected'],
    [{ timeoutMs: Number.NaN }, {}, '--timeout: expected'],
    [{}, { OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd' }, 'COMPRESSION: expected gzip or none, got "zs'],
    [{ protocol: 'http' }, {}, '--protocol: expected http/protobuf or http/json, got "http"'],
    [{ maxRequestBytes: '4MB' }, {}, '--max-request-bytes: expected a whole number of bytes'],
    [{ concurrency: '0' }, {}, '--concurrency: expected a whole number of requests from 1 to 100'],
    [{ retryForMs: '' }, {}, '--retry-for: expected a whole number of milliseconds from 0'],
  ])('that are bad are errors that name the flag or variable: %o %o', (flags, env, message) => {
    const error = failure({ ...flags }, { ...ENDPOINT, ...env })
    expect(error.code).toBe('INVALID_CONFIGURATION')
    expect(error.message).toContain(message)
  })
})

describe('certificates', () => {
  const folder = newFolder()
  const text = join(folder, 'text.pem')
  writeFileSync(text, 'hello')
  const garbage = join(folder, 'garbage.pem')
  writeFileSync(garbage, '-----BEGIN CERTIFICATE-----\nhello\n-----END CERTIFICATE-----\n')
  const locked = join(folder, 'locked.pem')
  writeFileSync(locked, '-----BEGIN ENCRYPTED PRIVATE KEY-----\n')
  const https = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector:4318' }

  it.each<[OtlpFlags, string]>([
    [{ certificate: join(folder, 'none.pem') }, '--certificate: the file cannot be read: ENOENT'],
    [{ certificate: folder }, '--certificate: the file cannot be read: EISDIR'],
    [{ certificate: text }, '--certificate: expected a PEM file with -----BEGIN CERTIFICATE-----'],
    [{ certificate: garbage }, 'cannot be used: '],
    [{ clientCertificate: garbage }, '--client-certificate: a client certificate needs its key'],
    [{ clientKey: text }, '--client-key: a client key needs its certificate'],
    [{ clientCertificate: garbage, clientKey: locked }, 'is protected by a passphrase'],
  ])('that cannot be used are errors that name flag and file: %o', (flags, message) => {
    expect(failure(flags, https).message).toContain(message)
  })

  it('from the environment are named by their variable', () => {
    const env = { ...https, OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: text }
    expect(failure({}, env).message).toContain('OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: expected')
  })

  it('for an http endpoint are an error', () => {
    expect(failure({ endpoint: 'http://a', certificate: text }).message).toBe(
      '--certificate: certificates are for https:// only, and --to is an http:// URL',
    )
    const env = { ...ENDPOINT, OTEL_EXPORTER_OTLP_CERTIFICATE: text }
    expect(failure({}, env).message).toContain('OTEL_EXPORTER_OTLP_CERTIFICATE: certificates are')
  })

  it('from the environment do not count for an http endpoint from a flag', () => {
    const env = { ...https, OTEL_EXPORTER_OTLP_CERTIFICATE: text }
    expect(settings({ endpoint: 'http://localhost:4318' }, env).tls).toEqual({})
  })
})
