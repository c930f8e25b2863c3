/** The built command line and what is beside the journals of the real state database. */
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { interruptedIdsOf, loadIdsOf } from '../../src/mapping/ids.js'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { shopCopy } from '../sources/places.js'
import { changing, putLoad } from '../sources/state-rows.js'
import { rivetOtel, SHOP, temporaryFolder } from './command-line.js'
import { Watcher } from './watching.js'

const KILLED = 'chunk_slow_20261121T085434.212_13009'
const KILLED_TRACE = interruptedIdsOf({ namespace: '', runId: KILLED }).traceId
const LOAD = 'a:load:t'
const LOAD_TRACE = loadIdsOf({ namespace: '', runId: LOAD }).traceId

/** What is said of both, where the result takes seven columns. */
const linesOf = (result: string) =>
  `\n${result}  interrupted run ${KILLED}  trace ${KILLED_TRACE}  2 spans\n${result}  load ${LOAD}  trace ${LOAD_TRACE}  1 span\n`

let receiver: OtlpReceiver
beforeEach(async () => {
  receiver = await OtlpReceiver.start()
})
afterEach(() => receiver.close())

describe('export of what is beside the journals', { timeout: 60_000 }, () => {
  it('knows a killed run by its name, and sends it alone', async () => {
    const folder = temporaryFolder()
    const args = ['export', '--from', SHOP, '--to', 'a.otlp.jsonl', '--run-id']
    const out = await rivetOtel([...args, KILLED], { cwd: folder })
    expect(out).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        `sent     interrupted run ${KILLED}  trace ${KILLED_TRACE}  2 spans`,
        'runs: 0 sent; spans: 2 delivered (a.otlp.jsonl)',
        'interrupted runs: 1 sent\n',
      ].join('\n'),
    })
    const unknown = await rivetOtel([...args, `${KILLED}0`], { cwd: folder })
    expect(unknown).toMatchObject({ code: 2 })
    expect(unknown.stderr).toContain(KILLED)
  })

  it('names each like a run and says their sum, in a dry run too, and in JSON', async () => {
    const from = shopCopy()
    changing(from, (db) => putLoad(db, LOAD, { source_run_ids: JSON.stringify([KILLED]) }))
    const folder = temporaryFolder()
    const args = ['export', '--from', from, '--to', join(folder, 'a.otlp.jsonl')]
    const dry = await rivetOtel([...args, '--dry-run'])
    expect(dry.stdout).toMatch(/\ninterrupted runs: 1 to send; loads: 1 to send\n$/)
    expect(dry.stdout).toContain(linesOf('to send'))
    const sent = await rivetOtel([...args, '--verify'])
    expect(sent).toMatchObject({ code: 0, stderr: '' })
    expect(sent.stdout).toMatch(
      /\ninterrupted runs: 1 sent; loads: 1 sent\n(?:.*\n)*verified: 12 exact/,
    )
    expect(sent.stdout).toContain(linesOf('sent   '))
    expect(sent.stdout.match(/^sent /gm)).toHaveLength(14)
    const again = await rivetOtel([...args, '--json'])
    expect(JSON.parse(again.stdout)).toMatchObject({
      runs: [
        ...Array(12).fill({ result: 'present' }),
        { subject: 'interrupted', run_id: KILLED, trace_ids: [KILLED_TRACE], result: 'present' },
        { subject: 'load', run_id: LOAD, trace_ids: [LOAD_TRACE], result: 'present' },
      ],
      summary: {
        runs: { present: 12 },
        interrupted: { sent: 0, present: 1, failed: 0, elsewhere: 0 },
        loads: { sent: 0, present: 1, failed: 0, elsewhere: 0 },
      },
    })
  })

  it('names at most 20 of them, and all in JSON', async () => {
    const from = shopCopy()
    changing(from, (db) => {
      for (let i = 0; i < 20; i++) putLoad(db, `${i}:load:t`)
    })
    const args = ['export', '--from', from, '--to', 'a.otlp.jsonl']
    const { stdout } = await rivetOtel(args)
    expect(stdout.match(/^sent .*/gm)).toHaveLength(12)
    expect(stdout).toMatch(/\ninterrupted runs: 1 sent; loads: 20 sent\n$/)
    const json = JSON.parse((await rivetOtel([...args, '--json'])).stdout)
    expect(json.runs).toHaveLength(12 + 21)
  })

  it('says once why one of them failed, and names it among the rest', async () => {
    receiver.answerTo = ({ spans }) =>
      spans.some(({ span }) => span.name === 'load orders') ? { status: 400 } : {}
    const from = shopCopy()
    changing(from, (db) => putLoad(db, LOAD))
    const args = ['export', '--from', from, '--to', receiver.url, '--no-ledger']
    const out = await rivetOtel(args)
    expect(out).toMatchObject({ code: 1 })
    expect(out.stderr).toMatch(/^load a:load:t: http:\S+ answered 400[^\n]*\n$/)
    expect(out.stdout).toContain(`\nfailed   load ${LOAD}  trace ${LOAD_TRACE}  1 span\n`)
    const json = JSON.parse((await rivetOtel([...args, '--json'])).stdout)
    expect(json.runs.filter(({ subject }: { subject?: string }) => subject === 'load')).toEqual([
      expect.objectContaining({ run_id: LOAD, result: 'failed', failure: 'refused' }),
    ])
  })

  it('names them in a watch when it sends them, for people and as data', async () => {
    const from = shopCopy()
    changing(from, (db) => putLoad(db, LOAD))
    const args = ['--from', from, '--since', '2026-11-01', '--to', 'a.otlp.jsonl']
    const told = new Watcher(args, temporaryFolder())
    await told.says('sent     load')
    const { stdout } = await told.end()
    const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ `
    for (const line of linesOf('sent   ').trim().split('\n'))
      expect(stdout).toMatch(new RegExp(`^${time}${line}$`, 'm'))
    const json = new Watcher([...args, '--json'], temporaryFolder())
    await json.says('"subject":"load"')
    const lines = (await json.end()).stdout.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line)).filter(({ subject }) => subject)).toMatchObject([
      { subject: 'interrupted', run_id: KILLED, result: 'sent', trace_ids: [KILLED_TRACE] },
      { subject: 'load', run_id: LOAD, result: 'sent', trace_ids: [LOAD_TRACE] },
    ])
  })

  it('names what failed beside runs that are there, and ends with 1', async () => {
    receiver.answerTo = ({ spans }) =>
      spans.some(({ span }) => span.name === 'source') ? { status: 400 } : {}
    const args = ['export', '--from', SHOP, '--last', '1', '--to', receiver.url, '--no-ledger']
    const out = await rivetOtel(args)
    expect(out).toMatchObject({ code: 1 })
    expect(out.stdout).toContain('runs: 1 sent; spans: 1 delivered, 1 rejected')
    expect(out.stderr).toMatch(/^source span of empty_\S+: http:\S+ answered 400[^\n]*\n$/)
    const json = JSON.parse((await rivetOtel([...args, '--json'])).stdout)
    expect(json.runs).toMatchObject([
      { result: 'sent' },
      { subject: 'source', result: 'failed', failure: 'refused' },
    ])
    expect(json.summary).toMatchObject({ runs: { sent: 1, failed: 0 }, beside_failed: 1 })
  })

  it('says of a run that failed as a whole nothing more than before', async () => {
    const args = ['export', '--from', SHOP, '--last', '1', '--retry-for', '0']
    const out = await rivetOtel([...args, '--to', 'http://127.0.0.1:1'])
    expect(out).toMatchObject({ code: 3 })
    expect(out.stderr.trim().split('\n')).toHaveLength(1)
  })
})
