/** Exports in threads, by the built library: its threads are a program of their own, which the sources have not. */
import { execFile } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { preparedRuns } from '../../../src/bridge/export/prepared-runs.js'
import type { MappingSetup } from '../../../src/bridge/export/threads/mapped-batch.js'
import { MappingThreads } from '../../../src/bridge/export/threads/mapping-threads.js'
import { type ExportOptions, exportRuns } from '../../../src/bridge/export-runs.js'
import { openOtlpHttp } from '../../../src/delivery/otlp-http.js'
import { spanEncoding } from '../../../src/delivery/span-encoding.js'
import { parseJournal } from '../../../src/journal/codec.js'
import { journalToTrace } from '../../../src/mapping/journal-to-trace.js'
import type { UnreadJournal } from '../../../src/sources/journal-texts.js'
import { openJournalFile } from '../../../src/sources/json-file.js'
import { writeJournals } from '../../bench/journal-file.mjs'
import { target } from '../../delivery/target.js'
import { newFolder } from '../../delivery/temporary-folder.js'
import { OtlpReceiver } from '../../receiver/otlp-receiver.js'

const BUILT = fileURLToPath(new URL('../../../dist/cli/mapping-worker.js', import.meta.url))
const BOTH_WAYS = fileURLToPath(new URL('export-both-ways.mjs', import.meta.url))
const SHAPES = ['chunked', 'parallel', 'files', 'long-sql', 'troubled', 'non-ascii'] as const
const SETUP: MappingSetup = {
  ...{ selection: {}, redaction: {}, namespace: '', resource: undefined, encoding: 'protobuf' },
}
const TIMEOUT = { timeout: 60_000 }

interface Way {
  readonly threads: number
  readonly bodies: readonly string[]
  readonly said: readonly { readonly result?: string }[]
}

async function bothWays(
  ...args: readonly string[]
): Promise<{ readonly here: Way; readonly inThreads: Way }> {
  const { stdout } = await promisify(execFile)(process.execPath, [BOTH_WAYS, ...args], {
    maxBuffer: 2 ** 28,
  })
  return JSON.parse(stdout)
}

function sorted(said: Way['said']): string[] {
  return said.map((one) => JSON.stringify(one)).sort()
}

function journalLine(runId: string, messages: readonly string[]): string {
  const entries = messages.map((message, i) => ({
    recorded_at: `2026-11-21T08:00:${String(i % 60).padStart(2, '0')}Z`,
    event: { Warned: { context: 'c', message } },
  }))
  return `${JSON.stringify({ run_id: runId, export_name: 'orders', entries })}\n`
}

const journals = join(newFolder(), 'journals.jsonl')

describe('an export in threads', () => {
  beforeAll(async () => {
    await writeJournals(journals, { shapes: [...SHAPES], runs: 30, size: 100 })
    const [first = ''] = readFileSync(journals, 'utf8').split('\n')
    const secret = 'cannot reach postgres://rivet:hunter2@db:5432/shop'
    appendFileSync(journals, `\n{"run_id":\n${first}\n${journalLine('none', [])}`)
    appendFileSync(journals, Buffer.from([0x7b, 0xff, 0x7d, 0x0a]))
    appendFileSync(journals, journalLine('secret', [secret, 'customer_17 is late']))
    appendFileSync(journals, journalLine('customer_18', ['has a name that is taken out']))
    appendFileSync(journals, journalLine('changed', ['once']))
    const large = Array.from({ length: 1500 }, (_, i) => `${i} ${'x'.repeat(1000)}`)
    appendFileSync(journals, journalLine('large', large))
    appendFileSync(journals, journalLine('changed', ['twice']))
  })

  it.each(['http/protobuf', 'http/json'])(
    'sends the same requests and says the same as one without, over %s',
    TIMEOUT,
    async (protocol) => {
      const { here, inThreads } = await bothWays(journals, protocol)
      expect([here.threads, inThreads.threads]).toEqual([0, 1])
      expect(here.bodies.length).toBeGreaterThan(2)
      expect(inThreads.bodies).toEqual(here.bodies)
      expect(inThreads.said).toEqual(here.said)
      const results = new Set(here.said.map(({ result }) => result))
      for (const one of ['sent', 'unreadable', 'empty', 'repeated', 'refused'])
        expect(results).toContain(one)
    },
  )

  it('sends a second time what its ledger lacks, and nothing else', TIMEOUT, async () => {
    const ledger = join(newFolder(), 'ledger.db')
    const { here, inThreads } = await bothWays(journals, 'http/protobuf', ledger)
    expect(inThreads.threads).toBe(2)
    expect(inThreads.bodies).toEqual(here.bodies)
    // What a ledger holds back and what is sent are settled side by side.
    expect(sorted(inThreads.said)).toEqual(sorted(here.said))
    expect(new Set(here.said.map(({ result }) => result))).toContain('present')
  })

  it('starts them where there is much to do, and not for little', TIMEOUT, async () => {
    const receiver = await OtlpReceiver.start()
    let started = 0
    const count = () => started++
    process.on('worker', count)
    const startedFor = async (bytes: number) => {
      const source = await openJournalFile(journals)
      const items = source.unread?.({})?.items
      if (items === undefined) throw new Error('it cannot be read elsewhere')
      const delivery = openOtlpHttp(target(receiver.url))
      started = 0
      const large = { ...source, unread: () => ({ bytes, items }) }
      await exportRuns({ source: large, selection: {}, delivery })
      await source.close()
      return started
    }
    try {
      expect(await startedFor(31_000_000)).toBe(0)
      // On one core there is nothing to share the work with.
      expect(await startedFor(32_000_000)).toBe(Math.min(1, availableParallelism() - 1))
    } finally {
      process.off('worker', count)
      await receiver.close()
    }
  })

  it('sends everything where no thread can start, as from the sources', TIMEOUT, async () => {
    const receiver = await OtlpReceiver.start()
    try {
      const source = await openJournalFile(journals)
      const options: ExportOptions = {
        ...{ source, selection: {}, delivery: openOtlpHttp(target(receiver.url)) },
      }
      const inThreads = await exportRuns({ ...options, threads: 1 })
      const spans = receiver.taken.length
      const here = await exportRuns({ ...options, threads: 0 })
      expect(inThreads).toEqual(here)
      expect(receiver.taken.length).toBe(2 * spans)
      await source.close()
    } finally {
      await receiver.close()
    }
  })
})

