import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { rivetOtel, SHOP, temporaryFolder } from './command-line.js'
import { journaledRuns, KILLED, shownFrom, viewFrom } from './same-everywhere.js'

describe('a run that was exported to a file', () => {
  it('looks the same to the byte from there and from the state database', async () => {
    const file = join(temporaryFolder(), 'traces.otlp.jsonl')
    expect((await rivetOtel(['export', '--from', SHOP, '--to', file])).code).toBe(0)
    const runs = await journaledRuns()
    expect(runs).toHaveLength(12)
    for (const run of runs) {
      const shown = await shownFrom(SHOP, run)
      expect(shown).toContain('\nBeside the journal\n')
      expect(await shownFrom(file, run)).toBe(shown)
    }
  }, 60_000)

  it('has the same report there, and differs in the same from the run before it', async () => {
    const file = join(temporaryFolder(), 'traces.otlp.jsonl')
    await rivetOtel(['export', '--from', SHOP, '--to', file])
    const isOf = (name: string) => (run: string) => run.startsWith(name)
    const runs = await journaledRuns()
    const events = runs.filter(isOf('events_full_'))
    expect(events).toHaveLength(2)
    for (const run of [...events, ...runs.filter(isOf('chunk_boom_'))])
      expect(await viewFrom(file, run)).toEqual(await viewFrom(SHOP, run))
    for (const references of [events, events.slice(1)]) {
      const compared = (place: string) =>
        rivetOtel(['diff', '--gate', 'schema', '--from', place, ...references])
      const fromState = await compared(SHOP)
      expect(fromState).toMatchObject({ code: 1, stderr: '' })
      expect(fromState.stdout).toContain('removed kind')
      expect(await compared(file)).toEqual(fromState)
    }
  }, 60_000)

  it('says that it has less where it was killed, and names the same run', async () => {
    const file = join(temporaryFolder(), 'traces.otlp.jsonl')
    await rivetOtel(['export', '--from', SHOP, '--to', file])
    const titleAndHappened = (text: string) => [
      text.slice(text.indexOf(`\n${KILLED}\n`)).split('\n\n')[0],
      text.split('\nHappened\n')[1]?.split('\n\n')[0],
    ]
    const [fromFile, fromState] = [await shownFrom(file, KILLED), await shownFrom(SHOP, KILLED)]
    expect(fromFile).toMatch(/^NO JOURNAL/)
    expect(titleAndHappened(fromFile)).toEqual(titleAndHappened(fromState))
    expect(fromState).toContain('\nPlanned\n')
    expect(fromFile).not.toContain('\nPlanned\n')
  })
})
