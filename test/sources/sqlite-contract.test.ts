import { describe, expect, it } from 'vitest'
import { openSqliteSource } from '../../src/sources/sqlite.js'
import { describeSource } from '../contracts/source-contract.js'
import { driversHere, stateDatabase } from './places.js'

const { here, missing } = await driversHere()

for (const driver of here) {
  for (const mode of ['wal', 'delete'] as const) {
    describeSource(`a SQLite source (${driver}, journal mode ${mode})`, (rows) =>
      openSqliteSource(stateDatabase(rows, mode), { driver }),
    )
  }
}

describe('a driver that this Node lacks', () => {
  for (const { name } of missing) {
    it(`leaves ${name} unchecked, and says what to install when it is asked for`, async () => {
      const opening = openSqliteSource(stateDatabase([]), { driver: name })
      await expect(opening).rejects.toMatchObject({
        code: 'INVALID_CONFIGURATION',
        message: expect.stringContaining(name),
        hint: expect.stringContaining('npm install better-sqlite3@12'),
      })
    })
  }

  it('is one of two at most', () => {
    expect(here.length).toBeGreaterThan(0)
  })
})
