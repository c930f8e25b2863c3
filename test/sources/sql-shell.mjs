/**
 * A process that has a SQLite database open and does what it is told: the writer of the tests.
 *
 * It reads statements as lines of JSON texts and answers each with a line: `ok`, or what went wrong.
 */
import { createInterface } from 'node:readline'

const [file = ''] = process.argv.slice(2)
const execute = await open()
process.stdout.write('open\n')
for await (const line of createInterface({ input: process.stdin })) {
  try {
    execute(JSON.parse(line))
    process.stdout.write('ok\n')
  } catch (error) {
    process.stdout.write(`${error instanceof Error ? error.message : error}\n`)
  }
}

/** @returns {Promise<(sql: string) => void>} */
async function open() {
  if (Number(process.versions.node.split('.')[0]) >= 22) {
    const { DatabaseSync } = await import('node:sqlite')
    const database = new DatabaseSync(file)
    return (sql) => database.exec(sql)
  }
  const { default: Database } = await import('better-sqlite3')
  const database = new Database(file, { timeout: 0 })
  return (sql) => void database.exec(sql)
}
