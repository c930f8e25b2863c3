import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { postgresSettings } from '../../src/sources/postgres-settings.js'
import { Authority, hasOpenssl } from '../http/certificates.js'
import { newFolder } from './places.js'

type Variables = Readonly<Record<string, string>>

/** An environment without a home of anybody. */
function settings(url: string, variables: Variables = {}) {
  return postgresSettings(url, { HOME: newFolder(), ...variables })
}

describe('the settings of a connection', () => {
  it('come from the URL first, then from the variables, then from libpq’s defaults', () => {
    const variables = {
      PGHOST: 'other',
      PGPORT: '5433',
      PGUSER: 'bo',
      PGDATABASE: 'd',
      PGOPTIONS: '-c a=b',
    }
    expect(settings('postgres://ana@db:5434/rivet?options=-c%20x%3Dy', variables)).toMatchObject({
      hosts: [{ host: 'db', port: 5434 }],
      ...{ user: 'ana', database: 'rivet', options: '-c x=y' },
    })
    expect(settings('postgres://', variables)).toMatchObject({
      hosts: [{ host: 'other', port: 5433 }],
      ...{ user: 'bo', database: 'd', options: '-c a=b' },
    })
    const name = userInfo().username
    const bare = { hosts: [{ host: 'db', port: 5432 }], user: name, database: name, options: '' }
    expect(settings('postgres://db')).toMatchObject({ ...bare, connectTimeoutMs: 10_000 })
  })

  it('name a place without a secret, in characters that act on nothing', () => {
    const shown = (url: string) => settings(url, { PGPASSWORD: 'planted' }).location
    expect(shown('postgres://ana:planted@db/rivet?password=planted')).toBe(
      'postgres://db:5432/rivet',
    )
    expect(shown('postgres://a,[::1]:1/täglich%1b%5B')).toBe(
      'postgres://a:5432,[::1]:1/täglich%1B[',
    )
    expect(shown('postgres:///x?host=/run/pg&port=1')).toBe('postgres://%2Frun%2Fpg:1/x')
  })

  it('give each of several hosts its port, or all the one', () => {
    const places = (url: string) => settings(url).hosts.map(({ host, port }) => `${host}:${port}`)
    expect(places('postgres://a:1,b,c:3/x')).toEqual(['a:1', 'b:5432', 'c:3'])
    expect(places('postgres:///x?host=a,b&port=7')).toEqual(['a:7', 'b:7'])
    expect(() => places('postgres:///x?host=a,b,c&port=7,8')).toThrow(/as many as hosts \(3\)/)
  })

  it.each([
    ['postgres://db:70000/x', /port of the PostgreSQL URL: .*65535/],
    ['postgres://db/x?connect_timeout=soon', /connect_timeout of the PostgreSQL URL/],
    ['postgres://db/x?sslmode=no-verify', /sslmode .*verify-full, got "no-verify"/],
    ['postgres://db/x?sslrootcert=/nowhere.pem', /sslrootcert .*cannot be read/],
    ['postgres://db/x?sslrootcert=system&sslmode=require', /needs verify-full/],
    ['postgres://db/x?sslcert=/nowhere.pem', /needs its key/],
    ['postgres://db/x?channel_binding=maybe', /disable or prefer or require/],
  ])('refuse %s', (url, message) => {
    expect(() => settings(url)).toThrow(message)
  })
})

