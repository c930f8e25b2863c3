import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nameInLedger } from '../../src/bridge/ledger/page-name.js'
import { gateFor } from '../../src/bridge/outgoing-run.js'
import { journalDigest } from '../../src/journal/digest.js'
import { type Ledger, openLedger } from '../../src/ledger/ledger.js'
import { pagesBeside } from '../../src/mapping/beside.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import type { TracePage } from '../../src/mapping/page.js'
import { backendsAvailable } from '../backends/build.mjs'
import { type RunningBackend, startJaeger, startTempo } from '../backends/run-backends.js'
import { accountOf } from './chaos-account.js'
import { ChaosProxy } from './chaos-proxy.js'
import { CHANGES, ChaosRuns, POISONED, RUNS } from './chaos-runs.js'
import { CLI, type Finished, rivetOtel, temporaryFolder } from './command-line.js'
import { type SeededRandom, seededRandom } from './seeded-random.js'

const seed = Number(process.env.RIVET_OTEL_SEED ?? Date.now() % 2 ** 31)

const KILLS_PER_TARGET = 25
const CONCURRENCY = 4
const TIMEOUT_MS = 8000
/** Exporters that are let go on until they end by themselves, at most. */
const MOST_LET_GO = 12

const KINDS = ['jaeger', 'tempo'] as const

/**
 * By default a Tempo drops what passes 5 MB a trace, and answers 200. Spans that come twice count
 * twice, so a large page that so many exporters did not get through with would be cut in the end.
 */
const PATIENT_TEMPO = {
  config: { overrides: { defaults: { global: { max_bytes_per_trace: 50_000_000 } } } },
}

/** A real backend behind a proxy, and what was sent to it. */
interface Target {
  readonly kind: (typeof KINDS)[number]
  readonly backend: RunningBackend
  readonly proxy: ChaosProxy
  readonly random: SeededRandom
  readonly killed: Set<string>
  /** How many requests of killed exporters were under way when they were killed. */
  readonly underWay: number[]
  /** How many exporters were started. */
  started: number
}

