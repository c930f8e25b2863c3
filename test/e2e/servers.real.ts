import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringifyJournal } from '../../src/journal/codec.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp, parseTimestamp } from '../../src/journal/timestamp.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import type { Trace } from '../../src/trace/trace.js'
import { sendTrace } from '../backends/backend-trip.js'
import { backendsAvailable } from '../backends/build.mjs'
import { type RunningBackend, startJaeger, startTempo } from '../backends/run-backends.js'
import { journalOfChunks, journalOfWarnings } from '../backends/special-journals.js'
import { startLocalServer } from '../http/local-server.js'
import {
  journalOfEvents,
  plan,
  shopJournal,
  shopJournals,
  warning,
} from '../journal/example-journals.js'
import { rivetOtel, SHOP, temporaryFolder } from './command-line.js'

const JOURNALS = readFileSync(
  fileURLToPath(new URL('../fixtures/journals/shop.jsonl', import.meta.url)),
  'utf8',
)
const RUN = 'orders_20261121T085339.134_11188'
/** What the exporter promises of each request unless it is told otherwise. */
const MOST_REQUEST_BYTES = 4_000_000
const DAYS_20 = 20n * 86_400n * 1_000_000_000n

const BACKENDS = [
  { kind: 'jaeger', start: () => startJaeger() },
  { kind: 'tempo', start: () => startTempo() },
]

