import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { NEWEST } from '../contracts/rivet-tables.js'
import { journal, status } from '../contracts/state-rows.js'
import { recordsDatabase } from '../sources/sqlite-records-place.js'
import { temporaryFolder } from './command-line.js'
import { runHere } from './in-process.js'

const SECRET = 'hunter2'
const NAMED = `orders_${SECRET}_3`

const damaged = journal(`orders_${SECRET}_4`, 40)
const DATABASE = recordsDatabase({
  version: NEWEST,
  changes: [],
  rows: [
    journal('orders_1', 10),
    status(`orders_${SECRET}_2`, 'interrupted', 12, 20, { source: 'a' }),
    status(NAMED, 'success', 18, 30, { source: 'a' }),
    journal(NAMED, 30),
    { ...damaged, values: { ...damaged.values, journal_json: `{"run_id":"${SECRET}"` } },
    journal('orders_5', 50),
    status('orders_6', 'interrupted', 51, 60, { source: 'b' }),
    status(`orders_${SECRET}_7`, 'success', 58, 70, { source: 'b' }),
    journal(`orders_${SECRET}_7`, 70),
    journal('events_1', 80, `events_${SECRET}`),
  ],
})

function journalsFile(): string {
  const folder = temporaryFolder()
  const line = String(journal(NAMED, 5).values.journal_json)
  const escaped = String(journal(`orders_\u001b${SECRET}`, 6).values.journal_json)
  writeFileSync(join(folder, 'runs.jsonl'), [line, line, escaped, escaped].join('\n'))
  return join(folder, 'runs.jsonl')
}

/** Everything that a report left behind. */
async function reportOf(from: string, reference: string) {
  const cwd = temporaryFolder()
  const to = join(cwd, 'out')
  mkdirSync(to)
  const line = ['report', reference, '--from', from, '--to', to, '--redact-pattern', SECRET]
  const { code, stdout, stderr } = await runHere(line, { cwd })
  const files = readdirSync(to)
  const texts = files.map((file) => readFileSync(join(to, file), 'utf8'))
  return { code, files, stderr, everything: [stdout, stderr, ...files, ...texts].join('\n') }
}

describe('a name that redaction takes something out of', () => {
  it.each([
    ['a run of it', DATABASE, NAMED],
    ['a beginning of several', DATABASE, 'orders_'],
    ['a beginning of it', DATABASE, `orders_${SECRET.slice(0, 3)}`],
    ['a run that is nearly called so', DATABASE, NAMED.replace('_3', '_33').replace('h', 'i')],
    ['the last so many runs', DATABASE, '@latest~1'],
    ['a run that cannot be read', DATABASE, '@latest~4'],
    ['an export that is nearly called so', DATABASE, `events_${SECRET.slice(0, 5)}@latest`],
    ['the latest, which is there twice', journalsFile(), '@latest'],
    ['one with an escape in it, which is there twice', journalsFile(), 'orders_\u001b'],
    ['one that is there twice', journalsFile(), '@latest~1'],
  ])('stands nowhere where the report is of %s', async (_, from, reference) => {
    const { code, files, everything, stderr } = await reportOf(from, reference)
    expect(stderr).not.toBe('')
    // What somebody typed may be repeated.
    expect(everything.replaceAll(reference, '').includes(SECRET)).toBe(false)
    expect({ code, files }).toEqual({ code: 2, files: [] })
  })

  it.each(['orders_1', 'orders_5', 'orders_6'])(
    'stands nowhere in the report of %s, which came before or after such a run',
    async (reference) => {
      const { code, files, everything } = await reportOf(DATABASE, reference)
      expect({ code, files }).toEqual({ code: 0, files: [`rivet-report-${reference}.html`] })
      expect(everything.includes(SECRET)).toBe(false)
    },
  )
})
