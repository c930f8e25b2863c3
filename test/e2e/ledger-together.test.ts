import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { rivetOtel, temporaryFolder } from './command-line.js'
import { SPANS_OF_SMALL_RUN, smallRuns } from './small-runs.js'

const RUNS = 400
let receiver: OtlpReceiver

beforeEach(async () => {
  receiver = await OtlpReceiver.start()
})
afterEach(() => receiver.close())

interface Report {
  readonly runs: readonly { readonly run_id: string; readonly result: string }[]
}

it('three exports at once with one ledger send each run once, and say what they left', {
  timeout: 120_000,
}, async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'journals.jsonl'), smallRuns(RUNS))
  receiver.answer = () => ({ delayMs: 20 })
  const args = [
    ...['export', '--from', 'journals.jsonl', '--to', receiver.url, '--json'],
    ...['--max-request-bytes', '12000', '--max-traces-per-second', '1000000'],
  ]
  const outs = await Promise.all([1, 2, 3].map(() => rivetOtel(args, { cwd: folder })))
  const sent: string[] = []
  for (const { code, stdout, stderr } of outs) {
    expect(code).toBe(0)
    const { runs } = JSON.parse(stdout) as Report
    expect(runs).toHaveLength(RUNS)
    const left = runs.filter(({ result }) => result === 'elsewhere')
    expect(stderr.split('\n').filter((line) => line !== '')).toHaveLength(left.length)
    if (left.length > 0) {
      expect(stderr).toMatch(/^orders_\d+: another export \(process \d+\) is sending this run/m)
    }
    for (const { run_id, result } of runs) {
      expect(['sent', 'present', 'elsewhere']).toContain(result)
      if (result === 'sent') sent.push(run_id)
    }
  }
  expect(sent).toHaveLength(RUNS)
  expect(new Set(sent).size).toBe(RUNS)
  expect(receiver.taken).toHaveLength(RUNS * SPANS_OF_SMALL_RUN)
})
