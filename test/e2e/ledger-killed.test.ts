import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openLedger } from '../../src/ledger/ledger.js'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { CLI, rivetOtel, temporaryFolder } from './command-line.js'
import { expectExactly } from './received-runs.js'
import { seededRandom } from './seeded-random.js'
import { SPANS_OF_SMALL_RUN, smallRun, smallRuns } from './small-runs.js'

const RUNS = 400
const CHANGED = 40
const KILLS = 8
const CONCURRENCY = 4
const seed = Number(process.env.RIVET_OTEL_SEED ?? Date.now() % 2 ** 31)
let receiver: OtlpReceiver
let folder: string

beforeEach(async () => {
  receiver = await OtlpReceiver.start()
  folder = temporaryFolder()
})
afterEach(() => receiver.close())

function exportArgs(): string[] {
  return [
    ...['export', '--from', 'journals.jsonl', '--to', receiver.url],
    ...['--max-request-bytes', '12000', '--concurrency', String(CONCURRENCY)],
    ...['--max-traces-per-second', '1000000'],
  ]
}

/** Exports, and ends it as a crash would, so many requests and ms after its start; whether it was not done by then. */
async function killedExport(requests: number, ms: number): Promise<boolean> {
  const wanted = receiver.requests.length + requests
  const child = spawn(process.execPath, [CLI, ...exportArgs()], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '' },
    stdio: 'ignore',
  })
  const ended = once(child, 'exit')
  while (receiver.requests.length < wanted && child.exitCode === null) await sleep(2)
  await sleep(ms)
  child.kill('SIGKILL')
  await ended
  return child.signalCode === 'SIGKILL'
}

it(`an exporter that is killed at random (RIVET_OTEL_SEED=${seed}) loses nothing and repeats only what was under way`, {
  timeout: 180_000,
}, async () => {
  const { upTo } = seededRandom(seed)
  receiver.answer = () => ({ delayMs: 5 + upTo(20) })
  const before = smallRuns(RUNS)
  const changed = Array.from({ length: CHANGED }, (_, i) => smallRun(`orders_${i * 7}`, 1)).join('')
  const unchanged = before
    .split('\n')
    .filter((_, i) => i % 7 !== 0 || i >= CHANGED * 7)
    .join('\n')
  let killed = 0
  for (let kill = 0; kill < KILLS; kill++) {
    // Some journals change between two crashes, sent or not.
    writeFileSync(join(folder, 'journals.jsonl'), kill < KILLS / 2 ? before : unchanged + changed)
    if (await killedExport(upTo(8), upTo(60))) killed++
  }
  // On a slow machine the last of them may have come far enough to send everything.
  expect(killed).toBeGreaterThan(1)
  const last = await rivetOtel(exportArgs(), { cwd: folder })
  expect(last).toMatchObject({ code: 0, stderr: '' })

  const all = Array.from({ length: RUNS }, (_, i) => `orders_${i}`)
  const resent = expectExactly(receiver, all)
  const mostInRequest = Math.max(...receiver.requests.map(({ spans }) => spans.length))
  const bound = KILLS * CONCURRENCY * mostInRequest
  console.log(
    `seed ${seed}: ${receiver.requests.length} requests, ${resent} spans sent twice, at most ${bound}`,
  )
  expect(resent).toBeLessThanOrEqual(bound)

  await expectLedgerAgrees(receiver.taken.length - resent)
  expect((await rivetOtel(exportArgs(), { cwd: folder })).stdout).toContain(
    `runs: 0 sent, ${RUNS} there already`,
  )
})

/** Every run is delivered by the ledger, and its newest revision is whole at the receiver. */
async function expectLedgerAgrees(spansThere: number): Promise<void> {
  const target = `${receiver.url}/v1/traces`
  const ledger = await openLedger(join(folder, 'rivet-otel-ledger.db'), target)
  if (ledger === undefined) throw new Error('a ledger was expected')
  let delivered = 0
  for (let i = 0; i < RUNS; i++) {
    const run = { namespace: '', runId: `orders_${i}` }
    const revisions = ledger.held(run)
    expect(revisions.map(({ revision }) => revision)).toEqual([...revisions.keys()])
    const newest = revisions.at(-1)
    if (newest === undefined) throw new Error('a revision was expected')
    expect(ledger.look({ ...run, ...newest, pages: 1 }).kind).toBe('delivered')
    delivered += revisions.length
  }
  ledger.close()
  // A first revision may have been written ahead and then have changed before it was sent.
  expect(spansThere).toBeLessThanOrEqual(delivered * SPANS_OF_SMALL_RUN)
  expect(spansThere).toBeGreaterThanOrEqual(RUNS * SPANS_OF_SMALL_RUN)
}
