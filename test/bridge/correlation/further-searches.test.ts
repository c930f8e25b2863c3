import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { spanQuery, spanSearchQuery } from '../../../src/backends/tempo-span-query.js'
import {
  furtherTraceQl,
  grafanaPage,
  jaegerPages,
} from '../../../src/bridge/correlation/further-searches.js'
import { propertyCases } from '../../journal/arbitrary-journal.js'

const WINDOW = {
  startUnixNano: 1_795_251_219_134_436_857n,
  endUnixNano: 1_795_251_219_327_000_001n,
}
const EVIL = '"} || { true } #&?%\\\n\u202e日本'

describe('searches to go on with', () => {
  it('name the callers of the server where it is known, and every service else', () => {
    const source = { engine: 'postgres', host: 'db1', port: 5432 }
    expect(furtherTraceQl({ source, serviceName: 'rivet' })).toBe(
      '{ resource.service.name != "rivet" && resource.service.name != "rivet-otel-doctor" && (span.server.address = "db1" || span.net.peer.name = "db1" || span.peer.service = "db1" || span.network.peer.address = "db1") }',
    )
    expect(furtherTraceQl({ serviceName: 'rivet' })).toBe(
      '{ resource.service.name != "rivet" && resource.service.name != "rivet-otel-doctor" }',
    )
  })

  it('are pages of Jaeger from when a span began that was under way already', () => {
    const services = [
      { service: EVIL, startUnixNano: WINDOW.startUnixNano - 5_000n },
      { service: 'b', startUnixNano: WINDOW.endUnixNano - 1n },
    ]
    const pages = jaegerPages('https://jaeger.example.com/base/', { window: WINDOW, services })
    const [first, second] = pages.map(({ url }) => new URL(url))
    expect(first?.pathname).toBe('/base/search')
    expect(Object.fromEntries(first?.searchParams ?? [])).toEqual({
      service: EVIL,
      start: '1795251219134431',
      end: '1795251219327001',
      limit: '100',
      lookback: 'custom',
    })
    expect(second?.searchParams.get('start')).toBe('1795251219134436')
    for (const { url } of pages) expect(url).toMatch(/^[\x21-\x7e]+$/)
  })

  it('are a page of Grafana with whole seconds around the window', () => {
    const page = grafanaPage(
      { url: new URL('http://localhost:3000/grafana'), kind: 'tempo', datasource: 'T1' },
      {
        window: WINDOW,
        serviceName: 'rivet',
        services: [],
        source: { engine: 'mysql', host: 'db"1' },
      },
    )
    const url = new URL(page)
    expect(url.pathname).toBe('/grafana/explore')
    expect(url.searchParams.get('schemaVersion')).toBe('1')
    const panes = JSON.parse(url.searchParams.get('panes') ?? '')
    expect(panes.run.datasource).toBe('T1')
    expect(panes.run.range).toEqual({ from: '1795251219000', to: '1795251220000' })
    expect(panes.run.queries[0]).toMatchObject({
      refId: 'A',
      queryType: 'traceql',
      datasource: { type: 'tempo', uid: 'T1' },
    })
    expect(panes.run.queries[0].query).toContain('span.server.address = "db\\"1"')
  })
})

describe('TraceQL', () => {
  it('keeps every text inside its quotes, and stays below what Tempo reads', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.constant(EVIL))
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 4 }), (notOf, addresses) => {
        const query = spanSearchQuery({ notOf, addresses, band: { from: 1n, to: 10n ** 15n } })
        if (query === undefined) return
        expect(Buffer.byteLength(query)).toBeLessThanOrEqual(1024)
        const outside = query.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
        expect(outside).toMatch(/^[\w .,:!=~&|()<>{}"]+$/)
        expect(outside.match(/[{}]/g)).toEqual(['{', '}'])
      }),
      { numRuns: propertyCases(200) },
    )
  })

  it('asks for several addresses as they are, without a meaning of their own', () => {
    const query = spanQuery({ addresses: ['127.0.0.1', '::1', 'a+b'] })
    const [, quoted = ''] = /server\.address =~ ("(?:[^"\\]|\\.)*")/.exec(query) ?? []
    const pattern = new RegExp(`^(?:${JSON.parse(quoted)})$`)
    for (const address of ['127.0.0.1', '::1', 'a+b']) expect(address).toMatch(pattern)
    for (const address of ['127a0.0.1', 'aab']) expect(address).not.toMatch(pattern)
  })

  it('is for a general search in any case', () => {
    expect(spanSearchQuery({ notOf: 'x'.repeat(5000) })).toContain('rivet-otel-doctor')
    expect(spanSearchQuery({ addresses: ['x'.repeat(5000)] })).toBeUndefined()
  })
})
