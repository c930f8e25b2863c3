/**
 * The battery that every server of traces runs: the contract of `TraceBackend`, point by point.
 *
 * A backend gives a server that holds nothing of ours yet. What it cannot do by its nature it lists
 * with the reason, and the battery checks that it says so instead of passing it over.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SearchItem, TraceBackend, TraceSearch } from '../../src/backends/backend.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp } from '../../src/journal/timestamp.js'
import { traceIdOf } from '../../src/mapping/ids.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { RivetOtelError } from '../../src/problem.js'
import type { Trace } from '../../src/trace/trace.js'
import { collect, idsOf } from '../backends/search-items.js'
import { type LocalServer, startLocalServer } from '../http/local-server.js'
import { EVERY_KIND, runCompleted, warning } from '../journal/example-journals.js'
import { expectExact, imported } from '../mapping/both-ways.js'

/** A server, and how it is written to and read from. */
export interface BackendUnderTest {
  /** Its address, `http://127.0.0.1:port`, without a slash at its end. */
  readonly url: string
  /**
   * Opens a server at such an address, which may hold a user and a password; with the service name
   * `rivet`, and without retries.
   */
  open(url: string): TraceBackend
  /** Hands the spans of one trace to the server. */
  send(trace: Trace): Promise<void>
  /** Waits until what was sent is found by its id, and by search as far as the server can. */
  settled(): Promise<void>
  stop(): Promise<void>
}

/** What a backend cannot do by its nature, each with the reason. */
export interface BackendLimits {
  /** It does not find a run by search that ended 20 days ago; it says that it may have missed it. */
  readonly cannotFindOldRuns?: string
  /** It does not find a run by search that ended just now; it says that it may have missed it. */
  readonly cannotFindFreshRuns?: string
}

const SECOND = 1_000_000_000n
const DAY = 86_400n * SECOND
const AMONG_MANY = 60

/**
 * Runs the battery. The server is started once, and stopped at the end.
 *
 * @example
 * describeBackend('Jaeger in memory', startServer, {})
 */
