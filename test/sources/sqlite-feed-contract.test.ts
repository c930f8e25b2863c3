import { describeFeed } from '../contracts/feed-contract.js'
import { driversHere } from './places.js'
import { sqlitePlace } from './sqlite-feed-place.js'

const { here } = await driversHere()

for (const driver of here) {
  for (const mode of ['wal', 'delete'] as const) {
    describeFeed(`a SQLite feed (${driver}, journal mode ${mode})`, (rows) =>
      sqlitePlace(rows, { driver, mode, pageSize: mode === 'wal' ? 4096 : 512 }),
    )
  }
  describeFeed(`a SQLite feed without an index over the times (${driver})`, (rows) =>
    sqlitePlace(rows, { driver, mode: 'wal', isIndexed: false }),
  )
}
