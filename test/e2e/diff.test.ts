import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { RunDiff } from '../../src/view/run-diff.js'
import { rivetOtel, SHOP, temporaryFolder } from './command-line.js'

const [FIRST, SECOND] = [
  'events_full_20261121T085346.229_11188',
  'events_full_20261121T085429.154_12752',
]
const KILLED = 'chunk_slow_20261121T085434.212_13009'
const FAILED = 'chunk_slow_20261121T085437.226_13367'
const JOURNALS = readFileSync(
  fileURLToPath(new URL('../fixtures/journals/shop.jsonl', import.meta.url)),
  'utf8',
)

const diff = (...args: readonly string[]) => rivetOtel(['diff', '--from', SHOP, ...args])

/** The second run, some days later: `days` days, and what else of its text is changed. */
function again(days: number, change: (text: string) => string = (text) => text): string {
  const line = JOURNALS.split('\n').find((text) => text.includes(SECOND)) ?? ''
  const day = String(21 + days)
  return change(line.replaceAll('2026-11-21T', `2026-11-${day}T`)).replaceAll(
    SECOND,
    `events_full_202611${day}T085429.154_12752`,
  )
}

describe('rivet-otel diff', () => {
  it('compares a run with the one before it, or two that are named', async () => {
    const alone = await diff(SECOND)
    expect(alone).toMatchObject({ code: 0, stderr: '' })
    expect(await diff(FIRST, SECOND)).toEqual(alone)
    expect(alone.stdout).toContain(`A  ${FIRST}`)
    expect(alone.stdout).toContain(`B  ${SECOND}`)
  })

  it('says the same of runs in a file of traces', async () => {
    const file = join(temporaryFolder(), 'traces.otlp.jsonl')
    await rivetOtel(['export', '--from', SHOP, '--to', file])
    for (const runs of [[SECOND], [FIRST, SECOND], [FIRST, FAILED]]) {
      const fromState = await diff(...runs)
      expect(await rivetOtel(['diff', '--from', file, ...runs])).toEqual(fromState)
    }
  })

  it('ends with 1 where a gate does not hold, and names it', async () => {
    expect((await diff(SECOND, '--gate', 'rows=5%', '--gate', 'duration=+20%,failures')).code).toBe(
      0,
    )
    const { code, stdout } = await diff(SECOND, '--gate', 'rows=5%,schema,bytes=5%')
    expect(code).toBe(1)
    expect(stdout).toMatch(/\n {2}rows=5% +holds\n {2}schema +differs: added region/)
    expect(stdout).toMatch(/\n {2}bytes=5% +differs: 474 kB → 532 kB\n$/)
  })

  it('ends with 1 where a gate cannot be checked, and says why', async () => {
    const { code, stdout } = await diff(KILLED, FAILED, '--gate', 'rows,plan')
    expect(code).toBe(1)
    expect(stdout).toContain('A left no journal (interrupted)')
    expect(stdout).toMatch(/\n {2}rows +cannot be checked: neither run says it\n/)
    expect(stdout).toMatch(/\n {2}plan +cannot be checked: A does not say it\n/)
  })

  it('gives programs the same as JSON', async () => {
    const { code, stdout } = await diff(SECOND, '--json', '--gate', 'schema')
    expect(code).toBe(1)
    const found = JSON.parse(stdout) as RunDiff & { gates: object[] }
    expect(found.a.run_id).toBe(FIRST)
    expect(found.b.bytes).toBeGreaterThan(500_000)
    expect(found.differences.map(({ label }) => label)).toContain('query')
    expect(found.gates).toMatchObject([{ gate: 'schema', subject: 'schema', outcome: 'differs' }])
  })

  it('says where it compares two exports, and looks for no schema there', async () => {
    const { code, stdout } = await diff(FIRST, FAILED, '--gate', 'schema')
    expect(code).toBe(1)
    expect(stdout).toContain('A is of export events_full, B of export chunk_slow')
  })

  it('takes what runs in between recorded for changes of the schema', async () => {
    const file = join(temporaryFolder(), 'journals.jsonl')
    const without = (text: string) => text.replace('"SchemaChanged"', '"SomethingElse"')
    writeFileSync(file, [again(0, without), again(1), again(2, without)].join('\n'))
    const of = (day: string) => `events_full_202611${day}T085429.154_12752`
    const compare = (...days: string[]) =>
      rivetOtel(['diff', '--from', file, '--gate', 'schema', ...days.map(of)])
    expect((await compare('21', '23')).stdout).toMatch(/schema +differs: added region/)
    expect((await compare('22', '23')).code).toBe(0)
    expect((await compare('23')).code).toBe(0)
    expect((await compare('22')).code).toBe(1)
  })

  it('compares with a run that left no journal only where there is no other', async () => {
    const { code, stdout, stderr } = await diff(FAILED)
    // There is no other run of the export.
    expect(stdout).toContain(`A  ${KILLED}`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('shows no passwords', async () => {
    const file = join(temporaryFolder(), 'journals.jsonl')
    const secret = (text: string) =>
      text.replace(/"base_query":"[^"]*"/, `"base_query":"SELECT 'postgres://ana:hunter2@db/shop'"`)
    writeFileSync(file, [again(0), again(1, secret)].join('\n'))
    for (const json of [[], ['--json']]) {
      const args = ['diff', '--from', file, 'events_full_20261122T085429.154_12752', ...json]
      const { stdout } = await rivetOtel(args)
      expect(stdout).toContain('postgres://ana:***@db/shop')
      expect(stdout).not.toContain('hunter2')
    }
  })

  it.each([
    [[SECOND, '--gate', 'scheme'], /no gate scheme \(did you mean schema\?\)/],
    [[SECOND, '--gate', 'plan=5%'], /takes no tolerance/],
    [['events_ful_nonsense'], /no run|no such/],
    [[FIRST], /no run of events_full before events_full_20261121T085346.229_11188/],
    [[FIRST, SECOND, FAILED], /too many arguments/],
    [[], /missing required argument/],
  ])('refuses what it cannot do: %j', async (args, words) => {
    const { code, stdout, stderr } = await diff(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(words)
  })
})
