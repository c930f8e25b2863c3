import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { rivetOtel, SHOP, temporaryFolder } from './command-line.js'

const ORDERS = 'orders_20261121T085339.134_11188'
const EVENTS = 'events_full_20261121T085429.154_12752'
const LAST = 'empty_20261121T085506.354_15050'
const JOURNALS = fileURLToPath(new URL('../fixtures/journals/shop.jsonl', import.meta.url))

async function idsOf(...args: string[]): Promise<string[]> {
  const { stdout, stderr, code } = await rivetOtel(['runs', '--from', SHOP, '--json', ...args])
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).run_id)
}

describe('a reference to a run', () => {
  it('is shown, exported, verified and imported as the run that it means', async () => {
    const options = { cwd: temporaryFolder() }
    const show = await rivetOtel(['show', '--from', SHOP, 'events_full@latest', '--json'])
    expect(JSON.parse(show.stdout).run_id).toBe(EVENTS)
    const traces = 'traces.otlp.jsonl'
    const sent = ['--from', SHOP, '--run-id', 'events_full@latest', '--run-id', 'orders_2026']
    expect(await rivetOtel(['export', ...sent, '--to', traces], options)).toMatchObject({ code: 0 })
    const verified = await rivetOtel(['verify', ...sent, '--in', traces], options)
    expect(verified).toMatchObject({ code: 0 })
    expect(verified.stdout).toContain(`exact       ${ORDERS}`)
    const back = await rivetOtel(['import', '--from', traces, '--run-id', '@latest~1'], options)
    expect(back.code).toBe(0)
    expect(JSON.parse(back.stdout).run_id).toBe(ORDERS)
  })

  it('is found in a pipe, which can be read once only', async () => {
    const input = readFileSync(JOURNALS)
    const { stdout } = await rivetOtel(['show', '--from', '-', '@latest'], { input })
    expect(stdout).toContain(`${LAST}\n`)
    const cwd = temporaryFolder()
    await rivetOtel(['export', '--from', SHOP, '--to', 't.otlp.jsonl'], { cwd })
    const shown = await rivetOtel(['show', '--from', '-', 'events_full@latest~1'], {
      input: readFileSync(join(cwd, 't.otlp.jsonl')),
    })
    expect(shown.stdout).toContain('events_full_20261121T085346.229_11188\n')
  })

  it('is not looked up where ids are only computed, which is said', async () => {
    const { code, stdout, stderr } = await rivetOtel(['id', 'orders@latest'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^trace [0-9a-f]{32}\n/)
    expect(stderr).toContain('orders@latest is taken for a run_id')
  })
})

describe('a list of runs', () => {
  it('is sorted by a column, the largest last, what is not known first', async () => {
    const bytes = await idsOf('--sort', 'bytes')
    expect(bytes.at(-1)).toMatch(/^orders_incremental_/)
    expect(bytes[0]).toBe(ORDERS)
    expect(await idsOf('--sort', 'bytes', '--reverse')).toEqual(bytes.toReversed())
    expect((await idsOf('--sort', 'status')).at(-1)).toMatch(/^chunk_slow_20261121T085437/)
    expect(await idsOf('--sort', 'duration', '--last', '2')).toEqual([
      LAST,
      'chunk_slow_20261121T085437.226_13367',
    ])
  })

  it('holds only what was searched for, and what was slow, and then the newest of these', async () => {
    expect(await idsOf('--search', 'Division By ZERO')).toEqual([
      'chunk_boom_20261121T085433.976_12990',
    ])
    expect(await idsOf('--slower-than', '2800ms', '--last', '1')).toEqual([
      'chunk_slow_20261121T085437.226_13367',
    ])
    expect(await idsOf('--slower-than', '2800ms')).toHaveLength(3)
    expect(await idsOf('--run-id', '@latest', '--run-id', 'broken')).toHaveLength(2)
  })

  it('gives all that a file of traces has, also where more are asked for', async () => {
    const options = { cwd: temporaryFolder() }
    await rivetOtel(['export', '--from', SHOP, '--last', '3', '--to', 't.otlp.jsonl'], options)
    const { stdout } = await rivetOtel(['import', '--from', 't.otlp.jsonl', '--last', '5'], options)
    expect(stdout.trim().split('\n')).toHaveLength(3)
  })

  it('draws in ASCII where the locale says so', async () => {
    const args = ['show', '--from', SHOP, 'chunk_boom']
    const { stdout } = await rivetOtel(args, { env: { LC_ALL: 'C' } })
    expect(stdout).toContain('x failed')
    expect(stdout).not.toMatch(/[▏█✗]/)
  })
})
