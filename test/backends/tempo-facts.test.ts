import { afterEach, describe, expect, it } from 'vitest'
import { backendSettings } from '../../src/backends/backend-settings.js'
import { askTempo, readTempoLimits } from '../../src/backends/tempo-facts.js'
import { type LocalServer, startLocalServer } from '../http/local-server.js'

/** Parts of what a real Tempo answers to `/status/config`. */
const CONFIG = `---
target: all
server:
    http_listen_port: 3200
distributor:
    receivers:
        otlp:
            protocols:
                grpc:
                    endpoint: 127.0.0.1:4317
    usage:
        cost_attribution:
            max_cardinality: 10000
    retry_after_on_resource_exhausted: 0s
    max_attribute_bytes: 2048
query_frontend:
    search:
        max_duration: 168h0m0s
        query_backend_after: 15m0s
    metrics:
        max_duration: 3h0m0s
storage:
    trace:
        s3:
            access_key: AKIA
            secret_key: <secret>
overrides:
    defaults:
        ingestion:
            rate_strategy: local
            burst_size_bytes: 20000000
            max_traces_per_user: 10000
        global:
            max_bytes_per_trace: 5000000
    per_tenant_override_config: ""
`

describe('readTempoLimits', () => {
  it('reads what a Tempo shows of its configuration', () => {
    expect(readTempoLimits(CONFIG)).toEqual({
      maxAttributeBytes: 2048,
      maxBytesPerTrace: 5_000_000,
      maxTracesPerUser: 10_000,
      burstSizeBytes: 20_000_000,
      searchMaxDuration: '168h0m0s',
      retryAfter: '0s',
    })
  })

  it('reads the names of older versions', () => {
    const older =
      'distributor:\r\n  max_span_attr_byte: 1024\r\noverrides:\r\n  max_bytes_per_trace: 7\r\n  max_traces_per_user: 0\r\n'
    expect(readTempoLimits(older)).toEqual({
      maxAttributeBytes: 1024,
      maxBytesPerTrace: 7,
      maxTracesPerUser: 0,
    })
  })

  it('prefers what the overrides say to what they override, unless that is 0', () => {
    const both = (bytes: number) =>
      `distributor:\n  max_attribute_bytes: 2048\noverrides:\n  defaults:\n    ingestion:\n      max_attribute_bytes: ${bytes}\n`
    expect(readTempoLimits(both(512))?.maxAttributeBytes).toBe(512)
    expect(readTempoLimits(both(0))?.maxAttributeBytes).toBe(2048)
  })

  it('finds nothing in what is no configuration', () => {
    expect(readTempoLimits('<html><h1>Sign in</h1></html>')).toBeUndefined()
    expect(readTempoLimits('distributor:\n  max_attribute_bytes: lots\n')).toBeUndefined()
  })
})

describe('askTempo', () => {
  let server: LocalServer
  afterEach(() => server.stop())

  async function asked(answers: Readonly<Record<string, string>>) {
    server = await startLocalServer((request, response) => {
      const body = answers[request.url ?? '']
      response.writeHead(body === undefined ? 404 : 200).end(body ?? 'not here')
    })
    const url = `tempo+${server.url.replace('//', '//me:hunter22@')}/base`
    return askTempo(backendSettings({ url, env: {}, version: '0' }))
  }

  it('asks below the base path', async () => {
    const facts = await asked({
      '/base/api/echo': 'echo',
      '/base/api/status/buildinfo': '{"version":"2.8.1","goVersion":"go1.24"}',
      '/base/status/config': CONFIG,
    })
    expect(facts).toMatchObject({ isTempo: true, version: '2.8.1' })
    expect(facts.limits?.maxBytesPerTrace).toBe(5_000_000)
    expect(facts.discarded).toBeUndefined()
  })

  it('adds up what was discarded over tenants', async () => {
    const { discarded } = await asked({
      '/base/metrics': `# HELP x
# TYPE tempo_discarded_spans_total counter
tempo_discarded_spans_total{reason="trace_too_large",tenant="a"} 120
tempo_discarded_spans_total{reason="trace_too_large",tenant="b"} 2
tempo_discarded_spans_total{reason="rate_limited",tenant="a"} 1e+06
`,
    })
    expect([...(discarded ?? [])]).toEqual([
      ['trace_too_large', 122],
      ['rate_limited', 1_000_000],
    ])
  })

  it('adds up what was discarded beside labels in any order, and beside none', async () => {
    const { discarded } = await asked({
      '/base/metrics': `# HELP x
# TYPE tempo_discarded_spans_total counter
tempo_discarded_spans_total{tenant="a",reason="live_traces_exceeded"} 3
tempo_discarded_spans_total{tenant="a"} 5
tempo_discarded_spans_total 7
`,
    })
    expect([...(discarded ?? [])]).toEqual([['live_traces_exceeded', 3]])
  })

  it('gets through megabytes of labels that end in no number', async () => {
    const endless = `tempo_discarded_spans_total{${'reason="a"'.repeat(200_000)}} \n`
    const unclosed = `tempo_discarded_spans_total{${'reason="a"'.repeat(200_000)}\n`
    const { discarded } = await asked({
      '/base/metrics': `# HELP x
# TYPE tempo_discarded_spans_total counter
${endless}${unclosed}tempo_discarded_spans_total{reason="rate_limited"} 1
`,
    })
    expect([...(discarded ?? [])]).toEqual([['rate_limited', 1]])
  })

  it('knows nothing of a server that shows nothing, or nonsense', async () => {
    expect(await asked({ '/base/api/status/buildinfo': '<html>' })).toEqual({ isTempo: false })
  })

  it('keeps secrets out of a version that repeats them', async () => {
    const build = '{"version":"2.8 for hunter22"}'
    const { version } = await asked({ '/base/api/status/buildinfo': build })
    expect(version).toBe('2.8 for ***')
  })
})
