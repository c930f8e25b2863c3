import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { SHOP } from '../sources/places.js'
import { serving, talk } from './serving.js'

const PATHS = [
  '/',
  '/app.js',
  '/app.css',
  '/healthz',
  '/api/runs',
  '/api/run?run_id=a',
  '/api/events',
  '/report?run_id=a',
  '/api/diff?a=a&b=b',
  '/v1/traces',
  '/nothing',
]

describe('who is answered', () => {
  it.each([
    'localhost',
    'localhost:4318',
    '127.0.0.1',
    '127.1.2.3:80',
    '[::1]',
    '[::1]:4318',
    'LOCALHOST:1',
  ])('the Host %s is this machine', async (host) => {
    const { ask } = await serving({ from: SHOP })
    expect((await ask('/api/runs', { headers: { host } })).status).toBe(200)
  })

  it.each([
    'evil.example',
    'evil.example:4318',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil.example#localhost',
    'localhost@evil.example',
    '10.0.0.1',
    '0.0.0.0',
    '2130706433',
    '127.0.0.1:4318, localhost',
    '[::1',
    ':4318',
  ])('the Host "%s" gets nothing, whatever it asks for', async (host) => {
    const { ask } = await serving({ from: SHOP })
    for (const path of PATHS) {
      const { status, body } = await ask(path, { headers: { host } })
      expect([path, status]).toEqual([path, 403])
      expect(JSON.parse(body).problem).toContain('--allow-host')
    }
  })

  it('a name that was allowed is answered, in any case and with any port', async () => {
    const { ask } = await serving({ from: SHOP, allowHosts: ['Rivet.Example'] })
    for (const host of ['rivet.example', 'RIVET.example:99'])
      expect((await ask('/api/runs', { headers: { host } })).status).toBe(200)
    const other = { host: 'other.rivet.example' }
    expect((await ask('/api/runs', { headers: other })).status).toBe(403)
  })

  it('an address that the connection came to is answered, and no other', async () => {
    const address = Object.values(networkInterfaces())
      .flat()
      .find((one) => one?.family === 'IPv4' && !one.internal)?.address
    // Bound to 127.0.0.1 alone, so another address of this machine is a stranger here.
    const { ask } = await serving({ from: SHOP })
    const host = address ?? '192.0.2.7'
    expect((await ask('/api/runs', { headers: { host } })).status).toBe(403)
  })

  it.each([
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:3000' },
    { origin: 'http://127.0.0.1' },
    { origin: 'file://' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
  ])('a page from elsewhere gets nothing and sends nothing: %o', async (headers) => {
    const { ask } = await serving({ from: SHOP })
    for (const path of PATHS)
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const answer = await ask(path, { method, headers: { ...headers } })
        expect([path, method, answer.status]).toEqual([path, method, 403])
        expect(Object.keys(answer.headers).filter((name) => name.includes('allow-'))).toEqual([])
      }
  })

  it('a link leads to the page from anywhere, and to nothing else', async () => {
    const { ask } = await serving({ from: SHOP })
    const headers = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    }
    for (const path of PATHS)
      expect([path, (await ask(path, { headers })).status]).toEqual([
        path,
        path === '/' ? 200 : 403,
      ])
  })

  it('its own page is answered', async () => {
    const { ask, url } = await serving({ from: SHOP })
    const headers = { origin: url, 'sec-fetch-site': 'same-origin' }
    expect((await ask('/api/runs', { headers })).status).toBe(200)
    const proxied = { host: 'localhost', origin: 'https://localhost' }
    expect((await ask('/api/runs', { headers: proxied })).status).toBe(200)
  })

  it('a Host that says nothing gets nothing', async () => {
    const { url } = await serving({ from: SHOP })
    const empty = 'GET /api/runs HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n'
    expect(await talk(url, empty)).toMatch(/^HTTP\/1\.1 403 /)
    const none = 'GET /api/runs HTTP/1.1\r\nConnection: close\r\n\r\n'
    expect(await talk(url, none)).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('a request for another server is not passed on', async () => {
    const { url } = await serving({ from: SHOP })
    for (const target of ['http://evil.example/api/runs', 'http://localhost/api/runs', '*'])
      expect(
        await talk(url, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
      ).toMatch(/^HTTP\/1\.1 400 /)
    const tunnel = 'CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n'
    expect(await talk(url, tunnel)).toBe('')
  })
})
