import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { exportRuns } from '../../src/bridge/export-runs.js'
import { parseLocation } from '../../src/bridge/location.js'
import { openRuns } from '../../src/bridge/run-reader.js'
import { openOtlpFile } from '../../src/delivery/otlp-file.js'
import type { Place } from '../../src/serve/places/place.js'
import { placeFor } from '../../src/serve/places/place-for.js'
import { RunsToRead } from '../../src/serve/read-run.js'
import { wrong } from '../../src/serve/routes.js'
import { RunIndex } from '../../src/serve/run-index.js'
import { openJournalFile } from '../../src/sources/json-file.js'
import { smallRun, smallRuns } from '../e2e/small-runs.js'
import { until } from '../e2e/watching.js'
import { serving as answering } from '../http/answering-server.js'
import { newFolder, SHOP } from '../sources/places.js'
import { connected, serving } from './serving.js'

const RUN = 'orders_20261121T085339.134_11188'
const STAYING = new AbortController().signal

/** Access to places, for {@link placeFor}. */
const opening = {
  stdin: (async function* () {})(),
  server: { env: {}, version: '0', onRetry: () => {}, retryForMs: 0 },
}

describe('a run that is in no place', () => {
  it('is said not to be there, also where nothing was received yet', async () => {
    const { ask } = await serving({ from: SHOP, to: join(newFolder(), 'traces.otlp.jsonl') })
    for (const path of ['/api/run?run_id=nobody', `/api/diff?a=${RUN}&b=nobody`]) {
      const { status, body } = await ask(path)
      expect([status, JSON.parse(body).problem]).toEqual([404, 'there is no run nobody'])
    }
  })

  it('is not said to be missing where a place cannot be read', async () => {
    const journals = join(newFolder(), 'journals.jsonl')
    writeFileSync(journals, `${smallRun('orders_1')}\n`)
    const { ask } = await serving({ from: journals, to: join(newFolder(), 'traces.otlp.jsonl') })
    rmSync(journals)
    const { body } = await ask('/api/run?run_id=nobody')
    expect(JSON.parse(body).problem).toContain(`${journals} does not exist`)
  })
})

describe('a place that fails', () => {
  it('does not hide that another one has the run', async () => {
    const folder = newFolder()
    const [journals, traces] = [join(folder, 'journals.jsonl'), join(folder, 'traces.otlp.jsonl')]
    writeFileSync(journals, smallRuns(2))
    const delivery = await openOtlpFile(traces)
    const source = await openJournalFile(journals)
    await exportRuns({ source, selection: {}, delivery })
    await source.close()
    const { ask } = await serving({ from: journals, to: traces })
    rmSync(journals)
    const { status, body } = await ask(`/api/run?run_id=${JSON.parse(smallRuns(1)).run_id}`)
    expect([body.slice(0, 200), status]).toEqual([expect.stringContaining('{'), 200])
  })
})

describe('a server that never answers', () => {
  it('is given up after a while, and that is said', async () => {
    const { url } = await answering(() => {})
    const index = new RunIndex(10)
    const place = await placeFor(parseLocation(`tempo+${url}`), {
      opening,
      index,
      selection: {},
      mayCome: false,
    })
    const runs = new RunsToRead({ from: place }, index, 200)
    // More than are read at once: those that wait are given up as well.
    const names = ['orders_1', 'orders_2', 'orders_3']
    const read = names.map((runId) => runs.read({ runId, namespace: '' }, STAYING))
    for (const result of await Promise.allSettled(read)) {
      const { status, body } = wrong(result.status === 'rejected' ? result.reason : undefined)
      expect(status).toBe(504)
      expect(JSON.parse(body).problem).toMatch(
        /could not be read within 0\.2 s from .*127\.0\.0\.1/,
      )
    }
  })

  it('is not waited for by those who are gone', async () => {
    let ended = 0
    let asked = 0
    const { url } = await answering((response) => {
      if (!/\/traces\//.test(response.req.url ?? '')) return response.end('{"traces":[]}')
      asked++
      return response.once('close', () => ended++)
    })
    const { url: own } = await serving({ from: `tempo+${url}` })
    const sockets = await Promise.all(Array.from({ length: 4 }, () => connected(own)))
    for (const socket of sockets)
      socket.write(`GET /api/run?run_id=${RUN} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    await until(() => asked === 2)
    for (const socket of sockets) socket.destroy()
    await until(() => ended === 2)
    const again = await connected(own)
    again.write(`GET /api/run?run_id=${RUN} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    await until(() => asked === 3)
    again.destroy()
  })
})

describe('runs that many ask for', () => {
  it('are read two at a time, whenever one comes', async () => {
    let open = 0
    let most = 0
    const reads: Promise<unknown>[] = []
    const place: Place = {
      location: SHOP,
      everyMs: 1000,
      look: async () => false,
      close: async () => {},
      async open() {
        const reader = await openRuns(parseLocation(SHOP), opening)
        most = Math.max(most, ++open)
        // A Node with SQLite of its own reads without ever waiting.
        await sleep(5)
        const close = reader.close.bind(reader)
        reader.close = async () => {
          await close()
          open--
          void comeOneByOne()
        }
        return reader
      },
    }
    const runs = new RunsToRead({ from: place }, new RunIndex(10))
    const ask = () => {
      if (reads.length < 300)
        reads.push(runs.read({ runId: RUN, namespace: '' }, STAYING).catch(expectBusy))
    }
    const expectBusy = (error: unknown) => {
      expect(error).toMatchObject({ code: 'SOURCE_BUSY' })
    }
    /** Just as a turn ends, one in each of the moments that follow. */
    async function comeOneByOne(): Promise<void> {
      for (let i = 0; i < 60; i++) {
        await Promise.resolve()
        ask()
      }
    }
    for (let i = 0; i < 4; i++) ask()
    let read = 0
    for (let i = 0; i < reads.length; i++) if ((await reads[i]) !== undefined) read++
    expect(read).toBeGreaterThan(4)
    expect(most).toBe(2)
  })
})
