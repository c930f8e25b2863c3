/**
 * What a Jaeger says about itself: which of its query APIs it has, and which version it is.
 *
 * Its limits cannot be asked for: neither what its storage keeps nor `max_span_age`.
 */
import { openHttpClient } from '../http/http-client.js'
import { quotable } from '../http/server-words.js'
import { urlBelow } from './backend-client.js'
import type { BackendSettings } from './backend-settings.js'

/** What a Jaeger says about itself. */
export interface JaegerFacts {
  /** Whether it answers in OTLP under `/api/v3`. */
  readonly hasV3: boolean
  /** Whether it answers in its older JSON under `/api`. */
  readonly hasV1: boolean
  /** `v2.11.0`; absent where it was built without one, or does not show its page. */
  readonly version?: string
}

const MAX_ANSWER_BYTES = 8_000_000
/** What every page of its user interface has in it, also where no user interface was built in. */
const VERSION = /JAEGER_VERSION\s*=\s*\{[^}\n]{0,300}"gitVersion"\s*:\s*"([^"\n]{1,60})"/

/**
 * Asks a Jaeger about itself. What it does not tell is absent; nothing is thrown.
 *
 * @example
 * (await askJaeger(settings)).hasV3 // true
 */
export async function askJaeger(settings: BackendSettings): Promise<JaegerFacts> {
  const client = openHttpClient(settings)
  const ask = async (path: string): Promise<string> => {
    const url = urlBelow(settings.url, path)
    const answer = await client.send({ method: 'GET', url, maxAnswerBytes: MAX_ANSWER_BYTES })
    return answer.kind === 'answered' && answer.status === 200
      ? Buffer.from(answer.body).toString()
      : ''
  }
  try {
    const [v3 = '', v1 = '', page = ''] = await Promise.all(
      ['/api/v3/services', '/api/services', '/'].map(ask),
    )
    const version = VERSION.exec(page)?.[1]
    return {
      // Without a service yet it is `{}`.
      hasV3: isObject(v3, []),
      hasV1: isObject(v1, ['data', 'total']),
      ...(version !== undefined && { version: quotable(version, settings, 60) }),
    }
  } finally {
    client.close()
  }
}

function isObject(text: string, members: readonly string[]): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && members.every((member) => member in value)
  } catch {
    return false
  }
}
