import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportRuns } from '../../src/bridge/export-runs.js'
import { openOtlpFile } from '../../src/delivery/otlp-file.js'
import { openJournalFile } from '../../src/sources/json-file.js'
import { smallRun, smallRuns } from '../e2e/small-runs.js'
import { names, putRuns, until } from '../e2e/watching.js'
import { newFolder, openToWrite, SHOP, shopCopy } from '../sources/places.js'
import { dataOf, eventsOf, runsUntil, serving } from './serving.js'

/** OTLP JSON lines with the traces of these journals. */
async function tracesOf(journals: string): Promise<string> {
  const folder = newFolder()
  const [from, to] = [join(folder, 'journals.jsonl'), join(folder, 'traces.otlp.jsonl')]
  writeFileSync(from, journals)
  const [source, delivery] = [await openJournalFile(from), await openOtlpFile(to)]
  await exportRuns({ source, selection: {}, delivery })
  await delivery.close()
  await source.close()
  return readFileSync(to, 'utf8')
}

const ids = (runs: readonly { readonly run_id: string }[]) => runs.map(({ run_id }) => run_id)

describe('what is new', () => {
  it('is there when rivet writes it into the state database', async () => {
    const file = shopCopy()
    const { url } = await serving({ from: file })
    const { runs, problems } = await runsUntil(url, ({ runs }) => runs.length > 12)
    expect(problems).toEqual([])
    const events = await eventsOf(url)
    const more = { ended: '2026-11-22T08:53:39.224857123Z' }
    putRuns(file, ['orders_new'], more)
    await until(() => events.text.includes('orders_new'))
    expect(dataOf(events.text, 'run')).toEqual([
      expect.objectContaining({ run_id: 'orders_new', rows: 50_000, status: 'success' }),
    ])
    putRuns(file, ['orders_new'], { rows: 7, ended: '2026-11-22T08:53:40.224857123Z' })
    await until(() => dataOf(events.text, 'run').length > 1)
    expect(dataOf(events.text, 'run').at(-1)).toMatchObject({ run_id: 'orders_new', rows: 14 })
    const after = await runsUntil(url, () => true)
    expect(ids(after.runs).sort()).toEqual([...ids(runs), 'orders_new'].sort())
    const one = (await (await fetch(`${url}/api/run?run_id=orders_new`)).json()) as object
    expect(one).toMatchObject({ summary: { rows: 14 } })
  })

  it('is there when a state database comes that was not there', async () => {
    const file = join(newFolder(), '.rivet_state.db')
    putRuns(file, [])
    const { url } = await serving({ from: file })
    await runsUntil(url, ({ problems }) => problems.length === 0)
    rmSync(file)
    const gone = await runsUntil(url, ({ problems }) => problems.length > 0)
    expect(gone.problems[0]).toContain('does not exist')
    putRuns(file, names(2))
    const back = await runsUntil(url, ({ runs }) => runs.length === 2)
    await runsUntil(url, ({ problems }) => problems.length === 0)
    expect(ids(back.runs)).toEqual(['orders_0', 'orders_1'])
  })

  it('is all that another state database in its place holds, also what ended before', async () => {
    const folder = newFolder()
    const file = join(folder, '.rivet_state.db')
    putRuns(file, ['kept', 'gone'])
    putRuns(file, ['late'], { ended: '2026-11-22T08:53:40.224857123Z' })
    const { url } = await serving({ from: file })
    await runsUntil(url, ({ runs }) => runs.length === 3)
    const events = await eventsOf(url)
    const other = join(folder, 'other.db')
    putRuns(other, ['kept', 'before'], { rows: 7 })
    renameSync(other, file)
    const { runs, problems } = await runsUntil(url, ({ runs }) => ids(runs).includes('before'))
    expect([ids(runs).sort(), problems]).toEqual([['before', 'kept'], []])
    expect(runs.map(({ rows }) => rows)).toEqual([14, 14])
    await until(() => dataOf(events.text, 'gone').length > 1)
    const gone = dataOf(events.text, 'gone').map(({ run_id }) => run_id)
    expect(gone.sort()).toEqual(['gone', 'late'])
  })

  it('is without the journals that somebody deleted, after a while', async () => {
    const file = join(newFolder(), '.rivet_state.db')
    putRuns(file, names(3))
    const damaging = openToWrite(file)
    damaging.run(
      `INSERT INTO run_journal SELECT 'bad', 'orders', finished_at, '{' FROM run_journal LIMIT 1`,
    )
    damaging.close()
    const { url } = await serving({ from: file })
    const events = await eventsOf(url)
    await runsUntil(url, ({ runs, problems }) => runs.length === 3 && problems.length === 1)
    const deleting = openToWrite(file)
    deleting.run(`DELETE FROM run_journal WHERE run_id IN ('orders_0', 'bad')`)
    deleting.close()
    const { runs } = await runsUntil(url, ({ problems }) => problems.length === 0)
    expect(ids(runs).sort()).toEqual(['orders_1', 'orders_2'])
    await until(() => dataOf(events.text, 'gone').length > 0)
    expect(dataOf(events.text, 'gone')).toEqual([{ run_id: 'orders_0', namespace: null }])
    expect(dataOf(events.text, 'problems').at(-1)).toEqual({ problems: [] })
  })

  it('answers meanwhile, however much of a state database cannot be read', async () => {
    const file = join(newFolder(), '.rivet_state.db')
    putRuns(file, names(1))
    const damaging = openToWrite(file)
    damaging.run(`WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 20000)
      INSERT INTO run_journal SELECT 'bad_' || n, 'orders', finished_at, '{' FROM run_journal, i`)
    damaging.close()
    const { index } = await serving({ from: file, most: 50_000 })
    let isRead = false
    let turns = 0
    index.onChange(() => (isRead ||= index.runs().length === 1))
    const turn = () => {
      if (index.problems().length > 0 && !isRead) turns++
      setImmediate(turn)
    }
    turn()
    await until(() => isRead)
    expect(turns).toBeGreaterThan(50)
  })

  it('is a run that runs, and then one that ended', async () => {
    const file = shopCopy()
    const start = openToWrite(file)
    start.run(
      `INSERT INTO run_status (run_id, export_name, prefix, status, started_at) VALUES (?, ?, 'p', 'running', ?)`,
      'orders_live',
      'orders',
      '2026-11-22T08:00:00.000000000+00:00',
    )
    start.close()
    const { url } = await serving({ from: file })
    const { runs } = await runsUntil(url, ({ runs }) =>
      runs.some(({ run_id }) => run_id === 'orders_live'),
    )
    expect(runs.at(-1)).toMatchObject({ run_id: 'orders_live', status: 'running', journal: false })
    putRuns(file, ['orders_live'], { ended: '2026-11-22T08:53:39.224857123Z' })
    const after = await runsUntil(url, ({ runs }) =>
      runs.some(({ run_id, journal }) => run_id === 'orders_live' && journal),
    )
    expect(after.runs).toHaveLength(runs.length)
  })

  it('is there when a file of traces grows, also in pieces', async () => {
    const file = join(newFolder(), 'traces.otlp.jsonl')
    writeFileSync(file, await tracesOf(smallRun('orders_0')))
    const { url } = await serving({ from: file })
    await runsUntil(url, ({ runs }) => runs.length === 1)
    const more = await tracesOf(smallRun('orders_1') + smallRun('orders_2'))
    appendFileSync(file, more.slice(0, more.length / 2))
    appendFileSync(file, more.slice(more.length / 2))
    const { runs, problems } = await runsUntil(url, ({ runs }) => runs.length === 3)
    expect([runs.map(({ concerns }) => concerns.length), problems]).toEqual([[0, 0, 0], []])
  })

  it('is there when a file of journals is replaced, and what it lacks is gone', async () => {
    const file = join(newFolder(), 'journals.jsonl')
    writeFileSync(file, smallRuns(3))
    const { url } = await serving({ from: file })
    await runsUntil(url, ({ runs }) => runs.length === 3)
    writeFileSync(file, `${smallRun('orders_9')}no journal\n`)
    const { runs, problems } = await runsUntil(url, ({ runs }) => ids(runs).join() === 'orders_9')
    expect(runs).toHaveLength(1)
    expect(problems).toEqual([expect.stringContaining('line 2')])
  })

  it('is there when spans are received, once where the state database has the run too', async () => {
    const from = join(newFolder(), '.rivet_state.db')
    putRuns(from, names(2))
    const to = join(newFolder(), 'received.otlp.jsonl')
    const { url, said } = await serving({ from, to })
    await runsUntil(url, ({ runs }) => runs.length === 2)
    const events = await eventsOf(url)
    for (const body of (await tracesOf(smallRuns(4))).trim().split('\n')) {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${url}/v1/traces`, { method: 'POST', headers, body })
      expect(answer.status).toBe(200)
    }
    const { runs, receiver } = await runsUntil(url, ({ runs }) => runs.length > 3)
    expect(ids(runs).sort()).toEqual(names(4))
    expect(runs.every(({ concerns }) => concerns.length === 0)).toBe(true)
    expect(receiver).toEqual({ url: `${url}/v1/traces`, file: to })
    await until(() => dataOf(events.text, 'run').length > 1)
    expect(new Set(dataOf(events.text, 'run').map(({ run_id }) => run_id))).toEqual(
      new Set(['orders_2', 'orders_3']),
    )
    const one = (await (await fetch(`${url}/api/run?run_id=orders_3`)).json()) as object
    expect(one).toMatchObject({ summary: { run_id: 'orders_3', rows: 50_000 } })
    expect(said).toEqual([])
  })

  it('is there when another program writes to the file of what is received', async () => {
    const to = join(newFolder(), 'received.otlp.jsonl')
    const { url } = await serving({ to })
    await runsUntil(url, ({ runs }) => runs.length === 0)
    writeFileSync(to, await tracesOf(smallRuns(2)))
    await runsUntil(url, ({ runs }) => runs.length === 2)
  })
})

describe('how far back', () => {
  it('is the newest so many, and that is said', async () => {
    const { url } = await serving({ from: SHOP, most: 3 })
    const { runs } = await runsUntil(url, ({ runs }) => runs.length === 3)
    const { problems } = await runsUntil(url, ({ problems }) => problems.length > 0)
    expect(problems).toEqual([expect.stringContaining('the newest 3 are listed')])
    const all = await serving({ from: SHOP })
    const every = await runsUntil(all.url, ({ runs }) => runs.length > 12)
    expect(ids(every.runs).slice(-3)).toEqual(ids(runs))
    const oldest = every.runs[0]?.run_id
    expect((await fetch(`${url}/api/run?run_id=${oldest}`)).status).toBe(200)
  })

  it('is since a time', async () => {
    const since = BigInt(Date.parse('2026-11-21T08:54:30Z')) * 1_000_000n
    const { url } = await serving({ from: SHOP, sinceUnixNano: since })
    const { runs, problems } = await runsUntil(url, ({ runs }) => runs.length > 0)
    expect(problems).toEqual([])
    expect(ids(runs)).toContain('empty_20261121T085506.354_15050')
    expect(ids(runs)).not.toContain('orders_20261121T085339.134_11188')
  })
})
