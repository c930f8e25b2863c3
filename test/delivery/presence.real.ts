import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Presence } from '../../src/delivery/presence.js'
import { type HttpClient, openHttpClient } from '../../src/http/http-client.js'
import { backendsAvailable } from '../backends/build.mjs'
import { type RunningBackend, startJaeger, startTempo } from '../backends/run-backends.js'
import { PROTOCOLS } from './receiving.js'
import { target } from './target.js'

const BACKENDS = [
  { kind: 'Jaeger', start: () => startJaeger() },
  { kind: 'Tempo', start: () => startTempo() },
]

describe.skipIf(!backendsAvailable()).each(BACKENDS)('a real $kind', ({ start }) => {
  let backend: RunningBackend
  beforeAll(async () => {
    backend = await start()
  })
  afterAll(() => backend?.stop())

  it.each(
    PROTOCOLS.flatMap((protocol) => ['none', 'gzip'].map((packed) => [protocol, packed] as const)),
  )(
    'says that it is there to a request without spans, over %s with %s',
    async (protocol, compression) => {
      const settings = target(backend.otlpHttp, { protocol, compression })
      const client = openHttpClient(settings)
      const statuses: unknown[] = []
      const watched: HttpClient = {
        ...client,
        async send(request) {
          const result = await client.send(request)
          statuses.push(result.kind === 'answered' ? result.status : result.reason)
          return result
        },
      }
      try {
        expect(await new Presence(settings, watched).isConfirmed()).toBe(true)
        expect(statuses).toEqual([200])
      } finally {
        client.close()
      }
    },
  )
})
