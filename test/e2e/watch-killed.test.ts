import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { rivetOtel, temporaryFolder } from './command-line.js'
import { expectExactly } from './received-runs.js'
import { seededRandom } from './seeded-random.js'
import { SPANS_OF_SMALL_RUN } from './small-runs.js'
import { names, putRuns, until, Watcher } from './watching.js'

const KILLS = 5
const RUNS_A_KILL = 60
const CONCURRENCY = 4
const FAST = ['--max-request-bytes', '12000', '--max-traces-per-second', '1000000']
const seed = Number(process.env.RIVET_OTEL_SEED ?? Date.now() % 2 ** 31)
let receiver: OtlpReceiver
let folder: string
let database: string

beforeEach(async () => {
  receiver = await OtlpReceiver.start()
  folder = temporaryFolder()
  database = join(folder, '.rivet_state.db')
})
afterEach(() => receiver.close())

function watch(...more: readonly string[]): Watcher {
  return new Watcher(['--to', receiver.url, ...FAST, ...more], folder)
}

it(`a watcher that is killed at random (RIVET_OTEL_SEED=${seed}) loses nothing and repeats only what was under way`, {
  timeout: 60_000,
}, async () => {
  const { upTo } = seededRandom(seed)
  receiver.answer = () => ({ delayMs: 20 + upTo(40) })
  for (let kill = 0; kill < KILLS; kill++) {
    putRuns(database, names(RUNS_A_KILL, kill * RUNS_A_KILL))
    const wanted = receiver.requests.length + upTo(6)
    const watcher = watch()
    await until(() => receiver.requests.length >= wanted)
    await sleep(upTo(80))
    await watcher.end('SIGKILL')
  }
  const all = names(KILLS * RUNS_A_KILL)
  const last = watch()
  putRuns(database, names(5, all.length))
  await last.says(`orders_${all.length + 4}`)
  expect(await last.end()).toMatchObject({ code: 0, stderr: '' })
  const twice = expectExactly(receiver, names(all.length + 5))
  const mostInRequest = Math.max(...receiver.requests.map(({ spans }) => spans.length))
  const bound = KILLS * CONCURRENCY * mostInRequest
  console.log(
    `seed ${seed}: ${receiver.requests.length} requests, ${twice} spans sent twice, at most ${bound}`,
  )
  expect(twice).toBeLessThanOrEqual(bound)
  const after = await rivetOtel(['export', '--to', receiver.url], { cwd: folder })
  expect(after.stdout).toContain(`runs: 0 sent, ${all.length + 5} there already`)
})

it('two watchers with one ledger send each run once', { timeout: 40_000 }, async () => {
  receiver.answer = () => ({ delayMs: 20 })
  putRuns(database, names(200))
  const watchers = [watch('--json'), watch('--json')]
  const all = names(300)
  await until(() => watchers.every(({ stderr }) => stderr.includes('watching')))
  putRuns(database, names(100, 200))
  await until(() => receiver.taken.length >= all.length * SPANS_OF_SMALL_RUN)
  await sleep(500)
  const sent: string[] = []
  for (const watcher of watchers) {
    const { code, stdout, stderr } = await watcher.end()
    expect(code).toBe(0)
    expect(stderr.trimEnd().split('\n')).toHaveLength(3)
    for (const line of stdout.trimEnd().split('\n').filter(Boolean)) {
      const { run_id, result } = JSON.parse(line)
      expect(['sent', 'present']).toContain(result)
      if (result === 'sent') sent.push(run_id)
    }
  }
  expect(sent.sort()).toEqual(all.sort())
  expect(expectExactly(receiver, all)).toBe(0)
})
