import { describe, expect, it } from 'vitest'
import { codeIn, publishedTable } from '../mapping/published-mapping.js'
import { asOpened, DASHBOARD, metricsOf, panels } from './dashboard.js'
import { at, contentOf, membersAt, textOf } from './deployed-files.js'

const PROVISIONING = 'examples/compose/grafana/provisioning'
const DATA_SOURCES = contentOf(`${PROVISIONING}/datasources/datasources.yaml`).datasources
const UIDS = Array.isArray(DATA_SOURCES) ? DATA_SOURCES.map((source) => at(source, 'uid')) : []

const ATTRIBUTES = publishedTable('attribute', 'type', 'stands on', 'meaning', 'source').map(
  ({ attribute }) => codeIn(attribute),
)

describe('the dashboard', () => {
  it('asks data sources that are provisioned, and so do the links between them', () => {
    expect(UIDS.sort()).toEqual(['jaeger', 'prometheus', 'tempo'])
    expect(panels().length).toBeGreaterThan(5)
    for (const { source } of panels()) expect(UIDS).toContain(source)
    const linked = JSON.stringify(DATA_SOURCES).matchAll(/"datasourceUid":"([a-z]+)"/g)
    expect([...linked].map(([, uid]) => uid).sort()).toEqual(['prometheus', 'tempo'])
  })

  it('lies where Grafana is told to look for it', () => {
    const folder = '/var/lib/grafana/dashboards'
    const [provider] = [contentOf(`${PROVISIONING}/dashboards/dashboards.yaml`).providers].flat()
    expect(at(provider, 'options', 'path')).toBe(folder)
    const grafana = at(contentOf('docker-compose.yml'), 'services', 'grafana')
    expect(at(grafana, 'volumes')).toContain(`./examples/compose/grafana/dashboards:${folder}:ro`)
    expect(Object.fromEntries(membersAt(grafana ?? null, 'environment'))).toMatchObject({
      GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: DASHBOARD.replace(/.*\/dashboards/, folder),
    })
  })

  it('asks Tempo for attributes that the published mapping has', () => {
    for (const { query } of panels().filter(({ source }) => source === 'tempo')) {
      const asked = [...query.matchAll(/span\.([a-z_.]+)/g)].map(([, name]) => name)
      expect(asked).not.toEqual([])
      for (const name of asked) expect(ATTRIBUTES).toContain(name)
    }
  })

  it('names columns only that its queries give', () => {
    const given = ['duration', 'statusMessage']
    for (const { query, panel, source } of panels()) {
      const overrides = at(panel, 'fieldConfig', 'overrides')
      if (source !== 'tempo' || !Array.isArray(overrides)) continue
      for (const override of overrides) {
        const name = String(at(override, 'matcher', 'options'))
        if (!given.includes(name)) expect(query).toContain(`span.${name}`)
      }
    }
  })

  it('uses no variable that it does not have', () => {
    for (const { query } of panels()) expect(asOpened(query)).not.toContain('$')
    const variables = at(contentOf(DASHBOARD), 'templating', 'list')
    const names = Array.isArray(variables) ? variables.map((variable) => at(variable, 'name')) : []
    expect(names).toEqual(['export', 'longer_than'])
  })

  it('asks Prometheus for metrics of the two kinds that the collector makes', () => {
    for (const { query } of panels().filter(({ source }) => source === 'prometheus')) {
      expect(metricsOf(query)).not.toEqual([])
      for (const name of metricsOf(query)) expect(name).toMatch(/^rivet_(run|chunk)_/)
    }
  })

  it('leads to the Jaeger that is published', () => {
    expect(textOf(DASHBOARD)).toContain('http://localhost:16686/trace/')
    expect(textOf('docker-compose.yml')).toContain('127.0.0.1:16686:16686')
  })
})
