import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { temporaryFolder } from './command-line.js'
import { expectExactly } from './received-runs.js'
import { names, until, Watcher } from './watching.js'

/** 1,000 a minute are 17 a second. */
const RATE = 50
const SECONDS = Number(process.env.RIVET_OTEL_WATCH_SECONDS ?? 20)
const WRITER = fileURLToPath(new URL('run-writer.mjs', import.meta.url))
const SPANS = 11
const SAMPLE_MS = 250
/** What a heap and its collector do by themselves. */
const MARGIN_KB = 40 * 1024
let receiver: OtlpReceiver
let folder: string

beforeEach(async () => {
  receiver = await OtlpReceiver.start()
  folder = temporaryFolder()
})
afterEach(() => receiver.close())

interface Written {
  readonly written: number
  readonly busy: number
  readonly longestMs: number
}

async function writeRuns(file: string): Promise<Written> {
  const args = ['--no-warnings', WRITER, file, String(RATE), String(SECONDS)]
  const writer = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  writer.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await once(writer, 'close')
  return JSON.parse(said) as Written
}

/** The memory of a process now, in kB; `undefined` where it cannot be told. */
function residentKb(pid: number | undefined): number | undefined {
  const status = `/proc/${pid}/status`
  if (!existsSync(status)) return undefined
  const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8')) ?? []
  return kb === undefined ? undefined : Number(kb)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

it(`a watcher keeps up with ${RATE} runs a second for ${SECONDS} s, in flat memory, and the writer meets no lock`, {
  timeout: SECONDS * 1000 + 60_000,
}, async () => {
  const database = join(folder, '.rivet_state.db')
  const watcher = new Watcher(
    ['--to', receiver.url, '--every', '500ms', '--quiet', '--max-traces-per-second', '1000000'],
    folder,
  )
  const samples: number[] = []
  const sampling = setInterval(() => {
    const kb = residentKb(watcher.process.pid)
    if (kb !== undefined && receiver.taken.length > 0) samples.push(kb)
  }, SAMPLE_MS)
  const { written, busy, longestMs } = await writeRuns(database)
  clearInterval(sampling)
  const behind = written - receiver.taken.length / SPANS
  const endedAt = performance.now()
  await until(() => receiver.taken.length >= written * SPANS)
  const caughtUpMs = Math.round(performance.now() - endedAt)
  const { code } = await watcher.end()

  const half = Math.floor(samples.length / 2)
  const [first, second] = [median(samples.slice(0, half)), median(samples.slice(half))]
  console.log(
    `${written} runs; ${Math.round(behind)} behind at the end, there ${caughtUpMs} ms later; longest write ${longestMs} ms; ` +
      `memory ${Math.round(first / 1024)} MB, then ${Math.round(second / 1024)} MB`,
  )
  expect([code, busy]).toEqual([0, 0])
  expect(expectExactly(receiver, names(RATE * SECONDS))).toBe(0)
  // No more than came within a few looks.
  expect(behind).toBeLessThan(RATE * 10)
  if (samples.length === 0) console.warn('NOT CHECKED: memory, because there is no /proc here')
  else expect(second - first).toBeLessThan(MARGIN_KB)
})
