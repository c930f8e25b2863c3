import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backendsAvailable } from '../backends/build.mjs'
import { openBackend } from '../backends/product-trip.js'
import { type RunningBackend, startJaeger, startTempo } from '../backends/run-backends.js'
import { tableOf } from './backends-document.js'
import {
  type Bench,
  MEASURES,
  newTraceId,
  shapeOf,
  statusOf,
  textOf,
  traceOf,
} from './backends-measures.js'

const DAY = 86_400

describe.skipIf(!backendsAvailable())('docs/backends.md says what was measured', () => {
  const benches = new Map<string, Bench>()
  beforeAll(async () => {
    const [jaeger, tempo] = await Promise.all([startJaeger(), startTempo()])
    const backends = await Promise.all([
      openBackend('jaeger', jaeger.query),
      openBackend('tempo', tempo.query),
    ])
    benches.set('Jaeger', { name: 'Jaeger', server: jaeger, backend: backends[0] })
    benches.set('Tempo', { name: 'Tempo', server: tempo, backend: backends[1] })
  })
  afterAll(async () => {
    for (const { backend } of benches.values()) backend.close()
    await Promise.all([...benches.values()].map(({ server }) => server.stop()))
  })
  const bench = (name: string): Bench => {
    const found = benches.get(name)
    if (found === undefined) throw new Error(`no ${name}`)
    return found
  }

  // First: Tempo takes no new traces for a while when it has been sent too many.
  it.each([
    { api: 'Jaeger, `/api/v3`', server: 'Jaeger', path: '/api/v3/traces/' },
    { api: 'Jaeger, `/api`', server: 'Jaeger', path: '/api/traces/' },
    { api: 'Tempo, `/api/v2`', server: 'Tempo', path: '/api/v2/traces/' },
  ])('of what comes back from $api', async ({ api, server, path }) => {
    const cells = new Map([...tableOf('back')].map(([row, byApi]) => [row, byApi[api]]))
    const measured = await shapeOf(bench(server), path)
    expect([...cells.keys()]).toEqual(Object.keys(measured))
    for (const [row, words] of Object.entries(measured)) {
      expect(cells.get(row), row).toContain(words)
    }
  })

  const rows = tableOf('sent')
  it('of each thing that is sent', () => {
    expect([...rows.keys()].sort()).toEqual(Object.keys(MEASURES).sort())
  })
  describe.each(['Jaeger', 'Tempo'])('of what is sent to %s', (name) => {
    it.each(Object.entries(MEASURES))('%s', async (row, measure) => {
      expect(rows.get(row)?.[name]).toContain(await measure(bench(name)))
    })
  })
})

describe.skipIf(!backendsAvailable())('what was just sent to Tempo', () => {
  let tempo: RunningBackend
  beforeAll(async () => {
    // Only sooner, not otherwise.
    const ingester = { trace_idle_period: '1s', flush_check_period: '1s' }
    tempo = await startTempo({ config: { ingester } })
  })
  afterAll(() => tempo?.stop())

  it('is found without a window, and in one only where it ran some minutes ago', async () => {
    const sent = Math.floor(Date.now() / 1000)
    const spans = [5, 60].map((minutes) => {
      const start = BigInt(sent - minutes * 60) * 1_000_000_000n
      const times = { startTimeUnixNano: start, endTimeUnixNano: start + 1n }
      return { ...times, traceId: newTraceId() }
    })
    const [recent = '', older = ''] = spans.map(({ traceId }) => traceId)
    expect(await statusOf({ server: tempo }, traceOf(spans, ''))).toBe(200)
    const find = async (window: string) => {
      const answer = await textOf({ server: tempo }, `/api/search?q={}&limit=9${window}`)
      const ids = [...answer.matchAll(/"traceID":"(\w+)"/g)]
      return ids.map(([, id = '']) => id.padStart(32, '0')).sort()
    }
    const deadline = Date.now() + 20_000
    while ((await find('')).length < 2 && Date.now() < deadline) await delay(50)
    expect(await find('')).toEqual([recent, older])
    const between = (from: number, to: number) => find(`&start=${sent - from}&end=${sent - to}`)
    expect(await between(6 * DAY, -5)).toEqual([recent])
    expect(await between(6 * DAY, 5)).toEqual([])
    expect(await between(6 * DAY, 1800)).toEqual([])
    await expect(between(8 * DAY, -5)).rejects.toThrow()
  })
})
