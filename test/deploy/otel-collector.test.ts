import { describe, expect, it } from 'vitest'
import { JOURNAL_SCOPE } from '../../src/mapping/journal-to-trace.js'
import { at, contentOf, membersAt, textOf, textsAt } from './deployed-files.js'

const COLLECTOR = 'otel-collector.yaml'
const HEALTH = 'examples/compose/otel-collector-health.yaml'
const config = contentOf(COLLECTOR)
const pipelines = membersAt(config, 'service', 'pipelines')

describe('otel-collector.yaml', () => {
  it.each([COLLECTOR, HEALTH])('%s names every variable that it reads, and its default', (file) => {
    const text = textOf(file)
    const used = [...text.matchAll(/\$\{env:([A-Z_]+):-([^}]*)\}/g)]
    expect(used).not.toEqual([])
    expect(used).toHaveLength(text.split('${env:').length - 1)
    const comments = text.match(/^#.*$/gm)?.join('\n') ?? ''
    for (const [, name = '', byDefault = ''] of used) {
      expect(comments).toMatch(new RegExp(`\\b${name} +${byDefault.replaceAll('.', '\\.')} `))
    }
  })

  it('says nothing of variables that it does not read', () => {
    const listed = [...textOf(COLLECTOR).matchAll(/^# {3}([A-Z_]+) {2,}/gm)].map(([, name]) => name)
    for (const name of listed) expect(textOf(COLLECTOR)).toContain(`\${env:${name}:-`)
    expect(listed).toHaveLength(8)
  })

  it('is given by docker-compose.yml only what it reads', () => {
    const given = membersAt(
      contentOf('docker-compose.yml'),
      'services',
      'otel-collector',
      'environment',
    )
    const read = `${textOf(COLLECTOR)}${textOf(HEALTH)}`
    for (const [name] of given) {
      if (name !== 'GOMEMLIMIT') expect(read).toContain(`\${env:${name}:-`)
    }
  })

  it('limits memory first in every pipeline, and batches in none', () => {
    for (const [, pipeline] of pipelines) {
      expect(textsAt(pipeline, 'processors')[0]).toBe('memory_limiter')
      expect(textsAt(pipeline, 'processors')).not.toContain('batch')
    }
  })

  it('uses every component that it configures', () => {
    const used = new Set(
      pipelines.flatMap(([, pipeline]) =>
        ['receivers', 'processors', 'exporters'].flatMap((kind) => textsAt(pipeline, kind)),
      ),
    )
    const configured = ['receivers', 'processors', 'connectors', 'exporters'].flatMap((kind) =>
      membersAt(config, kind).map(([name]) => name),
    )
    expect([...used].sort()).toEqual(configured.sort())
  })

  it('counts only what rivet-otel says in its own scope', () => {
    for (const filter of ['filter/runs', 'filter/chunks']) {
      expect(textsAt(config, 'processors', filter, 'traces', 'span')).toContain(
        `instrumentation_scope.name != "${JOURNAL_SCOPE.name}"`,
      )
    }
  })

  it('waits for both backends before it answers, within the time that a sender waits', () => {
    const senderWaitsMs = 10_000
    let retriesMs = 0
    for (const name of ['otlphttp/jaeger', 'otlphttp/tempo']) {
      const exporter = at(config, 'exporters', name)
      expect(at(exporter, 'sending_queue', 'wait_for_result')).toBe(true)
      expect(at(exporter, 'sending_queue', 'storage')).toBeUndefined()
      retriesMs += milliseconds(at(exporter, 'retry_on_failure', 'max_elapsed_time'))
    }
    expect(retriesMs).toBeLessThan(senderWaitsMs)
  })

  it('sends on no more than the next hop takes, and cuts no page of a run', () => {
    const pageBytes = 2_000_000
    const grpcBytes = 4 * 2 ** 20
    for (const name of ['otlphttp/jaeger', 'otlphttp/tempo']) {
      const batch = at(config, 'exporters', name, 'sending_queue', 'batch')
      expect(at(batch, 'max_size')).toBeLessThan(grpcBytes)
      expect(at(batch, 'max_size')).toBeGreaterThan(pageBytes)
    }
  })
})

function milliseconds(duration: unknown): number {
  const seconds = /^(\d+)s$/.exec(String(duration))?.[1]
  if (seconds === undefined) throw new Error(`${String(duration)} is not in seconds`)
  return Number(seconds) * 1000
}
