import { describe, expect, it } from 'vitest'
import { withoutSecrets } from '../../src/http/secrets.js'
import { settingsFor } from './answering-server.js'

describe('A secret is hidden', () => {
  const SECRET = 'hush/hush+more <7f3a> & "so" \\on'
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1)
  const asNamed = (text: string) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const asGoEscapes = (character: string) => `\\u00${character.charCodeAt(0).toString(16)}`

  it.each<[string, string]>([
    ['as it is', SECRET],
    ['as a component of a URL', encodeURIComponent(SECRET)],
    ['as a value of a form', new URLSearchParams({ key: SECRET }).toString().slice(4)],
    [
      'with escapes in lower case',
      encodeURIComponent(SECRET).replace(/%../g, (digits) => digits.toLowerCase()),
    ],
    ['in JSON', inJson(SECRET)],
    ['in JSON as Go writes it', inJson(SECRET).replace(/[<>&]/g, asGoEscapes)],
    ['in HTML as Go writes it', asNamed(SECRET).replaceAll('"', '&#34;')],
    ['in HTML as Python writes it', asNamed(SECRET).replaceAll('"', '&quot;')],
    ['in HTML without quotes', asNamed(SECRET)],
    ['in HTML in digits', SECRET.replace(/[<>&"]/g, (c) => `&#${c.charCodeAt(0)};`)],
    ['in JSON as PHP writes it', inJson(SECRET).replaceAll('/', '\\/')],
  ])('%s, wherever it came from', (_, spelling) => {
    const basic = Buffer.from(`me:${SECRET}`).toString('base64')
    for (const settings of [
      settingsFor(`http://host/?key=${encodeURIComponent(SECRET)}`),
      settingsFor('http://host/', { headers: { 'x-key': SECRET } }),
      settingsFor('http://host/', { headers: { authorization: `Basic ${basic}` } }),
    ]) {
      expect(withoutSecrets(`before ${spelling} after`, settings)).toBe('before *** after')
    }
  })

  it('as it stands in the query of the URL, decoded or not', () => {
    const settings = settingsFor('http://host/?a=1&key=hush%2Fhush%2bmore&t0ken')
    for (const spelling of [
      'hush%2Fhush%2bmore',
      'hush/hush+more',
      'hush%2Fhush%2Bmore',
      't0ken',
    ]) {
      expect(withoutSecrets(`/v1?key=${spelling}&a=1`, settings)).toBe('/v1?key=***&a=1')
    }
  })

  it('behind the word Bearer, with what JSON escapes in it', () => {
    const settings = settingsFor('http://host/', { headers: { authorization: 'Bearer a"b\\c1' } })
    const body = JSON.stringify({ message: 'bad token a"b\\c1' })
    expect(withoutSecrets(body, settings)).toBe('{"message":"bad token ***"}')
  })

  it('but not what is too short to be one, or said of the program', () => {
    const headers = { 'user-agent': 'rivet-otel/1.2.3', 'x-scope-orgid': 'eu' }
    const settings = settingsFor('http://host/?a=1', { headers })
    const text = 'rivet-otel/1.2.3 asked for eu with a=1'
    expect(withoutSecrets(text, settings)).toBe(text)
  })
})
