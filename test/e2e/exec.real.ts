import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TraceBackend } from '../../src/backends/backend.js'
import { traceIdOf } from '../../src/mapping/ids.js'
import type { Span, SpanContext } from '../../src/trace/trace.js'
import { backendsAvailable } from '../backends/build.mjs'
import { openBackend } from '../backends/product-trip.js'
import { type RunningBackend, startJaeger, startTempo } from '../backends/run-backends.js'
import { rivetOtel, temporaryFolder } from './command-line.js'
import { rivetOtelExec, standInRivet } from './executing.js'
import { putRuns } from './watching.js'

const BACKENDS = [
  { kind: 'jaeger', start: () => startJaeger() },
  { kind: 'tempo', start: () => startTempo() },
] as const
const WITHIN_MS = 30_000

describe.skipIf(!backendsAvailable()).each(BACKENDS)(
  'a job that runs rivet through exec, in a real $kind as it comes',
  ({ kind, start }) => {
    let server: RunningBackend
    let backend: TraceBackend
    let location: string
    beforeAll(async () => {
      server = await start()
      backend = await openBackend(kind, server.query)
      location = `${kind}+${server.query}`
    })
    afterAll(async () => {
      backend?.close()
      await server?.stop()
    })

    /** The spans of a trace, once it has so many of those that are looked for. */
    const spansOf = async (
      traceId: string,
      isOne: (span: Span) => boolean = () => true,
      count = 1,
    ): Promise<Span[]> => {
      for (const deadline = Date.now() + WITHIN_MS; ; await delay(100)) {
        const spans = (await backend.trace(traceId)).spans.map(({ span }) => span)
        if (spans.filter(isOne).length >= count || Date.now() > deadline) return spans
      }
    }

    it.each(['linked', 'joined'] as const)(
      'finds the job and its %s runs from each other',
      async (mode) => {
        const cwd = temporaryFolder()
        putRuns(join(cwd, '.rivet_state.db'), ['earlier'])
        const { job, stdout, code } = await jobAround(server, (traceparent) => {
          const args = [...(mode === 'joined' ? ['--join'] : []), '--to', server.otlpHttp]
          const command = ['--', standInRivet(cwd), 'run', '--count', '3']
          return rivetOtelExec([...args, ...command], { cwd, env: { TRACEPARENT: traceparent } })
        })
        expect(code).toBe(0)
        const runIds = stdout.trim().split('\n')
        expect(runIds).toHaveLength(3)

        // From the job to the runs.
        const ofJob = await spansOf(
          job.traceId,
          ({ spanId, name }) => spanId === job.spanId || name === 'exec rivet',
          2,
        )
        expect(ofJob.some(({ spanId }) => spanId === job.spanId)).toBe(true)
        const wrapper = ofJob.find(({ name }) => name === 'exec rivet')
        if (wrapper === undefined) throw new Error('no span of the command')
        expect(wrapper.parentSpanId).toBe(job.spanId)
        expect(wrapper.links).toHaveLength(3)
        for (const [i, { traceId, spanId }] of wrapper.links.entries()) {
          const isRoot = (span: Span) => span.spanId === spanId
          const root = (await spansOf(traceId, isRoot)).find(isRoot)
          expect(root?.attributes['rivet.run.id']).toBe(runIds[i])
        }

        // From each run to the job.
        for (const runId of runIds) {
          const name = mode === 'linked' ? 'wrapper' : 'signpost'
          const own = traceIdOf({ namespace: '', runId, page: 0 })
          const spans = await spansOf(own, (span) => span.name === name)
          const [link] = spans.find((span) => span.name === name)?.links ?? []
          const isTarget = ({ spanId }: Span) => spanId === link?.spanId
          const target = (await spansOf(job.traceId, isTarget)).find(isTarget)
          expect(link?.traceId).toBe(job.traceId)
          const below = mode === 'linked' ? target?.spanId : target?.parentSpanId
          expect(below).toBe(wrapper.spanId)
        }

        // And back, to the letter.
        const known = await rivetOtel(['import', ...from(location), ...named(runIds)], { cwd })
        expect(known).toMatchObject({ code: 0 })
        expect(known.stdout.trim().split('\n')).toHaveLength(3)
        const verified = await rivetOtel(
          ['verify', ...named(runIds), '--in', location, '--wait', '30s'],
          { cwd },
        )
        expect(verified).toMatchObject({ code: 0, stderr: '' })
        if (mode === 'joined') {
          const byTrace = await rivetOtel(
            ['import', ...from(location), '--trace-id', job.traceId],
            { cwd },
          )
          expect(byTrace).toMatchObject({ code: 0, stdout: known.stdout })
        }
        const own = runIds.flatMap((runId) => [
          '--trace-id',
          traceIdOf({ namespace: '', runId, page: 0 }),
        ])
        const byOwn = await rivetOtel(['import', ...from(location), ...own], { cwd })
        expect(byOwn).toMatchObject({ code: 0, stdout: known.stdout })
        await expect
          .poll(() => searched(location, cwd), { timeout: 60_000, interval: 1000 })
          .toEqual(expect.arrayContaining(runIds))
      },
    )
  },
)

const from = (location: string) => ['--from', location, '--wait', '30s']
const named = (runIds: readonly string[]) => runIds.flatMap((runId) => ['--run-id', runId])

async function searched(location: string, cwd: string): Promise<string[]> {
  const { stdout } = await rivetOtel(['runs', '--from', location, '--last', '3', '--json'], { cwd })
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { run_id: string }).run_id)
}

/** A span of a scheduler around something, as the plain SDK makes and sends it. */
async function jobAround<T>(
  { otlpHttp }: RunningBackend,
  during: (traceparent: string) => Promise<T>,
): Promise<T & { readonly job: SpanContext }> {
  const exporter = new OTLPTraceExporter({ url: `${otlpHttp}/v1/traces` })
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'scheduler' }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  })
  const span = provider.getTracer('scheduler').startSpan('nightly')
  const { traceId, spanId } = span.spanContext()
  const result = await during(`00-${traceId}-${spanId}-01`)
  span.end()
  await provider.forceFlush()
  await provider.shutdown()
  return { ...result, job: { traceId, spanId } }
}
