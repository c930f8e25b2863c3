/** The built command line and what is beside the journals of the real state database. */
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { shopCopy } from '../sources/places.js'
import { changing, putLoad } from '../sources/state-rows.js'
import { rivetOtel, SHOP, temporaryFolder } from './command-line.js'

const KILLED = 'chunk_slow_20261121T085434.212_13009'

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
      stdout: 'runs: 0 sent; spans: 2 delivered (a.otlp.jsonl)\ninterrupted runs: 1 sent\n',
    })
    const unknown = await rivetOtel([...args, `${KILLED}0`], { cwd: folder })
    expect(unknown).toMatchObject({ code: 2 })
    expect(unknown.stderr).toContain(KILLED)
  })

  it('says what there is in one line more, in a dry run too, and in JSON', async () => {
    const from = shopCopy()
    changing(from, (db) => putLoad(db, 'a:load:t', { source_run_ids: JSON.stringify([KILLED]) }))
    const folder = temporaryFolder()
    const args = ['export', '--from', from, '--to', join(folder, 'a.otlp.jsonl')]
    const dry = await rivetOtel([...args, '--dry-run'])
    expect(dry.stdout).toMatch(/\ninterrupted runs: 1 to send; loads: 1 to send\n$/)
    const sent = await rivetOtel([...args, '--verify'])
    expect(sent).toMatchObject({ code: 0, stderr: '' })
    expect(sent.stdout).toMatch(
      /\ninterrupted runs: 1 sent; loads: 1 sent\n(?:.*\n)*verified: 12 exact/,
    )
    const again = await rivetOtel([...args, '--json'])
    expect(JSON.parse(again.stdout)).toMatchObject({
      runs: Array(12).fill({ result: 'present' }),
      summary: {
        runs: { present: 12 },
        interrupted: { sent: 0, present: 1, failed: 0, elsewhere: 0 },
        loads: { sent: 0, present: 1, failed: 0, elsewhere: 0 },
      },
    })
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
