import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { backendsAvailable } from '../backends/build.mjs'
import { startJaeger, startTempo } from '../backends/run-backends.js'
import { type Finished, rivetOtel, SHOP } from './command-line.js'
import { journaledRuns, shownFrom } from './same-everywhere.js'

const BACKENDS = [
  { kind: 'jaeger', start: () => startJaeger() },
  { kind: 'tempo', start: () => startTempo() },
]

/** No search can promise that it found every run, so a server never knows all that changed the schema. */
const REMARK = '  not all is known: a search of traces may miss a run between them\n'

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
      const compared = (from: string, ...runs: string[]) =>
        rivetOtel(['diff', '--from', from, '--gate', 'rows', ...runs])
      const events = runs.filter((run) => run.startsWith('events_full_'))
      expect(events).toHaveLength(2)
      const fromState = await compared(SHOP, ...events)
      expect(fromState.stdout).toContain('removed kind')
      expect(fromState.stdout).not.toContain(REMARK)
      for (const references of [events, events.slice(1)]) {
        const { stdout, ...others } = await onceFound(() => compared(location, ...references))
        expect(stdout).toContain(REMARK)
        expect({ ...others, stdout: stdout.replace(REMARK, '') }).toEqual(fromState)
      }
    } finally {
      await backend.stop()
    }
  }, 240_000)
})

/** A search of a Tempo does not find for some seconds what it is just moving. */
async function onceFound(compare: () => Promise<Finished>): Promise<Finished> {
  for (let tries = 0; tries < 30; tries++) {
    const compared = await compare()
    if (compared.stdout.includes(REMARK)) return compared
    await sleep(1000)
  }
  return await compare()
}
