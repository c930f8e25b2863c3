import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { connected, eventsOf, runsUntil } from '../serve/serving.js'
import { rivetOtel, SHOP, temporaryFolder } from './command-line.js'
import { RunningServer } from './serving.js'
import { names, putRuns } from './watching.js'

const ANY = ['--listen', '0']
const HALF_A_REQUEST =
  'POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{'

describe('rivet-otel serve', () => {
  it('shows the state database of its folder, and takes what an export sends', async () => {
    const folder = temporaryFolder()
    putRuns(join(folder, '.rivet_state.db'), names(2))
    const server = new RunningServer(ANY, folder)
    const url = await server.url()
    expect(server.stdout).toBe(`${url}\n`)
    expect(server.stderr).toContain(`${url}/v1/traces`)
    await runsUntil(url, ({ runs }) => runs.length === 2)
    const sent = await rivetOtel(['export', '--from', SHOP, '--to', url])
    expect([sent.code, sent.stderr]).toEqual([0, expect.not.stringContaining('refused')])
    const { runs, receiver, problems } = await runsUntil(url, ({ runs }) => runs.length > 13)
    expect(receiver).toEqual({ url: `${url}/v1/traces`, file: 'rivet-traces.otlp.jsonl' })
    expect(problems).toEqual([])
    expect(runs.filter(({ concerns }) => concerns.includes('incomplete'))).toEqual([])
    const file = join(folder, 'rivet-traces.otlp.jsonl')
    const verified = await rivetOtel(['verify', '--from', SHOP, '--in', file])
    expect(verified.code).toBe(0)
    expect((await server.end()).code).toBe(0)
  })

  it('prints one line of JSON', async () => {
    const server = new RunningServer([...ANY, '--json', '--from', SHOP], temporaryFolder())
    const url = await server.url()
    expect(JSON.parse(server.stdout)).toEqual({
      url,
      from: SHOP,
      receiver: { url: `${url}/v1/traces`, file: 'rivet-traces.otlp.jsonl' },
    })
  })

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends at %s with 0, whoever still listens',
    async (signal) => {
      const server = new RunningServer([...ANY, '--from', SHOP], temporaryFolder())
      const url = await server.url()
      const streams = await Promise.all([eventsOf(url), eventsOf(url), eventsOf(url)])
      const half = await connected(url)
      half.write(HALF_A_REQUEST)
      const ended = await server.end(signal)
      expect(ended.code).toBe(0)
      expect(ended.stderr).not.toMatch(/rror/)
      while (streams.some(({ isOver }) => !isOver)) await sleep(5)
    },
  )

  it('says that nothing is there yet, and shows it when it is', async () => {
    const folder = temporaryFolder()
    const server = new RunningServer(ANY, folder)
    const url = await server.url()
    expect(server.stderr).toContain('does not exist; its runs are shown once it does')
    const { runs, problems } = await runsUntil(url, () => true)
    expect([runs, problems]).toEqual([[], []])
    putRuns(join(folder, '.rivet_state.db'), names(1))
    await runsUntil(url, ({ runs }) => runs.length === 1)
    expect(existsSync(join(folder, 'rivet-traces.otlp.jsonl'))).toBe(false)
  })

  it('receives nothing where it is told so', async () => {
    const folder = temporaryFolder()
    const server = new RunningServer([...ANY, '--from', SHOP, '--no-receive'], folder)
    const url = await server.url()
    const { receiver } = await runsUntil(url, ({ runs }) => runs.length > 12)
    expect(receiver).toBeNull()
    expect((await fetch(`${url}/v1/traces`, { method: 'POST', body: '{}' })).status).toBe(404)
  })

  it('warns where others can reach it', async () => {
    // Only said: nothing is asked of any address but this machine's own.
    const args = ['--listen', '0.0.0.0:0', '--from', SHOP, '--no-receive']
    const server = new RunningServer(args, temporaryFolder())
    await server.url()
    await server.end()
    expect(server.stderr).toContain(
      'anybody who reaches 0.0.0.0 can read the runs: there is no password',
    )
  })

  it.each([
    [['--from', 'nothing.db'], 'does not exist'],
    [['--from', '-'], 'can be read only once'],
    [['--from', 'http://127.0.0.1:1'], 'can only be written to'],
    [['--no-receive', '--to', 'x.jsonl'], '--no-receive receives nothing'],
    [['--no-receive'], 'does not exist'],
    [['--listen', 'nowhere'], '--listen nowhere: expected an address'],
    [['--allow-host', 'http://a.example/'], 'without scheme and port'],
    [['--from', SHOP, '--tenant', 'eu'], '--tenant is about a server'],
    [['--all', '--last', '3'], '--all means every run'],
    [['--from', SHOP, '--to', SHOP], ''],
  ])('ends with 2 and a sentence for %j', async (args, expected) => {
    const { code, stderr, stdout } = await rivetOtel(['serve', ...ANY, ...args])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(expected)
    expect(stderr).not.toMatch(/defect/)
  })

  it('says who may be there where the port is taken', async () => {
    const folder = temporaryFolder()
    const url = await new RunningServer([...ANY, '--from', SHOP], folder).url()
    const again = ['serve', '--from', SHOP, '--listen', new URL(url).port, '--no-receive']
    const { code, stderr } = await rivetOtel(again, { cwd: folder })
    expect(code).toBe(2)
    expect(stderr).toContain('something else listens there')
    expect(stderr).toContain('collector')
  })

  it('works for less than a hundredth of the time while nothing happens', async (context) => {
    const folder = temporaryFolder()
    copyFileSync(SHOP, join(folder, '.rivet_state.db'))
    const server = new RunningServer(ANY, folder)
    const url = await server.url()
    await runsUntil(url, ({ runs }) => runs.length > 12)
    await eventsOf(url)
    const { pid } = server.process
    const ticks = () => {
      const [, , ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/\(.*\)/, '')
        .split(' ')
      return Number(fields[11]) + Number(fields[12])
    }
    if (!existsSync(`/proc/${pid}/stat`)) {
      console.warn('NOT CHECKED: this system does not tell how long a process worked')
      return context.skip()
    }
    // What comes right after the start is no idling: code is still being compiled.
    await sleep(3_000)
    const before = ticks()
    const ms = 10_000
    await sleep(ms)
    const share = ((ticks() - before) * 10) / ms
    expect(share).toBeLessThan(0.02)
  })
})
