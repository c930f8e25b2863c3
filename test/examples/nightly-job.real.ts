import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { JournalAssembler } from '../../src/mapping/trace-to-journal.js'
import { StatusCode } from '../../src/trace/trace.js'
import { CLI, temporaryFolder } from '../e2e/command-line.js'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { ADMIN, PostgresServer, postgresPrograms } from '../sources/postgres-server.js'

const EXAMPLE = fileURLToPath(new URL('../../examples/nightly-job.mjs', import.meta.url))
const STAND_IN = fileURLToPath(new URL('../../examples/stand-in-for-rivet.mjs', import.meta.url))
const PASSWORD = 'planted-s3cret'
const isBuilt = existsSync(CLI)
if (!isBuilt) console.log('UNCHECKED: examples/nightly-job.mjs; node .ci/build.mjs builds it')

let server: PostgresServer
let receiver: OtlpReceiver

beforeAll(async () => {
  if (postgresPrograms !== undefined) server = await PostgresServer.start()
})
afterAll(() => server?.stop())
beforeEach(async () => {
  receiver = await OtlpReceiver.start()
})
afterEach(() => receiver.close())

/** Runs the example against a database, with its spans sent to the receiver. */
async function nightlyJob(databaseUrl: string, ...command: string[]) {
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: databaseUrl,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  }
  const cwd = temporaryFolder()
  const args = [EXAMPLE, ...command]
  const ended = await promisify(execFile)(process.execPath, args, { env, cwd }).then(
    (said) => ({ code: 0, ...said }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )
  const spans = receiver.taken.map(({ span }) => span)
  const everything = JSON.stringify(spans, (_, value) =>
    typeof value === 'bigint' ? `${value}` : value,
  )
  expect(`${everything}${ended.stdout}${ended.stderr}`).not.toContain('s3cret')
  return { ...ended, spans }
}

describe.skipIf(postgresPrograms === undefined || !isBuilt)('nightly-job.mjs', () => {
  it('has its queries and the run of its export in one trace, and the journal in their spans', async () => {
    const url = server.url(`${ADMIN}:${PASSWORD}`, 'postgres')
    const { code, stdout, stderr, spans } = await nightlyJob(url)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)

    const [job, ...otherRoots] = spans.filter(({ parentSpanId }) => parentSpanId === undefined)
    expect(job?.name).toBe('nightly job')
    expect(otherRoots).toEqual([])
    const [run, ...otherRuns] = spans.filter(({ name }) => name === 'export orders')
    expect(run?.parentSpanId).toBe(job?.spanId)
    expect(otherRuns).toEqual([])

    const queries = receiver.taken
      .filter(({ scope }) => scope.name === '@opentelemetry/instrumentation-pg')
      .map(({ span }) => span)
    const inside = queries.filter(({ parentSpanId }) => parentSpanId === run?.spanId)
    const before = queries.filter(({ parentSpanId }) => parentSpanId === job?.spanId)
    expect(before.map(({ name }) => name)).toEqual(['pg.connect', 'pg.query:CREATE postgres'])
    expect(inside.map(({ name }) => name)).toEqual(Array(3).fill('pg.query:SELECT postgres'))
    expect(inside[0]?.attributes['server.port']).toBe(server.port)
    expect(queries).toHaveLength(before.length + inside.length)

    const assembler = new JournalAssembler()
    for (const span of receiver.taken) assembler.add(span)
    const [imported, ...others] = assembler.finish()
    expect(others).toEqual([])
    if (imported?.status !== 'exact') throw new Error(`it came back ${imported?.status}`)
    const { journal } = imported
    expect(journal.chunkEvents()).toHaveLength(6)
    expect(journal.finalOutcome()?.event).toMatchObject({ RunCompleted: { status: 'success' } })
    const longest = journal.longestChunkMs()
    expect(stdout).toContain(`${imported.runId}: exact, longest chunk ${longest} ms`)
  })

  it('prints the trace as a tree, the run below the job', async () => {
    const { stdout } = await nightlyJob(server.url(ADMIN, 'postgres'))
    expect(stdout.replaceAll(/\d+ ms/g, '0 ms')).toMatch(
      /^nightly job, 0 ms\n {2}pg\.connect, 0 ms\n {2}pg\.query:CREATE postgres, 0 ms\n {2}export orders, 0 ms\n( {4}\S+.*, 0 ms\n){6}orders_\d+: exact/,
    )
  })

  it('puts the run of a command into its trace, too, below the span of the wrapper', async () => {
    const command = [process.execPath, STAND_IN, 'run']
    const { code, stdout, spans } = await nightlyJob(server.url(ADMIN, 'postgres'), ...command)
    expect(code).toBe(0)
    const [, runId = ''] = /stand-in for rivet: (\S+) is in/.exec(stdout) ?? []
    const named = (wanted: string) => spans.find(({ name }) => name === wanted)
    const job = named('nightly job')
    const wrapper = named('exec node')
    const run = named('export orders')
    const signpost = named('signpost')
    expect(wrapper?.parentSpanId).toBe(job?.spanId)
    expect(run?.parentSpanId).toBe(wrapper?.spanId)
    expect(named('pg.query:CREATE postgres')?.parentSpanId).toBe(job?.spanId)
    const elsewhere = spans.filter(({ traceId }) => traceId !== job?.traceId)
    expect(elsewhere).toEqual([signpost])
    expect(signpost?.links).toMatchObject([{ traceId: job?.traceId, spanId: run?.spanId }])

    const assembler = new JournalAssembler()
    for (const span of receiver.taken) assembler.add(span)
    expect(assembler.finish()).toMatchObject([{ runId, status: 'exact' }])
  })

  it('ends with an error where the command does', async () => {
    const { code, stderr } = await nightlyJob(server.url(ADMIN, 'postgres'), 'false')
    expect(code).toBe(1)
    expect(stderr).toContain('the job failed: Error: false ended with 1')
  })

  it('says which part failed, and sends what there is, where there is no PostgreSQL', async () => {
    const { code, stderr, spans } = await nightlyJob(
      `postgres://${ADMIN}:${PASSWORD}@127.0.0.1:1/x`,
    )
    expect(code).toBe(1)
    expect(stderr).toContain('the job failed: Error: connect ECONNREFUSED 127.0.0.1:1')
    expect(spans.map(({ name }) => name)).toEqual(['pg.connect', 'nightly job'])
    expect(spans.map(({ status }) => status?.code)).toEqual([StatusCode.ERROR, StatusCode.ERROR])
  })
})