describe('the password', () => {
  const password = (url: string, variables: Variables = {}) =>
    settings(url, variables).hosts.map((host) => host.password)

  it('comes from the URL, else PGPASSWORD, else the password file', () => {
    const file = passwordFile('*:*:*:*:filed')
    const all = { PGPASSWORD: 'variable', PGPASSFILE: file }
    expect(password('postgres://ana:url@db/x', all)).toEqual(['url'])
    expect(password('postgres://ana@db/x', all)).toEqual(['variable'])
    expect(password('postgres://ana@db/x', { PGPASSFILE: file })).toEqual(['filed'])
    expect(password(`postgres://ana@db/x?passfile=${file}`)).toEqual(['filed'])
    expect(password('postgres://ana@db/x')).toEqual([undefined])
  })

  it('is that of the first line which fits host, port, database and user', () => {
    const file = passwordFile(
      '# host:port:database:user:password',
      'db:5432:x:bo:of bo',
      String.raw`db:*:x:ana:with \: and \\`,
      '::1:5432:x:ana:wrong',
      String.raw`\:\:1:5432:x:ana:six`,
      'localhost:5432:*:ana:socket',
      '*:*:*:*:any',
    )
    const of = (url: string) => password(url, { PGPASSFILE: file })
    expect(of('postgres://ana@db/x')).toEqual([String.raw`with : and \ `.trim()])
    expect(of('postgres://bo@db/x')).toEqual(['of bo'])
    expect(of('postgres://ana@[::1]/x')).toEqual(['six'])
    expect(of('postgres://ana@%2Ftmp/x')).toEqual(['socket'])
    expect(of('postgres://ana@db,elsewhere:7/x')).toEqual(['with : and \\', 'any'])
  })

  it('is found in ~/.pgpass, and not in a file that others can read', () => {
    const home = newFolder()
    const file = join(home, '.pgpass')
    writeFileSync(file, 'db:5432:x:ana:home\n', { mode: 0o600 })
    expect(password('postgres://ana@db/x', { HOME: home })).toEqual(['home'])
    chmodSync(file, 0o640)
    expect(password('postgres://ana@db/x', { HOME: home })).toEqual([undefined])
  })
})

describe('sslmode', () => {
  const security = (url: string, variables: Variables = {}) =>
    settings(url, variables).hosts[0]?.security

  it('says in which ways a server is spoken to', () => {
    const anyone = expect.objectContaining({ rejectUnauthorized: false })
    const checked = expect.objectContaining({ rejectUnauthorized: true })
    const named = expect.not.objectContaining({ checkServerIdentity: expect.anything() })
    const of = (mode: string) => security(`postgres://db/x?sslmode=${mode}`)
    expect(of('disable')).toEqual([false])
    expect(of('allow')).toEqual([false, anyone])
    expect(of('prefer')).toEqual([anyone, false])
    expect(security('postgres://db/x')).toEqual([anyone, false])
    expect(of('require')).toEqual([anyone])
    expect(of('verify-ca')).toEqual([checked])
    expect(of('verify-ca')).not.toEqual([named])
    expect(of('verify-full')).toEqual([{ rejectUnauthorized: true }])
    expect(security('postgres://db/x', { PGSSLMODE: 'verify-full' })).toEqual([named])
    expect(security('postgres://db/x?sslrootcert=system')).toEqual([named])
    expect(security('postgres://%2Ftmp/x?sslmode=verify-full')).toEqual([false])
  })

  it.skipIf(!hasOpenssl)('uses a file of authorities wherever one is, as libpq does', () => {
    const { authority } = new Authority('ours')
    const home = newFolder()
    mkdirSync(join(home, '.postgresql'))
    writeFileSync(join(home, '.postgresql', 'root.crt'), authority.cert)
    const checked = { ca: authority.cert, rejectUnauthorized: true }
    expect(security('postgres://db/x?sslmode=require', { HOME: home })).toMatchObject([checked])
    const named = `postgres://db/x?sslmode=require&sslrootcert=${authority.certFile}`
    expect(security(named)).toMatchObject([checked])
    writeFileSync(join(home, '.postgresql', 'root.crt'), authority.cert.slice(0, 200))
    expect(() => security('postgres://db/x', { HOME: home })).toThrow(/root\.crt cannot be used/)
  })

  it.skipIf(!hasOpenssl)('takes a client certificate with its key', () => {
    const { certFile, keyFile, cert, key } = new Authority('ours').sign('DNS:ana')
    const url = `postgres://db/x?sslmode=require&sslcert=${certFile}&sslkey=${keyFile}`
    expect(security(url)).toMatchObject([{ cert, key }])
    const other = new Authority('other').sign('DNS:ana')
    const wrong = `postgres://db/x?sslmode=require&sslcert=${certFile}&sslkey=${other.keyFile}`
    expect(() => security(wrong)).toThrow(/cannot be used/)
  })
})

function passwordFile(...lines: readonly string[]): string {
  const file = join(newFolder(), 'pgpass')
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  return file
}
