import { describe, expect, it } from 'vitest'
import { backendsAvailable } from '../backends/build.mjs'
import { startJaeger, startTempo } from '../backends/run-backends.js'
import { rivetOtel, SHOP } from './command-line.js'
import { journaledRuns, shownFrom } from './same-everywhere.js'

const BACKENDS = [
  { kind: 'jaeger', start: () => startJaeger() },
  { kind: 'tempo', start: () => startTempo() },
]

describe.skipIf(!backendsAvailable()).each(BACKENDS)('a run in a real $kind', ({ kind, start }) => {
  it('looks the same to the byte from there and from the state database', async () => {
    const backend = await start()
    try {
      const location = `${kind}+${backend.query}`
      const { code, stderr } = await rivetOtel([
        'export',
        ...['--from', SHOP, '--to', backend.otlpHttp, '--verify', location, '--wait', '60s'],
      ])
      expect(code, stderr).toBe(0)
      const runs = await journaledRuns()
      expect(runs).toHaveLength(12)
      for (const run of runs) {
        const shown = await shownFrom(SHOP, run)
        expect(shown).toContain('\nBeside the journal\n')
        expect(await shownFrom(location, run)).toBe(shown)
      }
    } finally {
      await backend.stop()
    }
  }, 240_000)
})
