/** What a server says about itself before and after it is sent to, as findings. */
import type { BackendSettings } from '../../backends/backend-settings.js'
import type { ServerKind } from '../location.js'
import type { Finding } from './findings.js'
import { judgeDiscarded, judgeJaeger, judgeTempo } from './judge-facts.js'

/** Asks a server about itself. */
export interface ServerFacts {
  readonly kind: ServerKind
  /** Which program it is, and its limits. */
  before(): Promise<readonly Finding[]>
  /** What it says of what happened since. */
  after(): Promise<readonly Finding[]>
}

/**
 * The facts of a server of a kind.
 *
 * @example
 * const [program, limits] = await serverFacts('tempo', settings).before()
 */
export function serverFacts(kind: ServerKind, settings: BackendSettings): ServerFacts {
  return kind === 'tempo' ? tempoFacts(settings) : jaegerFacts(settings)
}

function tempoFacts(settings: BackendSettings): ServerFacts {
  let discarded: ReadonlyMap<string, number> | undefined
  const ask = async () => {
    const { askTempo } = await import('../../backends/tempo-facts.js')
    return askTempo(settings)
  }
  return {
    kind: 'tempo',
    async before() {
      const facts = await ask()
      discarded = facts.discarded
      return judgeTempo(facts)
    },
    async after() {
      if (discarded === undefined) return []
      const now = (await ask()).discarded
      return now === undefined ? [] : [judgeDiscarded(discarded, now)]
    },
  }
}

function jaegerFacts(settings: BackendSettings): ServerFacts {
  return {
    kind: 'jaeger',
    async before() {
      const { askJaeger } = await import('../../backends/jaeger-facts.js')
      return judgeJaeger(await askJaeger(settings))
    },
    after: async () => [],
  }
}
