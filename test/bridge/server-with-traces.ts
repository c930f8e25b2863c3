/** A server of any kind with traces in it, and the product's own way to read it. */
import { onTestFinished } from 'vitest'
import type { TraceBackend } from '../../src/backends/backend.js'
import { openServer } from '../../src/bridge/server.js'
import type { Trace } from '../../src/trace/trace.js'
import { startJaegerServer } from '../backends/jaeger-server.js'
import { startTempoServer } from '../backends/tempo-server.js'

/** The kinds, as tests name them. */
export const SERVERS = ['Jaeger', 'a Jaeger without /api/v3', 'Tempo'] as const

/** A server that lives as long as the test. */
export interface ServerWithTraces {
  readonly backend: TraceBackend
  /** `jaeger+http://…` */
  readonly location: string
  /** What it was asked for, in order. */
  readonly requests: readonly URL[]
  /** Takes a part of one trace. */
  keep(trace: Trace): void
}

/** Starts it. */
export async function serverWithTraces(name: (typeof SERVERS)[number]): Promise<ServerWithTraces> {
  const kind = name === 'Tempo' ? 'tempo' : 'jaeger'
  const server =
    kind === 'tempo'
      ? await startTempoServer()
      : await startJaegerServer({ isOlder: name !== 'Jaeger' })
  const location = `${kind}+${server.url}`
  const backend = await openServer(kind, location, { env: {}, version: '0', retryForMs: 0 })
  onTestFinished(async () => {
    backend.close()
    await server.stop()
  })
  const keep = (trace: Trace) => {
    if (trace.spans.length > 0) server.keep(trace)
  }
  return { backend, location, requests: server.requests, keep }
}
