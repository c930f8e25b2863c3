import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sourceAddress } from '../../src/state/source-address.js'
import { propertyCases } from '../journal/arbitrary-journal.js'

describe('the address of a source', () => {
  it.each([
    ['postgres://127.0.0.1:5432/shop', '127.0.0.1', 5432, 'shop'],
    ['mysql://db.example:3306/shop', 'db.example', 3306, 'shop'],
    ['mssql://db_1.example:1433/shop', 'db_1.example', 1433, 'shop'],
    ['postgres://[::1]:5432/shop', '::1', 5432, 'shop'],
    ['postgres://[2001:db8::7]/shop', '2001:db8::7', undefined, 'shop'],
    ['postgres://bücher.example:6000/läufe', 'bücher.example', 6000, 'läufe'],
    ['postgres://db', 'db', undefined, undefined],
    ['postgres://db:5432', 'db', 5432, undefined],
    ['postgres://db:5432/', 'db', 5432, undefined],
  ])('%s is read', (source, host, port, database) => {
    expect(sourceAddress(source)).toEqual({
      engine: source.slice(0, source.indexOf(':')),
      ...(host !== undefined && { host }),
      ...(port !== undefined && { port }),
      ...(database !== undefined && { database }),
    })
  })

  it.each([
    ['several hosts: nobody knows which one answered', 'postgres://h1:5432,h2:5432/shop'],
    ['no host: a socket of the same machine', 'postgres:///shop'],
    ['a port that is none', 'postgres://db:0/shop'],
    ['a port beyond 65535', 'postgres://db:65536/shop'],
    ['a port that is a word', 'postgres://db:five/shop'],
    ['brackets without an address', 'postgres://[]:5432/shop'],
    ['a host that was taken out', 'postgres://[redacted]:5432/shop'],
    ['a host that was taken out with a key', `postgres://[redacted:${'0af3'.repeat(8)}]:5432/shop`],
    ['an address of one interface only', 'postgres://[fe80::1%eth0]:5432/shop'],
    ['an encoded folder', 'postgres://%2fvar%2frun:5432/shop'],
    ['a named instance', 'postgres://db\\prod:5432/shop'],
    ['an address without brackets', 'postgres://::1:5432/shop'],
    ['something after the brackets', 'postgres://[::1]x:5432/shop'],
  ])('says no host for %s', (_, source) => {
    expect(sourceAddress(source)).toEqual({ engine: 'postgres', database: 'shop' })
  })

  it.each([
    ['an encoded name', 'mysql://db:3306/a%20b'],
    ['a path of two steps', 'mysql://db:3306/a/b'],
  ])('says no database for %s', (_, source) => {
    expect(sourceAddress(source)).toEqual({ engine: 'mysql', host: 'db', port: 3306 })
  })

  it('does not take a list of keywords apart', () => {
    for (const list of [
      'host=db.example port=5432 user=app password=*** dbname=app',
      'server=tcp:h,1433;database=app',
      '127.0.0.1:1;databasename=app;user=sa;password=***;encrypt=true',
      'user:***@db:5432/app',
      'db:5432/app?sslmode=require',
    ]) {
      expect(sourceAddress(`mssql://${list}`)).toEqual({ engine: 'mssql' })
    }
  })

  it('of Oracle has no database: its path is a service', () => {
    expect(sourceAddress('oracle://db:1521/xepdb1')).toEqual({
      engine: 'oracle',
      host: 'db',
      port: 1521,
    })
  })

  it('of MongoDB has no server: its host may be a name that stands for several', () => {
    expect(sourceAddress('mongo://cluster0.example:27017/shop')).toEqual({
      engine: 'mongo',
      database: 'shop',
    })
  })

  it.each([
    '',
    'pg/db',
    'sqlite://h/db',
    '[redacted]',
    'postgresql://h/db',
    'POSTGRES://h/db',
    '://',
  ])('of what rivet has no engine for is unknown: %j', (source) => {
    expect(sourceAddress(source)).toBeUndefined()
  })

  it('never has anything in it that the text does not have, whatever the text', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9:/@,.[\]=; %?#-]{0,40}$/))
    fc.assert(
      fc.property(fc.constantFrom('postgres', 'mysql', 'mongo'), text, (engine, rest) => {
        const address = sourceAddress(`${engine}://${rest}`)
        for (const part of [address?.host, address?.database, address?.port]) {
          if (part !== undefined) expect(rest).toContain(String(part))
        }
        expect(address?.host ?? 'x').not.toMatch(/[=;\s@?#%/[\],]/)
        expect(address?.port ?? 1).toBeGreaterThan(0)
        expect(address?.port ?? 1).toBeLessThan(65_536)
      }),
      { numRuns: propertyCases(300) },
    )
  })
})
