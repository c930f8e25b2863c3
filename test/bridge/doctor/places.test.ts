import { copyFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { examine } from '../../../src/bridge/doctor/examine.js'
import { cleanerFor, examinedPlaces, type PlaceFlags } from '../../../src/bridge/doctor/places.js'
import { newFolder } from '../../delivery/temporary-folder.js'
import { Authority, hasOpenssl } from '../../http/certificates.js'

const FLAGS = { env: {}, version: '0' }
const TO = 'http://127.0.0.1:4318'
const IN = { kind: 'tempo', url: 'tempo+http://127.0.0.1:3200' } as const

function placesOf(flags: Partial<PlaceFlags>) {
  return examinedPlaces({ ...FLAGS, ...flags })
}

describe('the places of an examination', () => {
  it('are those that are named', () => {
    expect(placesOf({})).toEqual({ to: undefined, in: undefined })
    expect(placesOf({ to: TO }).to?.location).toBe(`${TO}/v1/traces`)
    expect(placesOf({ in: IN }).in?.settings.location).toBe(IN.url)
  })

  it('get the headers that are for them, and both the tenant', () => {
    const { to, in: server } = placesOf({
      to: TO,
      in: IN,
      headers: ['a=sent'],
      readHeaders: ['a=read'],
      tenant: 'etl',
    })
    expect(to?.headers).toMatchObject({ a: 'sent', 'x-scope-orgid': 'etl' })
    expect(server?.settings.headers).toMatchObject({ a: 'read', 'x-scope-orgid': 'etl' })
  })

  it('have secrets that are taken out of texts, and a tenant that is not', () => {
    const places = placesOf({
      to: 'http://me:hunter22@127.0.0.1:4318',
      in: IN,
      readHeaders: ['authorization=Bearer s3cret'],
      tenant: 'team-etl',
    })
    expect(cleanerFor(places)('hunter22, s3cret and team-etl')).toBe('***, *** and team-etl')
  })

  it('name the flag for reading where a header for reading is none', () => {
    expect(() => placesOf({ in: IN, readHeaders: ['nonsense'] })).toThrow('--read-header')
  })
})

describe.skipIf(!hasOpenssl)('certificates of an examination', () => {
  let server: Server | undefined
  afterEach(() => server?.close())

  it('are read once', async () => {
    const authority = new Authority('tempo')
    const { cert, key } = authority.sign('IP:127.0.0.1')
    server = createServer({ cert, key }, (request, response) =>
      response.end(
        request.url?.startsWith('/api/v2/traces/') ? '{"trace":{"resourceSpans":[]}}' : 'echo',
      ),
    )
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const certificate = join(newFolder(), 'ca.pem')
    copyFileSync(authority.authority.certFile, certificate)
    const url = `tempo+https://127.0.0.1:${port}`
    const places = placesOf({ in: { kind: 'tempo', url }, certificate, retryForMs: '0' })
    rmSync(certificate)
    const { verdict, findings } = await examine(places, { waitMs: 0, burst: 0 })
    expect([verdict, findings[0]?.sentence]).toEqual([
      'readable',
      `${url} answers, and lets us read.`,
    ])
  })
})
