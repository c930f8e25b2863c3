import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { kindOf } from '../../src/journal/events.js'
import { JournalAssembler } from '../../src/mapping/trace-to-journal.js'
import { rivetOtel, SHOP, temporaryFolder } from '../e2e/command-line.js'
import { shopJournals } from '../journal/example-journals.js'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url))

/** Runs an example as a reader would, and gives what it printed. */
async function run(name: string, args: readonly string[] = [], env: Record<string, string> = {}) {
  const { stdout } = await promisify(execFile)(process.execPath, [join(EXAMPLES, name), ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
  })
  return stdout
}

const examples: Record<string, () => Promise<void>> = {
  'tour.mjs': async () => {
    const said = await run('tour.mjs')
    expect(said).toContain('runs: 12 sent')
    expect(said).toContain('12 of 12 journals came back, equal to the letter.')
    expect(said).toContain('division by zero')
    const [, report = ''] = /The report of the run that failed is (.*); open it/.exec(said) ?? []
    expect(readFileSync(report, 'utf8')).toContain('division by zero')
  },
  'record-a-journal.mjs': async () => {
    const said = await run('record-a-journal.mjs')
    expect(said).toMatch(/longest chunk: \d+ ms\nwarnings: 1\n\{"run_id":"orders_demo"/)
  },
  'live-run.mjs': async () => {
    const said = await run('live-run.mjs')
    expect(said).toMatch(
      /^sent: SELECT\nsent: chunk\nlongest chunk so far: \d+ ms\nsent: export orders\n\{"run_id":"orders_live"/,
    )
  },
  'nightly-job.mjs': async () => {
    const failed: unknown = await run('nightly-job.mjs').catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 2, stdout: '' })
    expect(failed).toHaveProperty('stderr', expect.stringContaining('set DATABASE_URL='))
    console.log('UNCHECKED here: the trace of nightly-job.mjs; nightly-job.real.ts checks it')
  },
  'longest-chunks.mjs': async () => {
    const file = join(temporaryFolder(), 'traces.otlp.jsonl')
    await rivetOtel(['export', '--from', SHOP, '--to', file])
    const said = await run('longest-chunks.mjs', [file])
    expect(said).toContain('orders_20261121T085339.134_11188: 193 ms')
    expect(said).toContain('orders_parallel_20261121T085342.147_11188: no chunk was measured')
  },
  'send-with-your-exporter.mjs': async () => {
    const receiver = await OtlpReceiver.start()
    const said = await run('send-with-your-exporter.mjs', [SHOP], {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    })
    await receiver.close()
    expect(said).toBe('12 runs sent, 0 failed (93 spans)\n')
    const assembler = new JournalAssembler()
    for (const span of receiver.taken) assembler.add(span)
    expect(assembler.finish().map(({ status }) => status)).toEqual(Array(12).fill('exact'))
  },
  'journals-from-your-spans.mjs': async () => {
    const said = await run('journals-from-your-spans.mjs')
    const journals = shopJournals()
    expect(said).toContain(`${journals.length} journals were rebuilt, equal to the letter.`)
    expect(said).toContain('orders_unfinished: incomplete, so there is no journal: the root span')
    for (const journal of journals) {
      const chunkEvents = journal.entries.filter(({ event }) => /^Chunk/.test(kindOf(event)))
      const about = said.slice(said.indexOf(`${journal.run_id}\n`)).split(/\n(?! )/, 1)[0]
      expect(about).toContain(
        ` ${chunkEvents.length} chunk events, longest chunk ${journal.longestChunkMs() ?? '–'} ms,`,
      )
    }
    expect(said).toContain('longest chunk 193 ms')
    expect(said).toContain('degraded  2 quality issues, 0 schema changes, 1 warnings')
    expect(said).toContain('ended     failed: db error: ERROR: column "no_such_column" does not')
  },
  'stand-in-for-rivet.mjs': async () => {
    const folder = temporaryFolder()
    const said = await run('stand-in-for-rivet.mjs', ['run', '-c', join(folder, 'rivet.yaml')])
    const { stdout } = await rivetOtel(['runs', '--json'], { cwd: folder })
    const { run_id, status, rows } = JSON.parse(stdout)
    expect(said).toBe(`stand-in for rivet: ${run_id} is in the state database\n`)
    expect({ status, rows }).toEqual({ status: 'success', rows: 200 })
  },
}

/** Those that have a test of their own. */
const elsewhere = ['nightly.sh']

function programs(): string[] {
  return readdirSync(EXAMPLES)
    .filter((name) => /\.(mjs|sh)$/.test(name))
    .sort()
}

describe('the examples', () => {
  it.each(Object.entries(examples))('%s runs as it stands', async (_, check) => {
    await check()
  })

  it('are all run here', () => {
    expect(programs()).toEqual([...Object.keys(examples), ...elsewhere].sort())
  })

  it('are all named in the README', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    expect(programs().filter((name) => !readme.includes(`\`${name}\``))).toEqual([])
  })
})
