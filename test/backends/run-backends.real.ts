import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { shopJournals } from '../journal/example-journals.js'
import { jaegerReader, readBack, sendTrace, tempoReader } from './backend-trip.js'
import { backendsAvailable } from './build.mjs'
import { type RunningBackend, startJaeger, startTempo } from './run-backends.js'

const [journal] = shopJournals()
if (journal === undefined) throw new Error('no journal')
const [page] = journalToTrace(journal)
if (page === undefined) throw new Error('no page')
const sent = { ...page, spans: page.trace.spans.length }

describe.skipIf(!backendsAvailable()).each([
  { name: 'Jaeger', start: startJaeger, reader: jaegerReader, remembers: false },
  { name: 'Tempo', start: startTempo, reader: tempoReader, remembers: true },
])('a real $name', ({ start, reader, remembers }) => {
  it('runs beside another one, and leaves nothing when it is stopped', async () => {
    const both = await Promise.all([start(), start()])
    const [one, other] = both
    try {
      await sendTrace(page.trace, one.otlpHttp, 'protobuf')
      expect((await readBack([sent], reader(one.query)))?.status).toBe('exact')
      expect(await reader(other.query)(page.trace.spans[0]?.traceId ?? '')).toEqual([])
      expect(await answersWith(one.metrics)).toContain('# HELP')
    } finally {
      await Promise.all(both.map((backend) => backend.stop()))
    }
    for (const { folder, query, otlpHttp } of both) {
      expect(existsSync(folder)).toBe(false)
      await expect(fetch(query)).rejects.toThrow()
      await expect(fetch(otlpHttp)).rejects.toThrow()
    }
  })

  it(`${remembers ? 'remembers' : 'has forgotten'} its traces after a restart`, async () => {
    const backend = await start()
    try {
      await sendTrace(page.trace, backend.otlpHttp, 'protobuf')
      expect((await readBack([sent], reader(backend.query)))?.status).toBe('exact')
      await backend.restart()
      const spans = await reader(backend.query)(page.trace.spans[0]?.traceId ?? '')
      expect(spans).toHaveLength(remembers ? sent.spans : 0)
    } finally {
      await backend.stop()
    }
  })

  it('tells what is wrong with its configuration', async () => {
    const starting = start({ config: { nonsense: { of: 'ours' } } })
    await expect(starting).rejects.toThrow(/nonsense/)
  })
})

async function answersWith(url: RunningBackend['metrics']): Promise<string> {
  return (await fetch(url)).text()
}