export function describeBackend(
  name: string,
  start: () => Promise<BackendUnderTest>,
  limits: BackendLimits = {},
): void {
  const cannot = Object.values(limits).map((reason) => `, but ${reason}`)
  describe(`${name} keeps the contract of a backend${cannot.join('')}`, () => {
    const now = BigInt(Date.now()) * 1_000_000n
    const runs = sentRuns(now)
    let server: BackendUnderTest
    let backend: TraceBackend

    beforeAll(async () => {
      server = await start()
      backend = server.open(server.url)
      for (const run of runs) for (const page of pagesOf(run)) await server.send(page)
      await server.settled()
    })

    afterAll(async () => {
      backend?.close()
      await server?.stop()
    })

    const search = (query: Partial<TraceSearch>) =>
      collect(backend, { sinceUnixNano: now - DAY, untilUnixNano: now + DAY, ...query })

    /** A run must be found, or the search must have said that it cannot see runs of that age. */
    const expectFound = (items: readonly SearchItem[], wanted: readonly SentRun[]) => {
      const found = idsOf(items)
      const missing = wanted.filter((run) => !found.has(traceIdOfRun(run)))
      const excused = missing.filter((run) => limitOf(run, limits) !== undefined)
      expect(missing.filter((run) => !excused.includes(run)).map(({ runId }) => runId)).toEqual([])
      if (excused.length > 0) {
        expect(items.filter(({ kind }) => kind === 'unseen')).not.toEqual([])
      }
    }

    it('has no spans and no complaint about a trace that it does not know', async () => {
      const traceId = traceIdOf({ namespace: '', runId: 'never_was', page: 0 })
      expect(await backend.trace(traceId)).toEqual({ spans: [], problems: [] })
    })

    it('gives the whole of a trace by its id', async () => {
      for (const run of runs.filter(({ age }) => age !== 'many')) {
        const { spans, problems } = await backend.trace(traceIdOfRun(run))
        expect(problems).toEqual([])
        expectExact(imported(spans)[0], run.journal)
      }
    })

    it('finds runs by nothing but their time, and misses none', async () => {
      const items = await search({})
      expectFound(
        items,
        runs.filter(({ age }) => age !== 'old'),
      )
    })

    it('finds runs of 20 days ago', async () => {
      const items = await search({ sinceUnixNano: now - 21n * DAY, untilUnixNano: now - 19n * DAY })
      expectFound(
        items,
        runs.filter(({ age }) => age === 'old'),
      )
    })

    it('finds the runs of an export, also one whose name is no plain word', async () => {
      for (const exportName of new Set(runs.map((run) => run.exportName))) {
        const items = await search({ exports: [exportName] })
        expectFound(
          items,
          runs.filter((run) => run.age !== 'old' && run.exportName === exportName),
        )
      }
    })

    it('finds the runs of several exports', async () => {
      const exports = ['orders', ODD_NAME]
      const items = await search({ exports })
      expectFound(
        items,
        runs.filter((run) => run.age !== 'old' && exports.includes(run.exportName)),
      )
    })

    it('finds runs by their status, one or several', async () => {
      for (const statuses of [['failed'], ['failed', 'skipped'], ['success', 'failed']]) {
        const items = await search({ statuses })
        expectFound(
          items,
          runs.filter((run) => run.age !== 'old' && statuses.includes(run.status)),
        )
      }
    })

    it('finds nothing of an export or a status that there is not', async () => {
      expect(idsOf(await search({ exports: ['no_such_export'] })).size).toBe(0)
      expect(idsOf(await search({ statuses: ['no_such_status'] })).size).toBe(0)
      expect(idsOf(await search({ exports: ['refunds'], statuses: ['failed'] })).size).toBe(0)
    })

    it('says when the root of what it found ends', async () => {
      const items = await search({ exports: ['orders'] })
      for (const run of runs.filter(
        ({ age, exportName }) => age === 'fresh' && exportName === 'orders',
      )) {
        const found = items.find(
          (item) => item.kind === 'found' && item.traceId === traceIdOfRun(run),
        )
        if (found?.kind !== 'found') {
          expect(limitOf(run, limits)).toBeDefined()
          continue
        }
        const off = found.endUnixNano - run.endUnixNano
        expect(off > -2000n && off < 2000n, `${off} ns`).toBe(true)
      }
    })

    it('finds the runs that are joined to one trace, and says when the root of each ends', async () => {
      const joined = { traceId: JOINED_TRACE, spanId: 'cd'.repeat(8) }
      const ages = [50n, 40n, 30n]
      for (const [i, age] of ages.entries()) {
        const end = now - age * SECOND
        const status = i === 1 ? 'failed' : 'success'
        const run = sentRun('fresh', `joined_${i}`, 'joined', status, end)
        for (const { trace } of journalToTrace(run.journal, { joined })) await server.send(trace)
      }
      await server.settled()
      const found = async (query: Partial<TraceSearch>) => {
        const items = await search(query)
        for (const id of idsOf(items)) expect(id).toBe(JOINED_TRACE)
        return ages.map((age) => {
          const isIt = (end: bigint) => {
            const off = end - (now - age * SECOND)
            return off > -2000n && off < 2000n
          }
          return items.some((item) => item.kind === 'found' && isIt(item.endUnixNano))
        })
      }
      const deadline = Date.now() + 60_000
      while (!(await found({ exports: ['joined'] })).every(Boolean) && Date.now() < deadline)
        await sleep(200)
      expect(await found({ exports: ['joined'] })).toEqual([true, true, true])
      expect(await found({ exports: ['joined'], statuses: ['failed'] })).toEqual([
        false,
        true,
        false,
      ])
    })

    it('finds no trace that holds no first page of a run', async () => {
      const [run] = runs
      const [page] = run === undefined ? [] : pagesOf(run)
      if (page === undefined) throw new Error('no page')
      const foreign = { ...page, spans: page.spans.map(asForeign) }
      await server.send(foreign)
      await server.settled()
      expect(idsOf(await search({})).has(FOREIGN_TRACE)).toBe(false)
    })

    it('does not take a server that is gone for an empty one', async () => {
      const gone = server.open(await addressOfNobody())
      await expectUnreachable(gone)
      gone.close()
    })

    it.each([
      ['HTML', 200, '<!doctype html><title>Welcome</title>'],
      ['JSON of something else', 200, '{"status":"ok"}'],
      ['a list', 200, '[]'],
      ['null', 200, 'null'],
      ['an answer that breaks off', 200, '{"data":[{"traceID":"'],
      ['an error of its own', 500, '{"error":"the disk is full"}'],
      ['a refusal', 403, 'forbidden'],
      ['a page that is not found', 404, '404 page not found'],
    ])('does not take %s for an answer', async (_, status, body) => {
      const nonsense = await answering(status, body)
      const other = server.open(nonsense.url)
      await expectUnreachable(other)
      other.close()
      await nonsense.stop()
    })

    it('never names a secret', async () => {
      const { host } = new URL(server.url)
      const known = server.open(`http://me:hush-hush@${host}`)
      expect(known.location).not.toContain('hush-hush')
      expect(known.location).toContain(host)
      known.close()
      const nobody = new URL(await addressOfNobody())
      const gone = server.open(`http://me:hush-hush@${nobody.host}`)
      const error = await gone.trace(FOREIGN_TRACE).catch((error: unknown) => error)
      expect(error).toBeInstanceOf(RivetOtelError)
      expect(String(error)).not.toContain('hush-hush')
      gone.close()
    })
  })
}

