import { openSqliteSource } from '../../src/sources/sqlite.js'
import { describeRecords } from '../contracts/records-contract.js'
import { driversHere } from './places.js'
import { recordsDatabase } from './sqlite-records-place.js'

const { here } = await driversHere()

for (const driver of here) {
  describeRecords(`a SQLite source (${driver})`, (contents) =>
    openSqliteSource(recordsDatabase(contents), { driver }),
  )
}
