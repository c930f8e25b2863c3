import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultStateLocation } from '../../src/sources/state-location.js'
import { newFolder } from './places.js'

const cwd = newFolder()
mkdirSync(join(cwd, 'etl'))
writeFileSync(join(cwd, 'etl', 'rivet.yaml'), '')
const config = join('etl', 'rivet.yaml')

function locate(url: string | undefined, configured?: string): string {
  return defaultStateLocation({ config: configured, env: { RIVET_STATE_URL: url }, cwd })
}

describe('the place of rivet’s state', () => {
  it('is .rivet_state.db in the working folder, or beside the configuration', () => {
    expect(defaultStateLocation({ env: {}, cwd })).toBe(join(cwd, '.rivet_state.db'))
    expect(locate('')).toBe(join(cwd, '.rivet_state.db'))
    expect(locate(undefined, config)).toBe(join(cwd, 'etl', '.rivet_state.db'))
    expect(locate(undefined, join(cwd, config))).toBe(join(cwd, 'etl', '.rivet_state.db'))
  })

  it('is what RIVET_STATE_URL names, a relative path beside the configuration', () => {
    expect(locate('sqlite:/var/lib/rivet/state.db')).toBe('/var/lib/rivet/state.db')
    expect(locate('sqlite:///var/lib/rivet/state.db')).toBe('/var/lib/rivet/state.db')
    expect(locate('sqlite:state/app.db')).toBe(join(cwd, 'state', 'app.db'))
    expect(locate('sqlite://app.db', config)).toBe(join(cwd, 'etl', 'app.db'))
    expect(locate('postgres://ana:pw@db/state')).toBe('postgres://ana:pw@db/state')
    expect(locate('postgresql://db/state', 'missing.yaml')).toBe('postgresql://db/state')
  })

  it('is not known where the configuration does not exist', () => {
    expect(() => locate(undefined, 'missing.yaml')).toThrow(
      expect.objectContaining({
        code: 'NOT_FOUND',
        message: 'the configuration missing.yaml does not exist',
        hint: expect.stringContaining('-c'),
      }),
    )
  })

  it('is refused where rivet refuses it, without a word of the value but its scheme', () => {
    const expected = 'expected sqlite:PATH, postgres://… or postgresql://…'
    for (const [url, what] of [
      ['mysql://ana:secret@db/state', 'has the scheme mysql://'],
      ['Postgres://ana:secret@db/state', 'has the scheme Postgres://'],
      ['secret:secret@db', 'is not a URL'],
      ['/secret/state.db', 'is not a URL'],
      ['sqlite:', 'names no file after sqlite:'],
      ['sqlite://', 'names no file after sqlite:'],
    ] as const) {
      let thrown: unknown
      try {
        locate(url)
      } catch (error) {
        thrown = error
      }
      expect(thrown, url).toMatchObject({
        code: 'INVALID_CONFIGURATION',
        message: `RIVET_STATE_URL ${what}; ${expected}`,
      })
      expect(JSON.stringify(thrown)).not.toContain('secret')
    }
  })
})
