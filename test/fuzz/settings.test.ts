import { describe, expect } from 'vitest'
import { backendSettings } from '../../src/backends/backend-settings.js'
import { kindOfContent, parseLocation } from '../../src/bridge/location.js'
import { toRunSelection } from '../../src/cli/run-selection.js'
import { otlpSettings } from '../../src/delivery/otlp-settings.js'
import { RivetOtelError } from '../../src/problem.js'
import { answerTexts, journalTexts, otlpTexts } from './corpus.js'
import { itWithstands } from './fuzz.js'
import { mutateBytes } from './mutate.js'
import type { Random } from './random.js'

const SECRET = 'planted-secret'
const LOCATIONS = [
  './.rivet_state.db',
  '-',
  'localhost:4318',
  `postgres://ana:${SECRET}@127.0.0.1/rivet`,
  `jaeger+https://ana:${SECRET}@jaeger.example.com:16686/base`,
  'tempo+http://[::1]:3200/tempo?x=1',
  `http://localhost:4318/v1/traces?key=${SECRET}`,
]
const HEADERS = [
  `authorization=Bearer ${SECRET}`,
  'x-scope-orgid=team%20a',
  '__proto__=x',
  'a=b,c=d',
]
/** Nobody writes a secret there, so that messages may show it. */
const OPEN = ['24h', '2026-11-21', '2026-11-21T08:53:39Z', '16777216', '1e3']
const CONTENTS = [...journalTexts, ...otlpTexts, ...answerTexts].map((text) => Buffer.from(text))

/** Mixed only with its like: nobody can tell a password that stands where none belongs. */
function mutated(random: Random, texts: readonly string[]): string {
  const bytes = texts.map((text) => Buffer.from(text))
  return Buffer.from(mutateBytes(random, random.pick(bytes), bytes))
    .toString()
    .slice(0, 3000)
}

/** Whether a secret stands there once, where one belongs in a URL. Nobody can tell any other. */
const hasSecret = (url: string) => url.includes(`:${SECRET}@`) && url.split(SECRET).length === 2

/** Refuses or takes; a refusal never tells such a secret, nor one of a header. */
function tried(action: () => unknown, url = `:${SECRET}@`): void {
  try {
    action()
  } catch (error) {
    if (!(error instanceof RivetOtelError)) throw error
    const told = `${error.message} ${error.hint}`
    if (hasSecret(url) && told.includes(SECRET)) throw new Error(`told: ${told}`)
  }
}

describe('words of the command line that were made hostile', () => {
  itWithstands('locations, headers and URLs are read or refused', 250, (random) => {
    const text = mutated(random, LOCATIONS)
    tried(() => parseLocation(text), text)
    const env = { OTEL_EXPORTER_OTLP_HEADERS: mutated(random, HEADERS) }
    const headers = [mutated(random, HEADERS)]
    // The name of a header may be told.
    const entries = [...headers, ...env.OTEL_EXPORTER_OTLP_HEADERS.split(',')]
    const isNamed = entries.some((entry) => entry.split('=')[0]?.includes(SECRET))
    const secret = isNamed ? '' : `:${SECRET}@`
    const tenant = mutated(random, OPEN)
    const timeoutMs = mutated(random, OPEN)
    const url = 'jaeger+http://localhost:16686'
    tried(() => backendSettings({ url: text, env: {}, version: '0' }), text)
    tried(() => backendSettings({ url, headers, tenant, timeoutMs, env, version: '0' }), secret)
    tried(() => otlpSettings({ endpoint: text, env: {}, version: '0' }), text)
    tried(
      () => otlpSettings({ endpoint: 'http://localhost', headers, timeoutMs, env, version: '0' }),
      secret,
    )
    const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: text }
    tried(() => otlpSettings({ env: variables, version: '0' }), text)
    tried(() => toRunSelection({ since: mutated(random, OPEN), last: mutated(random, OPEN) }, 0))
    return { size: text.length }
  })

  itWithstands('any file is told apart by its beginning', 150, (random) => {
    const bytes = mutateBytes(random, random.pick(CONTENTS), CONTENTS)
    expect(['sqlite', 'traces', 'journals', undefined]).toContain(kindOfContent(bytes))
    return { size: bytes.length }
  })
})
