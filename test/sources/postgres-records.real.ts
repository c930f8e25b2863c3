import { afterAll, beforeAll, describe } from 'vitest'
import { openPostgresSource } from '../../src/sources/postgres.js'
import { describeRecords } from '../contracts/records-contract.js'
import { PostgresServer, postgresPrograms } from './postgres-server.js'

let server: PostgresServer
let count = 0

beforeAll(async () => {
  if (postgresPrograms !== undefined) server = await PostgresServer.start()
})
afterAll(() => server?.stop())

describe.skipIf(postgresPrograms === undefined)('a real PostgreSQL', () => {
  describeRecords('a PostgreSQL source', async (contents) => {
    const url = await server.recordsDatabase(`records_${++count}`, contents)
    return openPostgresSource(url, { env: {} })
  })
})
