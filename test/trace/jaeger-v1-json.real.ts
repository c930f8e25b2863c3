import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseJson } from '../../src/json/lossless.js'
import type { Trace } from '../../src/trace/trace.js'
import { sendTrace } from '../backends/backend-trip.js'
import { backendsAvailable } from '../backends/build.mjs'
import { type RunningBackend, startJaeger } from '../backends/run-backends.js'
import { comparable } from './as-jaeger-v1.js'
import { jaegerV1Sample } from './jaeger-v1-sample.js'
import { bareSpan } from './sample-traces.js'

const READABLE_WITHIN_MS = 20_000

// What the tests without Jaeger take for its v1 JSON is what it writes.
describe.skipIf(!backendsAvailable())("Jaeger's v1 JSON", () => {
  let jaeger: RunningBackend
  beforeAll(async () => {
    jaeger = await startJaeger({ config: { processors: { batch: { timeout: '10ms' } } } })
  })
  afterAll(() => jaeger?.stop())

  it('is the fixture, span for span', async () => {
    const fixture = readFileSync(
      new URL('../fixtures/jaeger-v1/sample.json', import.meta.url),
      'utf8',
    )
    const answer = await sent(jaegerV1Sample)
    expect(answer.status).toBe(200)
    expect(comparable(parseJson(answer.text))).toEqual(comparable(parseJson(fixture)))
  })

  it('is an error for a double that JSON cannot say', async () => {
    const traceId = '0af7651916cd43dd8448eb211c8031ff'
    const spans = [{ ...bareSpan, traceId, attributes: { nan: Number.NaN } }]
    const answer = await sent({ ...jaegerV1Sample, spans })
    expect(answer.status).toBe(500)
    expect(parseJson(answer.text)).toMatchObject({ data: null, errors: [{ code: 500 }] })
  })

  async function sent(trace: Trace): Promise<{ readonly status: number; readonly text: string }> {
    await sendTrace(trace, jaeger.otlpHttp, 'protobuf')
    for (const deadline = Date.now() + READABLE_WITHIN_MS; ; await delay(25)) {
      const response = await fetch(`${jaeger.query}/api/traces/${trace.spans[0]?.traceId}`)
      const answer = { status: response.status, text: await response.text() }
      if (answer.status !== 404 || Date.now() > deadline) return answer
    }
  }
})