describe.skipIf(!backendsAvailable()).each(BACKENDS)(
  'the command line with a real $kind as it comes',
  ({ kind, start }) => {
    let backend: RunningBackend
    let location: string
    beforeAll(async () => {
      backend = await start()
      location = `${kind}+${backend.query}`
    })
    afterAll(() => backend?.stop())

    const sentTo = (endpoint: string) => ['--to', endpoint, '--verify', location, '--wait', '60s']

    it('sends real runs and proves it, once and twice', async () => {
      for (const time of ['once', 'twice']) {
        const { code, stdout, stderr } = await rivetOtel([
          'export',
          '--from',
          SHOP,
          ...sentTo(backend.otlpHttp),
          ...(time === 'twice' ? ['--again'] : []),
        ])
        expect({ time, code, stderr }).toEqual({ time, code: 0, stderr: '' })
        expect(stdout).toContain(`verified: 12 exact (${location})`)
      }
      const verified = await rivetOtel(['verify', '--from', SHOP, '--in', location])
      expect(verified).toMatchObject({ code: 0, stderr: '' })
    })

    it('gives the same journals back, byte for byte, by run_id and by search', async () => {
      const runIds = shopJournals().flatMap(({ run_id }) => ['--run-id', run_id])
      const byId = await rivetOtel(['import', '--from', location, ...runIds])
      expect(byId.stdout).toBe(JOURNALS)
      expect(byId.code).toBe(0)
      await searchable(location, shopJournals().length)
      const bySearch = await rivetOtel(['import', '--from', location, '--since', '2026-11-01'])
      expect(bySearch.stdout).toBe(JOURNALS)
      expect(bySearch.code).toBe(0)
    })

    it('lists runs as their journals do, and shows them as the state database does', async () => {
      const ofJournals = (...args: readonly string[]) =>
        rivetOtel([...args, '--from', '-'], { input: JOURNALS })
      const listed = await rivetOtel(['runs', '--from', location, '--all', '--json'])
      const known = await ofJournals('runs', '--all', '--json')
      expect(listed.stdout).toBe(known.stdout)
      for (const { run_id } of shopJournals()) {
        const shown = await rivetOtel(['show', '--from', location, run_id])
        expect(shown.stdout).toBe((await rivetOtel(['show', '--from', SHOP, run_id])).stdout)
      }
    })

    it('finds runs by status and by export', async () => {
      const ids = async (...args: readonly string[]) => {
        const from = ['--from', location, '--since', '2026-11-01', '--json']
        const { stdout } = await rivetOtel(['runs', ...from, ...args])
        const lines = stdout.split('\n').filter((line) => line !== '')
        return lines.map((line) => (JSON.parse(line) as { run_id: string }).run_id)
      }
      const known = (args: readonly string[]) =>
        rivetOtel(['runs', '--from', SHOP, '--json', ...args])
      const idsIn = ({ stdout }: { stdout: string }) =>
        [...stdout.matchAll(/"run_id":"([^"]+)"/g)].map(([, id]) => id)
      const failed = idsIn(await known(['--all', '--status', 'failed']))
      expect(failed.length).toBeGreaterThan(0)
      expect(await ids('--status', 'failed')).toEqual(failed)
      expect(await ids('--export', 'orders')).toEqual(idsIn(await known(['--export', 'orders'])))
    })

    it.each([
      ['20,000 chunks', () => journalOfChunks(20_000)],
      ['50,000 events', () => journalOfWarnings(50_000)],
    ])('carries a run of %s in pages and requests of a size, exactly', async (_, make) => {
      const folder = temporaryFolder()
      const journal = make()
      writeFileSync(join(folder, 'large.jsonl'), `${stringifyJournal(journal)}\n`)
      const proxy = await recordingProxy(backend.otlpHttp)
      try {
        const from = ['--from', 'large.jsonl', '--namespace', 'large']
        const { code, stdout } = await rivetOtel(['export', ...from, ...sentTo(proxy.url)], {
          cwd: folder,
        })
        expect(stdout).toContain('verified: 1 exact')
        expect(stdout).toMatch(/and \d+ more pages/)
        expect(code).toBe(0)
        expect(proxy.sizes.length).toBeGreaterThan(2)
        expect(Math.max(...proxy.sizes)).toBeLessThanOrEqual(MOST_REQUEST_BYTES)
      } finally {
        await proxy.stop()
      }
      const named = ['--run-id', journal.run_id, '--namespace', 'large']
      const back = await rivetOtel(['import', '--from', location, ...named])
      expect(back.stdout).toBe(`${stringifyJournal(journal)}\n`)
    })

    it('finds a run that ended 20 days ago by its run_id', async () => {
      const folder = temporaryFolder()
      const old = daysAgo(shopJournal('orders'))
      writeFileSync(join(folder, 'old.jsonl'), `${stringifyJournal(old)}\n`)
      const from = ['--from', 'old.jsonl', '--namespace', 'old']
      const sent = await rivetOtel(['export', ...from, ...sentTo(backend.otlpHttp)], {
        cwd: folder,
      })
      expect(sent).toMatchObject({ code: 0, stderr: '' })
      const back = await rivetOtel(
        ['import', '--from', location, '--run-id', old.run_id, '--namespace', 'old'],
        {},
      )
      expect(back.stdout).toBe(`${stringifyJournal(old)}\n`)
    })

    it('names a span that is too large by itself, and sends its neighbours', async () => {
      const folder = temporaryFolder()
      const huge = new RunJournal('huge', 'orders', [
        ...journalOfEvents(warning('before'), warning('x'.repeat(5_000_000))).entries,
      ])
      const journals = [shopJournal('orders'), huge, shopJournal('events_full')]
      writeFileSync(
        join(folder, 'j.jsonl'),
        journals.map((j) => `${stringifyJournal(j)}\n`).join(''),
      )
      const from = ['--from', 'j.jsonl', '--namespace', 'huge']
      const { code, stdout, stderr } = await rivetOtel(
        ['export', ...from, ...sentTo(backend.otlpHttp)],
        { cwd: folder },
      )
      expect(code).toBe(1)
      expect(stderr).toMatch(/^huge: .*span.*4,?000,?000/m)
      expect(stdout).toContain('verified: 2 exact')
    })

    it.each([
      ['a page', 'incomplete', journalOfChunks(9000), (page: Trace, n: number) => n !== 1 && page],
      ['a span', 'incomplete', shopJournal('orders'), without((_, i) => i === 3)],
      [
        'the tail of a text',
        'differs',
        journalOfEvents(plan({ base_query: 'x'.repeat(5000) })),
        withShorterTexts,
      ],
    ] as const)('verify notices that %s was taken away', async (what, result, journal, change) => {
      const folder = temporaryFolder()
      writeFileSync(join(folder, 'j.jsonl'), `${stringifyJournal(journal)}\n`)
      let page = 0
      for (const { trace } of journalToTrace(journal, { namespace: what })) {
        const kept = change(trace, page++)
        if (kept !== false) await sendTrace(kept, backend.otlpHttp, 'protobuf')
      }
      const { code, stdout } = await rivetOtel(
        ['verify', '--from', 'j.jsonl', '--namespace', what, '--in', location, '--wait', '3s'],
        { cwd: folder },
      )
      expect(stdout).toMatch(new RegExp(`^${result} +${journal.run_id} `))
      expect(code).toBe(1)
      const imported = await rivetOtel(
        ['import', '--from', location, '--namespace', what, '--run-id', journal.run_id],
        {},
      )
      expect(imported).toMatchObject({ code: 1, stdout: '' })
    })

    it('is exit code 3 when it has stopped', async () => {
      await backend.stop()
      const gone = await rivetOtel(['show', '--from', location, '--retry-for', '0', RUN])
      expect(gone).toMatchObject({ code: 3, stdout: '' })
      expect(gone.stderr).toContain('nothing listens there')
    })
  },
)

