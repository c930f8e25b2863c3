import { describe, expect, it } from 'vitest'
import { correlationText } from '../../../src/cli/view/correlation.js'
import { correlationJson } from '../../../src/cli/view/correlation-json.js'
import type { CorrelationToShow } from '../../../src/cli/view/shown-correlation.js'
import { START } from './journals.js'

const SECRET = 'hunter2'

/** A source as a span beside a run may name it: whatever somebody put there. */
function correlationWith(kind: CorrelationToShow['kind']): CorrelationToShow {
  return {
    run: {
      runId: 'orders_1',
      exportName: 'orders',
      lookedAt: { startUnixNano: START, endUnixNano: START + 1n },
      traceIds: [],
      notes: [],
    },
    correlation: {
      source: {
        engine: 'postgres',
        host: `ana:${SECRET}@db1`,
        port: 5432,
        database: `shop?password=${SECRET}`,
      },
      surrounding: [],
      groups: [],
      spans: [],
      looked: { spans: 0, questions: 0 },
      problems: [],
      unseen: [],
    },
    location: `${kind}+http://localhost:3200`,
    kind,
    serviceName: 'rivet',
    limit: 10,
    grafana: { url: new URL('http://localhost:3000'), kind, datasource: 'T1' },
  }
}

describe.each(['tempo', 'jaeger'] as const)('the source of a run, beside a %s', (kind) => {
  it.each([
    ['text', () => correlationText(correlationWith(kind), { width: 4000, color: false })],
    ['JSON', () => correlationJson(correlationWith(kind))],
  ])('is shown without secrets, in searches too, as %s', (_, show) => {
    const shown = decodeURIComponent(show().replaceAll('+', ' '))
    expect(shown).toContain('ana:***@db1')
    expect(shown).not.toContain(SECRET)
  })
})
