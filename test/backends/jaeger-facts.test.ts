import { afterEach, describe, expect, it } from 'vitest'
import { backendSettings } from '../../src/backends/backend-settings.js'
import { askJaeger } from '../../src/backends/jaeger-facts.js'
import { type LocalServer, startLocalServer } from '../http/local-server.js'

const V1 = '{"data":null,"total":0,"limit":0,"offset":0,"errors":null}'
const PAGE =
  '<html><script>JAEGER_VERSION = {"gitCommit":"abc","gitVersion":"v2.11.0","buildDate":""};</script>'

describe('askJaeger', () => {
  let server: LocalServer
  afterEach(() => server.stop())

  /** As a Jaeger does, any path that it does not know is its user interface. */
  async function asked(answers: Readonly<Record<string, string>>, page = PAGE) {
    server = await startLocalServer((request, response) =>
      response.end(answers[request.url ?? ''] ?? page),
    )
    const url = `jaeger+${server.url}`
    return askJaeger(backendSettings({ url, env: {}, version: '0' }))
  }

  it('finds both APIs and the version', async () => {
    expect(await asked({ '/api/v3/services': '{}', '/api/services': V1 })).toEqual({
      hasV3: true,
      hasV1: true,
      version: 'v2.11.0',
    })
  })

  it('does not take the page of the user interface for an API', async () => {
    expect(await asked({ '/api/services': V1 })).toMatchObject({ hasV3: false, hasV1: true })
  })

  it('knows no version where the page has none', async () => {
    const page = PAGE.replace('v2.11.0', '')
    expect(await asked({}, page)).toEqual({ hasV3: false, hasV1: false })
  })
})
