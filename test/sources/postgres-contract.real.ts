import { afterAll, beforeAll, describe } from 'vitest'
import { openPostgresSource } from '../../src/sources/postgres.js'
import { type ContractRow, describeSource } from '../contracts/source-contract.js'
import { PostgresServer, postgresPrograms } from './postgres-server.js'

let server: PostgresServer
let count = 0

beforeAll(async () => {
  if (postgresPrograms !== undefined) server = await PostgresServer.start()
})
afterAll(() => server?.stop())

const open = async (rows: readonly ContractRow[], query = '') => {
  const url = await server.stateDatabase(`contract_${++count}`, rows)
  return openPostgresSource(`${url}${query}`, { env: {} })
}

describe.skipIf(postgresPrograms === undefined)('a real PostgreSQL', () => {
  describeSource('a PostgreSQL source', open)
})
