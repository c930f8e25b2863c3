import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type ContractRow, run } from '../contracts/source-contract.js'
import {
  compiledSources,
  driversHere,
  fingerprint,
  insertion,
  newFolder,
  SHOP,
  shopCopy,
  stateDatabase,
} from './places.js'
import { SqlWriter } from './sql-writer.js'

const { here } = await driversHere()
const AT = '2026-11-21T08:53:42Z'
const NOBODY = 65_534
const isRoot = process.getuid?.() === 0
const ROWS = 1000

let folder = ''

beforeAll(() => {
  folder = compiledSources(['better-sqlite3', 'lossless-json'])
})

/** Runs a program in a process of its own, beside the compiled sources. */
function runProgram(code: string, { flags = [] as string[], cwd = folder } = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, '--input-type=module', '-e', code],
    { cwd, encoding: 'utf8' },
  )
  return { status, stdout, stderr }
}

/** Reads a database as a user who may write nothing, and prints what came. */
function readAsNobody(file: string, driver: string) {
  return runProgram(`
    import { openSqliteSource } from './sources/sqlite.js'
    if (process.getuid() === 0) { process.setgid(${NOBODY}); process.setuid(${NOBODY}) }
    try {
      const source = await openSqliteSource(${JSON.stringify(file)}, { driver: ${JSON.stringify(driver)} })
      for await (const item of source.read({})) console.log(item.journal?.run_id ?? item.problem)
      await source.close()
    } catch (error) {
      console.log(error.code, error.message)
    }
  `)
}

/** Takes every permission to write from a folder, does something, and gives it back. */
function withoutWriting<T>(file: string, action: () => T): T {
  const place = dirname(file)
  const files = fingerprint(place).map((line) => `${place}/${line.split(' ')[0]}`)
  for (const one of files) chmodSync(one, 0o444)
  chmodSync(place, 0o555)
  try {
    return action()
  } finally {
    chmodSync(place, 0o755)
  }
}

for (const driver of here) {
  describe(`a process with ${driver}`, () => {
    const places: { what: string; make: () => Promise<string> }[] = [
      { what: 'nobody has it open', make: async () => stateDatabase([run('a', 'orders', AT)]) },
      {
        what: 'it has a rollback journal',
        make: async () => stateDatabase([run('a', 'orders', AT)], 'delete'),
      },
      { what: 'its writer was killed', make: () => killedWriter() },
      {
        what: 'its writer was killed and the -shm is gone',
        make: async () => {
          const file = await killedWriter()
          rmSync(`${file}-shm`)
          return file
        },
      },
    ]
    for (const { what, make } of places) {
      it(`reads in a folder that it cannot write to, when ${what}`, async () => {
        const file = await make()
        const before = fingerprint(dirname(file))
        const { stdout } = withoutWriting(file, () => readAsNobody(file, driver))
        expect(stdout).toBe('a\n')
        expect(fingerprint(dirname(file))).toEqual(before)
      })
    }

    it('reads beside a living writer, in a folder that it cannot write to', async () => {
      const file = stateDatabase([])
      const writer = await SqlWriter.open(file)
      await writer.run(insertion(run('a', 'orders', AT)))
      const { stdout } = withoutWriting(file, () => readAsNobody(file, driver))
      await writer.end()
      expect(stdout).toBe('a\n')
    })

    it('says so when it may not read the database, or its -wal', async () => {
      const file = await killedWriter()
      chmodSync(`${file}-wal`, 0o000)
      expect(readAsNobody(file, driver).stdout).toMatch(
        /^INVALID_SOURCE .*-wal may not be read|^INVALID_SOURCE .*cannot be opened/,
      )
      chmodSync(file, 0o000)
      expect(readAsNobody(file, driver).stdout).toMatch(
        /^INVALID_SOURCE the state database .* may not be read: permission denied/,
      )
    })

    it('keeps a flat memory over 1,000 journals of 200 kB', () => {
      const file = stateDatabase(Array.from({ length: ROWS }, (_, i) => wideRun(`run_${i}`)))
      const { status, stdout, stderr } = runProgram(
        `
        import { openSqliteSource } from './sources/sqlite.js'
        const source = await openSqliteSource(${JSON.stringify(file)}, { driver: ${JSON.stringify(driver)} })
        const used = () => {
          gc()
          const { heapUsed, external } = process.memoryUsage()
          return (heapUsed + external) / 2 ** 20
        }
        let count = 0
        let early = 0
        for await (const item of source.read({})) {
          if (item.kind === 'journal') count++
          if (count === 100) early = used()
        }
        console.log(JSON.stringify({ count, growth: used() - early, peak: process.resourceUsage().maxRSS / 1024 }))
        await source.close()
        `,
        { flags: ['--max-old-space-size=48', '--expose-gc'] },
      )
      expect(stderr).toBe('')
      expect(status).toBe(0)
      const { count, growth, peak } = JSON.parse(stdout)
      console.log(`${driver}: resident at most ${peak | 0} MB, grown by ${growth.toFixed(1)} MB`)
      expect(count).toBe(ROWS)
      expect(growth).toBeLessThan(40)
      expect(peak).toBeLessThan(400)
      rmSync(file)
    })

    it('writes nothing of its own to standard error', () => {
      const { status, stderr } = runProgram(`
        import { openSqliteSource } from './sources/sqlite.js'
        const source = await openSqliteSource(${JSON.stringify(shopCopy())}, { driver: ${JSON.stringify(driver)} })
        await source.close()
      `)
      expect(status).toBe(0)
      expect(stderr).toBe('')
    })

    it('lets the warnings of others through', () => {
      const { stderr } = runProgram(`
        import { openSqliteSource } from './sources/sqlite.js'
        const source = await openSqliteSource(${JSON.stringify(shopCopy())}, { driver: ${JSON.stringify(driver)} })
        await source.close()
        process.emitWarning('something else', 'ExperimentalWarning')
      `)
      expect(stderr).toContain('something else')
    })
  })
}

