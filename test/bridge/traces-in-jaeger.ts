/** A server with traces of journals in it, and the product's own way to read it. */
import { onTestFinished } from 'vitest'
import type { TraceBackend } from '../../src/backends/backend.js'
import { openServer } from '../../src/bridge/server.js'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { journalToTrace, type MappingOptions } from '../../src/mapping/journal-to-trace.js'
import { type JaegerServerOptions, startJaegerServer } from '../backends/jaeger-server.js'

/** A server that lives as long as the test. */
export async function jaegerWithTraces(options: JaegerServerOptions = {}): Promise<{
  readonly backend: TraceBackend
  readonly location: string
  readonly requests: readonly URL[]
  /** Keeps every page of a journal, or what `change` leaves of it. */
  keep(journal: RunJournal, options?: MappingOptions & { change?: Change }): void
}> {
  const server = await startJaegerServer(options)
  const location = `jaeger+${server.url}`
  const backend = await openServer('jaeger', location, { env: {}, version: '0', retryForMs: 0 })
  onTestFinished(async () => {
    backend.close()
    await server.stop()
  })
  return {
    backend,
    location,
    requests: server.requests,
    keep(journal, { change = (page: TraceOfPage) => page, ...mapping } = {}) {
      for (const { trace } of journalToTrace(journal, mapping)) {
        const kept = change(trace)
        if (kept.spans.length > 0) server.keep(kept)
      }
    },
  }
}

type Change = (page: TraceOfPage) => TraceOfPage
type TraceOfPage = Parameters<Awaited<ReturnType<typeof startJaegerServer>>['keep']>[0]
