import { setTimeout as delay } from 'node:timers/promises'
import { describe, onTestFinished } from 'vitest'
import type { TraceBackend } from '../../src/backends/backend.js'
import { runsOf } from '../../src/bridge/runs-of.js'
import { openServer } from '../../src/bridge/server.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { sendTrace } from '../backends/backend-trip.js'
import { backendsAvailable } from '../backends/build.mjs'
import { startJaeger, startTempo } from '../backends/run-backends.js'
import { describeReferences } from '../contracts/reference-contract.js'

const SEEN_WITHIN_MS = 60_000

const BACKENDS = [
  { name: 'a real Jaeger', kind: 'jaeger' as const, start: () => startJaeger() },
  {
    name: 'a real Tempo',
    kind: 'tempo' as const,
    start: () =>
      startTempo({
        config: { ingester: { trace_idle_period: '1s', flush_check_period: '1s' } },
      }),
  },
]

describe.skipIf(!backendsAvailable()).each(BACKENDS)('$name', ({ name, kind, start }) => {
  // Each test has a server of its own: its runs are all that there is.
  describeReferences(name, async (journals) => {
    const server = await start()
    onTestFinished(() => server.stop())
    const backend = await openServer(kind, `${kind}+${server.query}`, { env: {}, version: '0' })
    for (const one of journals)
      for (const { trace } of journalToTrace(one))
        await sendTrace(trace, server.otlpHttp, 'protobuf')
    await untilFound(backend, journals.length)
    return runsOf(backend)
  })
})

async function untilFound(backend: TraceBackend, count: number): Promise<void> {
  const until = Date.now() + SEEN_WITHIN_MS
  for (let found = new Set<string>(); found.size < count; ) {
    if (Date.now() > until) throw new Error(`${found.size} of ${count} runs were found`)
    await delay(300)
    found = new Set()
    const now = BigInt(Date.now()) * 1_000_000n
    const hours = 3_600_000_000_000n
    const query = { sinceUnixNano: now - 4n * hours, untilUnixNano: now + hours }
    for await (const item of backend.search(query))
      if (item.kind !== 'unseen') found.add(item.traceId)
  }
}