describe('journals that are read ahead', () => {
  const line = (i: number, message = 'slow') => ({
    where: `line ${i}`,
    bytes: Buffer.from(journalLine(`orders_${i}`, [message]).trim()),
  })
  const optionsFor = (items: () => AsyncIterable<UnreadJournal>): ExportOptions => ({
    source: {
      location: 'a place',
      read: () => {
        throw new Error('it is read as a whole')
      },
      unread: () => ({ bytes: 1, items }),
      list: () => (async function* () {})(),
      close: async () => {},
    },
    selection: {},
    delivery: openOtlpHttp(target('http://127.0.0.1:1')),
    threads: 1,
  })

  it('go out where the next ones cannot be read', async () => {
    async function* items() {
      for (let i = 0; i < 30; i++) yield line(i, 'x'.repeat(100_000))
      throw new Error('the disk is gone')
    }
    const runs: string[] = []
    const read = async () => {
      for await (const run of preparedRuns(optionsFor(items)))
        if (run.kind === 'ready') runs.push(run.runId)
    }
    await expect(read()).rejects.toThrow('the disk is gone')
    expect(runs).toEqual(Array.from({ length: 30 }, (_, i) => `orders_${i}`))
  })

  it('are none beside a very large one', async () => {
    let taken = 0
    async function* items() {
      for (let i = 0; i < 5; i++) {
        taken++
        yield line(i, 'x'.repeat(1_200_000))
      }
    }
    const takenAt: number[] = []
    for await (const _ of preparedRuns(optionsFor(items))) takenAt.push(taken)
    expect(takenAt).toEqual([1, 2, 3, 4, 5])
  })

  it('keep no process running where the rest is not wanted', async () => {
    const program = `
      import { exportRuns, openJournalFile } from 'rivet-otel'
      const delivery = {
        location: 'nowhere', encoding: 'protobuf',
        async *send(pages) { await pages[Symbol.asyncIterator]().next() },
        held: async () => [], lacking: async () => 0, close: async () => {},
      }
      const source = await openJournalFile(process.argv[1])
      await exportRuns({ source, selection: {}, delivery, threads: 1 })
      await source.close()
      console.log('done')
    `
    const args = ['--input-type=module', '-e', program, journals]
    const root = fileURLToPath(new URL('../../..', import.meta.url))
    const ended = promisify(execFile)(process.execPath, args, { cwd: root, timeout: 30_000 })
    expect((await ended).stdout).toBe('done\n')
  })
})

describe('threads that map journals', () => {
  const text = Buffer.from(journalLine('orders_1', ['slow']).trim())
  const batch = [{ where: 'line 1', bytes: text }]

  it.each(['protobuf', 'json'] as const)(
    'give the pages that are made here, as %s',
    async (encoding) => {
      const threads = new MappingThreads(1, { ...SETUP, encoding }, pathToFileURL(BUILT))
      // The second one comes in the memory of the first.
      for (let i = 0; i < 2; i++) {
        const [run] = (await threads.map([...batch, ...batch])) ?? []
        const [page] = journalToTrace(parseJournal(text.toString()))
        if (page === undefined || run?.kind !== 'mapped') throw new Error('there is no page')
        expect(run).toMatchObject({ runId: 'orders_1', digest: page.digest })
        expect(run.pages.map(({ bytes }) => Buffer.from(bytes))).toEqual([
          Buffer.from(spanEncoding(encoding).encode(page.trace)),
        ])
      }
      await threads.close()
    },
  )

  it('say so of what they could not do because they died, or never were', async () => {
    const dying = pathToFileURL(fileURLToPath(new URL('dying-worker.mjs', import.meta.url)))
    const threads = new MappingThreads(1, SETUP, dying)
    expect(await Promise.all([threads.map(batch), threads.map(batch)])).toEqual([[], undefined])
    expect(await threads.map(batch)).toBeUndefined()
    expect(threads.haveRoom).toBe(false)
    await threads.close()

    const missing = new MappingThreads(2, SETUP, new URL('nowhere.js', import.meta.url))
    expect(await missing.map(batch)).toBeUndefined()
    await missing.close()
    const unsendable = { ...SETUP, resource: { f: () => 0 } } as unknown as MappingSetup
    const unsent = new MappingThreads(2, unsendable, pathToFileURL(BUILT))
    expect(await unsent.map(batch)).toBeUndefined()
    await unsent.close()
  })
})