/** A run as it was sent. */
interface SentRun {
  readonly runId: string
  readonly exportName: string
  readonly status: string
  readonly age: 'fresh' | 'old' | 'many'
  readonly endUnixNano: bigint
  readonly journal: RunJournal
}

const ODD_NAME = 'öffentlich "a" \\ {b} & c=d 😀'
const JOINED_TRACE = `${'e'.repeat(31)}0`
const FOREIGN_TRACE = `${'f'.repeat(31)}0`

/** Runs that ended within the last minute, one of 20 days ago, and many of one export. */
function sentRuns(now: bigint): SentRun[] {
  const fresh = [
    ['orders', 'success'],
    ['orders', 'failed'],
    [ODD_NAME, 'skipped'],
    ['refunds', 'success'],
    ['x'.repeat(300), 'success'],
    ['y'.repeat(3000), 'failed'],
  ].map(([exportName = '', status = ''], i) =>
    sentRun(
      'fresh',
      `fresh_${i}`,
      exportName,
      status,
      now - BigInt(60 - i) * SECOND + 123_456_789n,
    ),
  )
  const old = sentRun('old', 'old_1', 'orders', 'success', now - 20n * DAY)
  // Many of them end at the same instant.
  const many = Array.from({ length: AMONG_MANY }, (_, i) =>
    sentRun('many', `many_${i}`, 'many', 'success', now - (i < 10 ? 30n : BigInt(i)) * SECOND),
  )
  return [...fresh, old, ...many]
}

function sentRun(
  age: SentRun['age'],
  runId: string,
  exportName: string,
  status: string,
  endUnixNano: bigint,
): SentRun {
  const events = [
    ...(age === 'many' ? [] : EVERY_KIND.slice(0, -1)),
    warning('nearly done'),
    runCompleted(status, status === 'failed' ? 'it broke' : null, 5),
  ]
  const entries = events.map((event, i) => ({
    recorded_at: formatTimestamp(endUnixNano - BigInt(events.length - 1 - i) * 1_000_000n),
    event,
  }))
  const journal = new RunJournal(runId, exportName, entries)
  return { runId, exportName, status, age, endUnixNano, journal }
}

function limitOf({ age }: SentRun, limits: BackendLimits): string | undefined {
  return age === 'old' ? limits.cannotFindOldRuns : limits.cannotFindFreshRuns
}

function pagesOf({ journal }: SentRun): Trace[] {
  return [...journalToTrace(journal)].map(({ trace }) => trace)
}

function traceIdOfRun({ runId }: SentRun): string {
  return traceIdOf({ namespace: '', runId, page: 0 })
}

/** The same span in another trace, saying nothing of a run. */
function asForeign<Span extends Trace['spans'][number]>(span: Span): Span {
  return { ...span, traceId: FOREIGN_TRACE, name: 'GET /', attributes: {}, events: [], links: [] }
}

/** Neither way of asking may look as if there were nothing. */
async function expectUnreachable(backend: TraceBackend): Promise<void> {
  const unreachable = { name: 'RivetOtelError', code: 'UNREACHABLE' }
  await expect(backend.trace(FOREIGN_TRACE)).rejects.toMatchObject(unreachable)
  const query = { sinceUnixNano: 0n, untilUnixNano: DAY }
  await expect(collect(backend, query)).rejects.toMatchObject(unreachable)
  await expect(
    collect(backend, { ...query, exports: ['orders'], statuses: ['failed'] }),
  ).rejects.toMatchObject(unreachable)
}

/** A server that has one answer to everything. */
function answering(status: number, body: string): Promise<LocalServer> {
  return startLocalServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
}

/** An address at which nobody listens any more. */
async function addressOfNobody(): Promise<string> {
  const { url, stop } = await answering(200, '')
  await stop()
  return url
}
