import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RivetOtelError } from '../../src/problem.js'
import { parsePostgresUrl } from '../../src/sources/postgres-url.js'

const parsed = (url: string) => Object.fromEntries(parsePostgresUrl(url))

describe('a postgres:// URL', () => {
  it.each([
    ['postgres://', {}],
    ['postgresql://db', { host: 'db' }],
    ['POSTGRES://db/rivet', { host: 'db', dbname: 'rivet' }],
    ['postgres://ana@/rivet', { user: 'ana', dbname: 'rivet' }],
    [
      'postgres://ana:s%40%3A%2F3@db:5433/r%20v',
      { user: 'ana', password: 's@:/3', host: 'db', port: '5433', dbname: 'r v' },
    ],
    [
      'postgres://ana:a:b?c#d@db/rivet',
      { user: 'ana', password: 'a:b?c#d', host: 'db', dbname: 'rivet' },
    ],
    ['postgres://[::1]:5433,b/rivet', { host: '::1,b', port: '5433,', dbname: 'rivet' }],
    ['postgres://a,b:1,c:2/x', { host: 'a,b,c', port: ',1,2', dbname: 'x' }],
    ['postgres://%2Fvar%2Frun%2Fpg/x', { host: '/var/run/pg', dbname: 'x' }],
    ['postgres:///x?host=/tmp&port=5433', { host: '/tmp', port: '5433', dbname: 'x' }],
    [
      'postgres://db/x?sslmode=require&sslmode=verify-full',
      { host: 'db', dbname: 'x', sslmode: 'verify-full' },
    ],
    ['postgres://db/x?ssl=true', { host: 'db', dbname: 'x', sslmode: 'require' }],
    [
      'postgres://db/x?options=-c%20search_path%3Drivet',
      { host: 'db', dbname: 'x', options: '-c search_path=rivet' },
    ],
    ['postgres://db?user=ana&keepalives=1&target_session_attrs=any', { host: 'db', user: 'ana' }],
  ])('%s is taken apart as libpq does', (url, expected) => {
    expect(parsed(url)).toEqual(expected)
  })

  it.each([
    'mysql://planted@db/x',
    'postgres:planted',
    'postgres://ana:planted/secret@db/rivet',
    'postgres://ana:planted@secret@db/rivet',
    'postgres://ana:12/planted?sslmode=secret@db/rivet',
    'postgres://ana:12/planted?x=secret&y',
    'postgres://ana:planted%zz@db/rivet',
    'postgres://ana:planted%00@db/rivet',
    'postgres://db:planted/rivet',
    'postgres://[planted/rivet',
    'postgres://db/rivet?planted',
    'postgres://db/rivet?Planted=1',
    'postgres://db/rivet?gssencmode=planted',
  ])('%s is refused, without any part of it in the message', (url) => {
    const error = refusal(url)
    expect(error.code).toBe('INVALID_CONFIGURATION')
    expect(`${error.message} ${error.hint} ${error.stack}`).not.toMatch(/planted|secret/i)
    expect(error.cause).toBeUndefined()
  })

  it('names a parameter that it does not know', () => {
    expect(refusal('postgres://db/x?sslcrl=a.pem').message).toContain('sslcrl')
  })

  it('gives back every user, password and database that was percent-encoded', () => {
    fc.assert(
      fc.property(text(), text(), text(), (user, password, database) => {
        const [u, p, d] = [user, password, database].map(encodeURIComponent)
        expect(parsed(`postgres://${u}:${p}@db:1/${d}`)).toEqual({
          user,
          password,
          dbname: database,
          host: 'db',
          port: '1',
        })
      }),
    )
  })

  it('never shows a password that was not encoded', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 12 }), fc.nat(3), (noise, cut) => {
        const password = `${noise.slice(0, cut)}plantedSecret${noise.slice(cut)}`
        try {
          parsed(`postgres://ana:${password}@db/rivet`)
        } catch (error) {
          if (!(error instanceof RivetOtelError)) throw error
          expect(error.message).not.toContain('plantedSecret')
        }
      }),
    )
  })
})

function text() {
  return fc.string({ minLength: 1, unit: 'grapheme' }).filter((one) => !one.includes('\0'))
}

function refusal(url: string): RivetOtelError {
  try {
    parsed(url)
  } catch (error) {
    if (error instanceof RivetOtelError) return error
    throw error
  }
  throw new Error(`${url} was taken`)
}