describe('a process without a SQLite library', () => {
  it('says what to install, or has one built in', () => {
    const bare = compiledSources(['lossless-json'])
    const { stdout } = runProgram(
      `
      import { openSqliteSource } from './sources/sqlite.js'
      try {
        await (await openSqliteSource(${JSON.stringify(SHOP)})).close()
        console.log('opened')
      } catch (error) {
        console.log(error.code, error.message, error.hint)
      }
      `,
      { cwd: bare },
    )
    if (here.includes('node:sqlite')) {
      expect(stdout).toBe('opened\n')
      console.warn(
        'NOT CHECKED: the message without any SQLite library; this Node has one built in',
      )
    } else {
      expect(stdout).toMatch(
        /^INVALID_CONFIGURATION .*better-sqlite3 cannot be loaded \(Cannot find package/,
      )
      expect(stdout).toContain('use Node 22.13 or newer')
    }
  })
})

describe('permissions', () => {
  it('bind the tests above', () => {
    const file = `${newFolder()}/secret`
    writeFileSync(file, 'x')
    chmodSync(file, 0o000)
    const { stdout } = runProgram(`
      import { readFileSync } from 'node:fs'
      if (${isRoot}) { process.setgid(${NOBODY}); process.setuid(${NOBODY}) }
      try { readFileSync(${JSON.stringify(file)}); console.log('read') } catch (error) { console.log(error.code) }
    `)
    expect(stdout).toBe('EACCES\n')
  })
})

async function killedWriter(): Promise<string> {
  const file = stateDatabase([])
  const writer = await SqlWriter.open(file)
  await writer.run(insertion(run('a', 'orders', AT)))
  await writer.kill()
  return file
}

function wideRun(run_id: string): ContractRow {
  const entries = Array.from({ length: 100 }, () => ({
    recorded_at: AT,
    event: { Warning: { context: 'wide', message: 'x'.repeat(2000) } },
  }))
  const text = JSON.stringify({ run_id, export_name: 'orders', entries })
  return { run_id, export_name: 'orders', finished_at: AT, text }
}
