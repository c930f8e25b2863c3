import { describe, expect, it } from 'vitest'
import { parseLocation } from '../../src/bridge/location.js'
import { openRuns } from '../../src/bridge/run-reader.js'
import { parseJournal } from '../../src/journal/codec.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { ServerPlace } from '../../src/serve/places/server-place.js'
import { RunIndex } from '../../src/serve/run-index.js'
import { SERVERS, serverWithTraces } from '../bridge/server-with-traces.js'
import { smallRun } from '../e2e/small-runs.js'
import { until } from '../e2e/watching.js'
import { dataOf, eventsOf, runsUntil, serving } from './serving.js'

function at(location: string): Parameters<typeof openRuns> {
  const server = { env: {}, version: '0', onRetry: () => {}, retryForMs: 1000 }
  return [parseLocation(location), { stdin: (async function* () {})(), server }]
}

/** A run that ended a moment ago. */
function recentRun(runId: string): string {
  return smallRun(runId).replaceAll('2026-11-21T08:53:39', new Date().toISOString().slice(0, 19))
}

describe.each(SERVERS)('the runs of %s', (name) => {
  it('are listed, one is shown, and what came meanwhile comes by itself', async () => {
    const server = await serverWithTraces(name)
    const keep = (runId: string) => {
      for (const { trace } of journalToTrace(parseJournal(recentRun(runId)))) server.keep(trace)
    }
    keep('orders_0')
    const { url } = await serving({ from: server.location })
    const events = await eventsOf(url)
    const { runs, location } = await runsUntil(url, ({ runs }) => runs.length > 0)
    expect(runs).toEqual([expect.objectContaining({ run_id: 'orders_0', rows: 50_000 })])
    expect(location).toBe(server.backend.location)
    const one = (await (await fetch(`${url}/api/run?run_id=orders_0`)).json()) as object
    expect(one).toMatchObject({ summary: { run_id: 'orders_0' } })
    // It is asked again after 15 s, which one kind of server is enough to show.
    if (name !== 'Tempo') return
    keep('orders_1')
    await runsUntil(url, ({ runs }) => runs.length > 1)
    await until(() => events.text.includes('orders_1'))
    expect(dataOf(events.text, 'run').at(-1)).toMatchObject({ run_id: 'orders_1' })
  })
})

describe('a run that was sent long after it ended', () => {
  it('is found by the next search for everything, which is made while somebody looks', async () => {
    const server = await serverWithTraces('Tempo')
    const { signal } = new AbortController()
    const index = new RunIndex(10)
    const use = {
      location: server.location,
      index,
      selection: {},
      open: () => openRuns(...at(server.location)),
    }
    const idsAfter = async (place: ServerPlace, isWatched: boolean) => {
      await place.look({ isWatched, signal })
      return index.runs().map(({ run_id }) => run_id)
    }
    const [seldom, often] = [new ServerPlace(use), new ServerPlace({ ...use, wholeEveryMs: 0 })]
    for (const place of [seldom, often]) expect(await idsAfter(place, true)).toEqual([])
    for (const { trace } of journalToTrace(parseJournal(smallRun('late')))) server.keep(trace)
    expect(await idsAfter(seldom, true)).toEqual([])
    expect(await idsAfter(often, false)).toEqual([])
    expect(await idsAfter(often, true)).toEqual(['late'])
  })
})

describe('a server that is away', () => {
  it('is a problem that the page says, and no end', async () => {
    const { url } = await serving({ from: 'jaeger+http://127.0.0.1:1', retryForMs: 0 })
    const { problems, runs } = await runsUntil(url, ({ problems }) => problems.length > 0)
    expect(runs).toEqual([])
    expect(problems).toEqual([expect.stringContaining('127.0.0.1:1')])
    expect((await fetch(`${url}/api/run?run_id=a`)).status).toBe(502)
  })
})
