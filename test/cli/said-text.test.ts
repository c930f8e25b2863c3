import { describe, expect, it } from 'vitest'
import { withoutSaidSecrets } from '../../src/cli/said-text.js'

describe('what is said', () => {
  it.each([
    ['postgres://ana:hunter2@db/shop', 'postgres://ana:***@db/shop'],
    ['postgres://ana:***@db/shop', 'postgres://ana:***@db/shop'],
    ['postgres://ana:12/34pw@db/shop', 'postgres://ana:***@db/shop'],
    ['/etl/postgres:/ana:hunter2@db/shop', '/etl/postgres:***@db/shop'],
    ['ana:hunter2@db:5432/shop does not exist', 'ana:***@db:5432/shop does not exist'],
    ['http://host:4318/v1?key=hunter2&x=1#top', 'http://host:4318/v1?key=***&x=***#top'],
    ['https://ghp_1234@host/', 'https://***@host/'],
  ])('has lost its secrets: %j', (text, left) => {
    expect(withoutSaidSecrets(text)).toBe(left)
    expect(withoutSaidSecrets(left)).toBe(left)
  })

  it.each([
    'http://host:4318/v1/traces?…',
    'postgres://ana@host:5432/shop',
    '2026-11-21 08:53:39Z listening at http://127.0.0.1:9464 (/livez, /readyz, /metrics)',
    '--header: entry 1 has no "=": expected key=value',
    'name the user with -U ana@host',
  ])('stays where there are none: %j', (text) => {
    expect(withoutSaidSecrets(text)).toBe(text)
  })
})
