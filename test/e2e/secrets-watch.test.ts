/** A watcher of a state database full of secrets, and everything that it prints, sends, keeps and answers. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { closing } from '../http/answering-server.js'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { insert } from '../sources/places.js'
import { changing, emptyState } from '../sources/state-rows.js'
import { temporaryFolder } from './command-line.js'
import { all, DSN, found, putSecretsBeside, ROWS, secret } from './planted-secrets.js'
import { until, Watcher } from './watching.js'

const TOKEN = `Bearer ${secret()}`
const PATTERN = secret()
/** The second run can be sent too: its row has the name that its journal has. */
const NAMED_ROWS = ROWS.map((row) =>
  row.run_id === 'orders_2' ? { ...row, export_name: `orders of ${DSN}` } : row,
)
const PAGES = ['/', '/livez', '/readyz', '/metrics', `/none?key=${TOKEN}`]

async function answersOf(url: string): Promise<string> {
  const answers = await Promise.all(
    PAGES.map(async (page) => {
      const response = await fetch(`${url}${page}`, { headers: { authorization: TOKEN } })
      return [...response.headers].join('\n') + (await response.text())
    }),
  )
  return answers.join('\n')
}

describe('a watcher of journals with secrets', { timeout: 120_000 }, () => {
  it.each([
    ['prints', ['--json']],
    ['says', []],
  ])('%s none of them, sends none, and answers none', async (_, more) => {
    const folder = temporaryFolder()
    const TMPDIR = join(folder, 'tmp')
    mkdirSync(TMPDIR)
    const database = join(folder, '.rivet_state.db')
    emptyState(database)
    changing(database, (db) => {
      for (const row of NAMED_ROWS) insert(db, row)
      putSecretsBeside(db)
    })
    writeFileSync(join(folder, 'patterns.txt'), `${PATTERN}\n`)
    writeFileSync(join(folder, 'redact.key'), `${PATTERN}-and-sixteen-more`)
    const inputs = ['.rivet_state.db', '.rivet_state.db-wal', 'patterns.txt', 'redact.key']
    const receiver = closing(await OtlpReceiver.start())
    receiver.answer = (before) =>
      before === 0 ? { status: 503, message: `${TOKEN} for ${DSN}` } : {}
    const args = [
      ...['--to', receiver.url, '--header', 'authorization=$TOKEN', '--listen', '0'],
      ...['--redact-patterns', '@patterns.txt', '--redact-key', '@redact.key', ...more],
    ]
    const env = { TOKEN, TMPDIR, RIVET_OTEL_DEBUG: '1' }
    const watcher = new Watcher(args, folder, env)
    await watcher.says('/livez, /readyz, /metrics')
    const [, url = ''] = /listening at (http:\S+)/.exec(watcher.stdout + watcher.stderr) ?? []
    let answered = await answersOf(url)
    await until(() => receiver.taken.length > 0)
    await watcher.says(/bad_4|row_7/)
    while (!answered.includes('rivet_otel_watch_runs_sent_total 2'))
      answered += await answersOf(url)
    const processes = execFileSync('ps', ['-o', 'args=', '-p', String(watcher.process.pid)])
    await watcher.says(more.includes('--json') ? '"subject":"load"' : 'load l1:load:t')
    const outcome = await watcher.end()
    expect(outcome.stdout + outcome.stderr).toContain('***@db.example')
    expect(answered).toContain('export="orders of postgres://ana:***@db.example/shop')

    // Whoever names a secret by its variable or file has none in the list of processes.
    expect(String(processes)).toContain('authorization=$TOKEN')
    expect(found(String(processes))).toEqual([])
    const sent = JSON.stringify(receiver.taken, (_, v) => (typeof v === 'bigint' ? String(v) : v))
    expect(sent).toContain('***@db.example')
    expect(found(all(folder, inputs, [outcome]) + answered + sent)).toEqual([])
    for (const { headers, path } of receiver.requests) {
      const { authorization, ...others } = headers
      expect(authorization).toBe(TOKEN)
      expect(found(path + JSON.stringify(others))).toEqual([])
    }
  })

  it.each([
    ['the URL', `postgres://ana:${secret()}@127.0.0.1:1/rivet`],
    ['a parameter', `postgres://ana@127.0.0.1:1/rivet?password=${secret()}`],
  ])('says nothing of what it would be let in with, from %s, where nobody is', async (_, state) => {
    const folder = temporaryFolder()
    const to = `http://ana:${secret()}@127.0.0.1:1/?key=${secret()}`
    const watcher = new Watcher(['--to', to, '--listen', '0'], folder, { RIVET_STATE_URL: state })
    await watcher.says('cannot be reached')
    const [, url = ''] = /listening at (http:\S+)/.exec(watcher.stdout) ?? []
    const answered = await answersOf(url)
    expect(answered).toContain('cannot be reached')
    expect(found(all(folder, [], [await watcher.end()]) + answered)).toEqual([])
  })
})