describe.skipIf(!backendsAvailable())('a Tempo that is too small for a run', () => {
  it('says 200 to all of it, and verify says that it is not there', async () => {
    const tempo = await startTempo({
      config: { overrides: { defaults: { global: { max_bytes_per_trace: 200_000 } } } },
    })
    try {
      const folder = temporaryFolder()
      const large = stringifyJournal(journalOfChunks(3000))
      writeFileSync(join(folder, 'j.jsonl'), `${large}\n${JOURNALS}`)
      const { code, stdout } = await rivetOtel(
        [
          ...['export', '--from', 'j.jsonl', '--to', tempo.otlpHttp],
          ...['--verify', `tempo+${tempo.query}`, '--wait', '3s'],
        ],
        { cwd: folder },
      )
      expect(stdout).toMatch(/runs: 13 sent/)
      expect(stdout).toMatch(/verified: 12 exact, 1 (missing|incomplete)/)
      expect(code).toBe(1)
    } finally {
      await tempo.stop()
    }
  })
})

/** A Tempo finds runs by search only some seconds after it has taken them. */
async function searchable(location: string, count: number): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const args = ['runs', '--from', location, '--since', '2026-11-01', '--json']
    const { stdout } = await rivetOtel(args)
    if (stdout.split('\n').length > count || Date.now() > deadline) return
    await delay(500)
  }
}

/** Passes requests on and keeps the size of each body. */
async function recordingProxy(target: string) {
  const sizes: number[] = []
  const server = await startLocalServer((incoming, response) => {
    sizes.push(Number(incoming.headers['content-length']))
    const { method, url, headers } = incoming
    const onward = request(`${target}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    incoming.pipe(onward)
  })
  return { ...server, sizes }
}

function daysAgo({ run_id, export_name, entries }: RunJournal): RunJournal {
  return new RunJournal(
    run_id,
    export_name,
    entries.map(({ recorded_at, event }) => ({
      recorded_at: formatTimestamp(parseTimestamp(recorded_at).unixNano - DAYS_20),
      event,
    })),
  )
}

function without(isGone: (span: unknown, index: number) => boolean) {
  return (page: Trace): Trace => ({
    ...page,
    spans: page.spans.filter((span, index) => !isGone(span, index)),
  })
}

function withShorterTexts(page: Trace): Trace {
  const spans = page.spans.map((span) => ({
    ...span,
    events: span.events.map((event) => ({
      ...event,
      attributes: Object.fromEntries(
        Object.entries(event.attributes).map(([name, value]) => [
          name,
          typeof value === 'string' ? value.slice(0, 1000) : value,
        ]),
      ),
    })),
  }))
  return { ...page, spans }
}
