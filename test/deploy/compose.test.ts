import { existsSync } from 'node:fs'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/json/lossless.js'
import { at, contentOf, membersAt, pathOf, textOf, textsAt } from './deployed-files.js'

const COMPOSE = contentOf('docker-compose.yml')
const SERVICES = membersAt(COMPOSE, 'services')
const NAMES = SERVICES.map(([name]) => name)

const validate = new Ajv({ strict: false, validateFormats: false }).compile(composeSchema())

/** It says a dialect that it is not written in, and `id` where today's dialects say `$id`. */
function composeSchema(): JsonObject {
  const { $schema, ...schema } = contentOf('test/fixtures/compose-spec.json')
  const stripped = withoutIds(schema)
  if (!isJsonObject(stripped)) throw new Error('the schema is no object')
  return stripped
}

function withoutIds(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutIds)
  if (!isJsonObject(value)) return value
  const kept = Object.entries(value).filter(([name, of]) => name !== 'id' || typeof of !== 'string')
  return Object.fromEntries(kept.map(([name, of]) => [name, withoutIds(of)]))
}

it('the schema of the Compose Specification refuses what it does not know', () => {
  const broken: JsonObject = { services: { tempo: { image: 'grafana/tempo:2.8.2', volume: [] } } }
  expect(validate(broken)).toBe(false)
})

describe('docker-compose.yml', () => {
  it('follows the Compose Specification', () => {
    // A member of today's specification that is younger than the copy of its schema.
    const { name, ...rest } = COMPOSE
    expect(name).toBe('rivet-otel')
    expect([validate(rest), validate.errors]).toEqual([true, null])
  })

  describe.each(SERVICES)('%s', (_, service) => {
    it('runs an image of an exact version', () => {
      expect(at(service, 'image')).toMatch(/^[a-z/-]+:v?\d+\.\d+\.\d+$/)
    })

    it('is published on loopback only', () => {
      const ports = textsAt(service, 'ports')
      expect(ports).not.toEqual([])
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/)
    })

    it('mounts files that exist, read-only, and volumes that are named', () => {
      const volumes = Object.fromEntries(membersAt(COMPOSE, 'volumes'))
      for (const mount of textsAt(service, 'volumes')) {
        const [from = '', , mode] = mount.split(':')
        if (from.startsWith('./')) expect([existsSync(pathOf(from)), mode]).toEqual([true, 'ro'])
        else expect(volumes).toHaveProperty(from)
      }
    })

    it('depends on services that exist and tell their health', () => {
      for (const [name, how] of membersAt(service, 'depends_on')) {
        expect(NAMES).toContain(name)
        expect(at(how, 'condition')).toBe('service_healthy')
        expect(at(COMPOSE, 'services', name, 'healthcheck', 'test')).toBeDefined()
      }
    })

    it('says in a comment why where it does not tell its health', () => {
      if (at(service, 'healthcheck') !== undefined) return
      expect(textOf('docker-compose.yml')).toContain('No healthcheck: the image holds')
    })
  })

  it('publishes no port twice', () => {
    const ports = SERVICES.flatMap(([, service]) => textsAt(service, 'ports'))
    expect(new Set(ports).size).toBe(ports.length)
  })

  it('starts every program with files that it mounts', () => {
    for (const [name, service] of SERVICES) {
      const mounted = textsAt(service, 'volumes').map((mount) => mount.split(':')[1])
      for (const argument of textsAt(service, 'command')) {
        const file = /config(?:\.file)?=(.+)$/.exec(argument)?.[1]
        if (file !== undefined) expect(mounted, name).toContain(file)
      }
    }
  })

  it('gives addresses at which a service listens, and so does every file that it mounts', () => {
    const checked = ADDRESSING.flatMap((file) => {
      // Comments speak of the world outside.
      const text = textOf(file).replaceAll(/#.*$/gm, '')
      return [...text.matchAll(/(?:http:\/\/|targets: \[)([a-z-]+):(\d+)/g)].map(
        ([, host, port]) => {
          expect(LISTENING[host ?? ''], `${file}: ${host}:${port}`).toContain(port)
          return host
        },
      )
    })
    expect(new Set(checked)).toEqual(new Set(['otel-collector', 'jaeger', 'tempo', 'prometheus']))
  })

  it.each(SERVICES)(
    'publishes of %s, and asks for its health, where it listens',
    (name, service) => {
      const published = textsAt(service, 'ports').map((port) => port.split(':').at(-1))
      const asked = textsAt(service, 'healthcheck', 'test').flatMap((text) =>
        [...text.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => port),
      )
      for (const port of [...published, ...asked]) expect(LISTENING[name]).toContain(port)
    },
  )
})

const ADDRESSING = [
  'docker-compose.yml',
  'otel-collector.yaml',
  'examples/compose/prometheus.yml',
  'examples/compose/grafana/provisioning/datasources/datasources.yaml',
]

const collectorEnvironment = membersAt(COMPOSE, 'services', 'otel-collector', 'environment')
/** The ports at which each service listens: as its configuration says, else by its makers' default. */
const LISTENING: Readonly<Record<string, readonly string[]>> = {
  'otel-collector': [
    ...collectorEnvironment.flatMap(([name, value]) =>
      name.startsWith('LISTEN_') ? portsIn(String(value)) : [],
    ),
    ...(textOf('otel-collector.yaml').match(/(?<=LISTEN_SELF_PORT:-)\d+/) ?? []),
  ],
  jaeger: [...portsIn(textOf('examples/compose/jaeger.yaml')), '8888'],
  tempo: [...portsIn(textOf('examples/compose/tempo.yaml')), '3200'],
  prometheus: ['9090'],
  grafana: ['3000'],
}

function portsIn(text: string): string[] {
  return [...text.matchAll(/0\.0\.0\.0:(\d+)/g)].map(([, port = '']) => port)
}