describe.skipIf(!backendsAvailable())('chaos between exporters and a real Jaeger and Tempo', () => {
  const targets: Target[] = []
  let folder: string
  let runs: ChaosRuns

  beforeAll(async () => {
    folder = temporaryFolder()
    runs = await ChaosRuns.create(folder, seed)
    for (const kind of KINDS) {
      const backend = await (kind === 'jaeger' ? startJaeger() : startTempo(PATIENT_TEMPO))
      const proxy = await ChaosProxy.start({
        target: backend.otlpHttp,
        seed: [seed, kind],
        poison: POISONED,
        clearMs: TIMEOUT_MS / 2,
      })
      const random = seededRandom(seed, kind, 'kills')
      targets.push({
        kind,
        backend,
        proxy,
        random,
        killed: new Set(),
        underWay: [],
        started: 0,
      })
    }
  })
  afterAll(async () => {
    await runs?.end()
    for (const { proxy, backend } of targets) {
      await proxy.stop()
      await backend.stop()
    }
  })

  const location = ({ kind, backend }: Target) => `${kind}+${backend.query}`
  const ledgerFile = () => join(folder, 'ledger.db')

  it(`loses nothing of ${RUNS} runs and doubles only what was in flight, through ${2 * KILLS_PER_TARGET} kills (RIVET_OTEL_SEED=${seed})`, {
    timeout: 600_000,
  }, async () => {
    const begun = performance.now()
    const tell = (what: string) =>
      console.log(`${Math.round((performance.now() - begun) / 1000)} s: ${what}`)
    await Promise.all([...targets.map(underChaos), changeMeanwhile()])
    tell('the chaos is over')

    for (const target of targets) {
      await target.proxy.idle()
      target.proxy.isCalm = true
    }
    await Promise.all(targets.map(heal))
    tell('all is sent')

    await Promise.all(targets.map(isExact))
    tell('all is verified')

    for (const target of targets) {
      const pages = await ledgerAgrees(target)
      const again = new Set([`${target.kind} again`])
      const { requests, counts } = target.proxy
      const { killed } = target
      const books = { requests, pages, killed, again, concurrency: CONCURRENCY }
      const account = accountOf(books)
      const { foreign, changed, needless, forgotten, ...sums } = account
      const exact = forgotten.reduce((sum, { spans }) => sum + spans, 0)
      tell(
        `seed ${seed}, ${target.kind}: ${target.started} exporters, ${killed.size} killed, ` +
          `${target.underWay.reduce((sum, each) => sum + each)} requests under way then; ` +
          `${requests.length} whole requests of ${target.proxy.seen}: ${JSON.stringify(counts)}; ` +
          `${JSON.stringify(sums)}; confirmed and yet sent again after a kill: ${exact} spans ${JSON.stringify(forgotten)}`,
      )
      expect({ foreign, changed, needless }).toEqual({ foreign: [], changed: [], needless: [] })
      for (const each of forgotten) expect(each.spans).toBeLessThanOrEqual(each.bound)
      for (const each of target.underWay) expect(each).toBeLessThanOrEqual(CONCURRENCY)
      expect(killed.size).toBe(KILLS_PER_TARGET)
    }
  })

  /** Exporters that are killed, and then some that end by themselves. */
  async function underChaos(target: Target): Promise<void> {
    const { killed } = target
    let endedByItself = false
    while (killed.size < KILLS_PER_TARGET)
      endedByItself = !(await killedExport(target, endedByItself))
    for (let count = 0, hasGivenUp = false; count < MOST_LET_GO && !hasGivenUp; count++) {
      const end = await startExport(target).finished
      expectSound(end)
      const poisoned = resultsOf(end).find(({ run_id }) => run_id === POISONED)
      hasGivenUp = poisoned?.problems.some((each) => each.startsWith('given up')) ?? false
    }
  }

  /** Whether the exporter was killed before it ended by itself. */
  async function killedExport(target: Target, atOnce: boolean): Promise<boolean> {
    const { proxy, random, killed, underWay } = target
    const requests = Math.floor(random.next() ** 2 * 30)
    const ms = random.upTo(150)
    const wanted = proxy.seen + requests
    const latest = performance.now() + (atOnce || random.next() < 0.1 ? random.upTo(1500) : 10_000)
    const { name, child, finished } = startExport(target)
    while (proxy.seen < wanted && isAlive(child) && performance.now() < latest) await sleep(2)
    await sleep(ms)
    child.kill('SIGKILL')
    const sent = proxy.requests.filter(({ exporter }) => exporter === name)
    const open = sent.filter(({ isOver }) => !isOver).length
    const end = await finished
    expectSound(end)
    if (end.code !== null) return false
    killed.add(name)
    underWay.push(open)
    return true
  }

  function startExport(target: Target) {
    const { kind, proxy, random } = target
    const name = `${kind} ${target.started++}`
    const temporary = join(folder, name.replace(' ', '-'))
    mkdirSync(temporary)
    const bytes = random.pick(['6000', '30000', '200000', '1500000'])
    const child = spawn(
      process.execPath,
      [CLI, ...exportArgs(proxy, name), '--max-request-bytes', bytes],
      {
        cwd: folder,
        env: { PATH: process.env.PATH ?? '', TMPDIR: temporary },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    const finished = finishedOf(child).then((end) => {
      // What a killed exporter leaves in the folder for temporary files, an operating system removes.
      rmSync(temporary, { recursive: true })
      return end
    })
    return { name, child, finished }
  }

  function exportArgs(proxy: ChaosProxy, name: string): string[] {
    return [
      ...['export', '--from', runs.file, '--to', proxy.url, '--ledger', ledgerFile()],
      ...['--retry-for', '2500', '--timeout', String(TIMEOUT_MS)],
      ...['--concurrency', String(CONCURRENCY), '--max-traces-per-second', '1000000'],
      ...['--header', `x-exporter=${name}`, '--json'],
    ]
  }

  /** Some journals change while they are being sent. */
  async function changeMeanwhile(): Promise<void> {
    for (let change = 1; change <= CHANGES; change++) {
      const kills = () => targets.reduce((sum, { killed }) => sum + killed.size, 0)
      while (kills() < (2 * KILLS_PER_TARGET * change) / (CHANGES + 1)) await sleep(20)
      await runs.change()
    }
  }

  async function opened(target: Target): Promise<Ledger> {
    const name = `${target.proxy.url}/v1/traces`
    const ledger = await openLedger(ledgerFile(), name, { isReadOnly: true })
    if (ledger === undefined) throw new Error('a ledger was expected')
    return ledger
  }

  /** What is still to be sent is; what was given up is named, and goes when it is told to. */
  async function heal(target: Target): Promise<void> {
    const { kind, proxy } = target
    const first = await rivetOtel(exportArgs(proxy, `${kind} calm`), { cwd: folder })
    const failed = resultsOf(first).filter(({ result }) => !['sent', 'present'].includes(result))
    const names = failed.map(({ run_id }) => run_id)
    expect(names).toContain(POISONED)
    for (const { run_id, problems } of failed) {
      expect([run_id, problems]).toEqual([
        run_id,
        [expect.stringMatching(/^given up after 5 attempts; export --again tries it again/)],
      ])
      expect(first.stderr).toContain(`${run_id}: given up`)
    }
    expect(first.code).toBe(1)
    console.log(`${kind}: ${JSON.stringify(summaryOf(first))}, given up ${JSON.stringify(names)}`)

    const selected = names.flatMap((name) => ['--run-id', name])
    const args = [...exportArgs(proxy, `${kind} again`), '--again', ...selected]
    const again = await rivetOtel(args, { cwd: folder })
    expect(again).toMatchObject({ code: 0, stderr: '' })
    expect(summaryOf(again).runs).toMatchObject({ sent: names.length, failed: 0 })

    const seen = proxy.seen
    const last = await rivetOtel(exportArgs(proxy, `${kind} last`), { cwd: folder })
    expect(last).toMatchObject({ code: 0, stderr: '' })
    expect(summaryOf(last).runs).toMatchObject({ sent: 0, present: RUNS, failed: 0 })
    expect(proxy.seen).toBe(seen)
  }

  /** Every run comes back as its newest journal, and that is what an import gives. */
  async function isExact(target: Target): Promise<void> {
    const args = [
      'verify',
      '--from',
      runs.file,
      '--in',
      location(target),
      '--wait',
      '90s',
      '--json',
    ]
    const verified = await rivetOtel(args, { cwd: folder })
    const { runs: verdicts } = JSON.parse(verified.stdout) as {
      readonly runs: readonly { readonly result: string; readonly reasons: readonly string[] }[]
    }
    const others = verdicts.filter(
      ({ result, reasons }) => result !== 'exact' || reasons.length > 0,
    )
    expect(others).toEqual([])
    expect(verdicts).toHaveLength(RUNS)
    expect(verified).toMatchObject({ code: 0, stderr: '' })
  }

  /** Every run is delivered as its newest revision; gives the pages of all revisions there are. */
  async function ledgerAgrees(target: Target): Promise<TracePage[]> {
    const ledger = await opened(target)
    const outgoing = gateFor()
    const pages: TracePage[] = []
    // A page beside a journal stands below the root of the revision that it is beside.
    const newestBeside = new Map<string, TracePage>()
    const records = await runs.records()
    for (const runId of runs.versions.keys()) {
      const run = { namespace: '', runId }
      const revisions = ledger.held(run)
      expect(revisions.map(({ revision }) => revision)).toEqual([...revisions.keys()])
      const newest = revisions.at(-1)
      if (newest === undefined) throw new Error(`a revision of ${runId} was expected`)
      const sent = outgoing(runs.newest(runId))
      if (sent.kind === 'refused') throw new Error(sent.problem)
      expect([runId, newest.digest]).toEqual([runId, journalDigest(sent.journal)])
      const state = ledger.look({ ...run, ...newest, pages: 1 }).kind
      expect([runId, state]).toEqual([runId, 'delivered'])
      const record = records.get(runId)
      for (const { revision, digest } of revisions) {
        const journal = runs.sentAs(runId, digest)
        if (journal === undefined) continue
        pages.push(...journalToTrace(journal, { revision }))
        for (const page of pagesBeside(journal, record ? { record } : {}, { revision })) {
          newestBeside.set(nameInLedger(page.runId, page.subject), page)
          pages.push(page)
        }
      }
    }
    for (const page of await runs.pagesOfKilled()) {
      newestBeside.set(nameInLedger(page.runId, page.subject), page)
      pages.push(page)
    }
    for (const [runId, { digest }] of newestBeside) {
      const held = ledger.held({ namespace: '', runId })
      expect([runId, held.map((revision) => revision.digest)]).toEqual([
        runId,
        expect.arrayContaining([digest]),
      ])
    }
    expect(newestBeside.size).toBeGreaterThan(10)
    ledger.close()
    return pages
  }
})

function isAlive({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null
}

async function finishedOf(child: ChildProcess): Promise<Finished> {
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => (printed[name] += text))
  }
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...printed }
}

/** Whatever happens on the way, it ends with a code that says so, and never with a stack trace. */
function expectSound({ code, stderr }: Finished): void {
  expect([null, 0, 1, 3]).toContain(code)
  expect(stderr).not.toMatch(/\n\s+at |Error:|undefined/)
}

interface Report {
  readonly runs: readonly {
    readonly run_id: string
    readonly result: string
    readonly problems: readonly string[]
  }[]
  readonly summary: { readonly runs: object; readonly spans: object }
}

function resultsOf({ stdout }: Finished): Report['runs'] {
  return (JSON.parse(stdout) as Report).runs
}

function summaryOf({ stdout }: Finished): Report['summary'] {
  return (JSON.parse(stdout) as Report).summary
}
