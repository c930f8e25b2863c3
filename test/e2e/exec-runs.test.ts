import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { interruptedIdsOf, spanIdsOf, traceIdOf } from '../../src/mapping/ids.js'
import type { Span } from '../../src/trace/trace.js'
import { parseTraceparent } from '../../src/trace/trace-context.js'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { changing, putLoad } from '../sources/state-rows.js'
import { rivetOtel, temporaryFolder } from './command-line.js'
import { rivetOtelExec, standInRivet } from './executing.js'
import { expectExactly } from './received-runs.js'
import { putRuns } from './watching.js'

const AROUND = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
const TRACEPARENT = `00-${AROUND.traceId}-${AROUND.spanId}-01`

let receiver: OtlpReceiver
let cwd: string
let rivet: string

beforeEach(async () => {
  receiver = await OtlpReceiver.start()
  cwd = temporaryFolder()
  rivet = standInRivet(cwd)
})
afterEach(() => receiver.close())

function named(name: string): Span[] {
  return receiver.taken.map(({ span }) => span).filter((span) => span.name === name)
}

/** The one span of a name. */
function the(name: string): Span {
  const [span, ...others] = named(name)
  if (span === undefined || others.length > 0) throw new Error(`${others.length} more of ${name}`)
  return span
}

function idsOf(runId: string) {
  const key = { namespace: '', runId, page: 0, revision: 0 }
  return { traceId: traceIdOf(key), spanId: spanIdsOf(key).root }
}

/** Puts the row of a load, as rivet does at its end. */
const LOAD = `
import datetime, json, sqlite3, sys
now = datetime.datetime.now(datetime.timezone.utc).isoformat()
c = sqlite3.connect('.rivet_state.db')
c.execute('DELETE FROM load_run WHERE load_id = ?', ('new',))
columns = 'load_id, export_name, target_table, warehouse, mode, source_run_ids, rows_loaded, status, finished_at'
values = ('new', 'orders', 'p.d.orders', 'bigquery', 'append', json.dumps(sys.argv[1:]), 10, 'success', now)
c.execute(f'INSERT INTO load_run ({columns}) VALUES ({",".join("?" * 9)})', values)
c.commit()
`

const idsIn = ({ links }: Span) => links.map(({ traceId, spanId }) => ({ traceId, spanId }))
const lines = (text: string) => text.trim().split('\n')
const context = ({ traceId, spanId }: Span) => ({ traceId, spanId })

describe('exec sends the runs that its command left', () => {
  it('each in its own trace, linked with the span of the command, which is a child of what surrounds it', async () => {
    putRuns(join(cwd, '.rivet_state.db'), ['orders_0', 'orders_1'])
    const script = 'printenv TRACEPARENT TRACESTATE; "$0" run --count 2; exit 3'
    const args = ['--to', receiver.url, '--', 'sh', '-c', script, rivet]
    const env = { TRACEPARENT, TRACESTATE: 'vendor=value' }
    const { code, stdout, stderr } = await rivetOtelExec(args, { cwd, env })
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
    const [parent = '', state, ...runIds] = lines(stdout)
    expect(state).toBe('vendor=value')
    expectExactly(receiver, runIds)
    const own = the('exec sh')
    expect(own).toMatchObject({ traceId: AROUND.traceId, parentSpanId: AROUND.spanId })
    expect(parseTraceparent(parent)).toEqual({ ...context(own), isSampled: true, isRandom: false })
    expect(own.attributes).toMatchObject({ 'rivet.exec.exit_code': 3, 'rivet.exec.program': 'sh' })
    expect(idsIn(own)).toEqual(runIds.map(idsOf))
    for (const wrapper of named('wrapper')) expect(idsIn(wrapper)).toEqual([context(own)])
    expect(named('wrapper').map(({ traceId }) => traceId)).toEqual(
      runIds.map((runId) => idsOf(runId).traceId),
    )
    for (const root of named('export events_full')) {
      expect(root.parentSpanId).toBeUndefined()
      expect(root.startTimeUnixNano >= own.startTimeUnixNano).toBe(true)
      expect(root.endTimeUnixNano <= own.endTimeUnixNano).toBe(true)
    }
  })

  it('with --join as children of its span, and they are found by their run_ids all the same', async () => {
    const to = join(cwd, 'joined.otlp.jsonl')
    const args = (place: string) => ['--join', '--to', place, '--', rivet, 'run']
    const { stdout, stderr } = await rivetOtelExec(args(receiver.url), { cwd })
    expect(stderr).toBe('')
    const runId = stdout.trim()
    expectExactly(receiver, [runId])
    const own = the('exec rivet')
    expect(own.parentSpanId).toBeUndefined()
    const { spanId } = idsOf(runId)
    expect(the('export events_full')).toMatchObject({
      traceId: own.traceId,
      spanId,
      parentSpanId: own.spanId,
    })
    expect(idsIn(own)).toEqual([{ traceId: own.traceId, spanId }])
    expect(named('wrapper')).toEqual([])
    expect(the('signpost').traceId).toBe(idsOf(runId).traceId)

    const inFile = (await rivetOtelExec(args(to), { cwd })).stdout.trim()
    const shown = await rivetOtel(['import', '--from', to], { cwd })
    expect(shown.code).toBe(0)
    expect(JSON.parse(shown.stdout)).toMatchObject({ run_id: inFile })
    expect(await rivetOtel(['verify', '--last', '1', '--in', to], { cwd })).toMatchObject({
      code: 0,
    })
  })

  it('without a span and links where the trace around it is not recorded', async () => {
    const env = { TRACEPARENT: TRACEPARENT.replace(/01$/, '00') }
    const script = 'printenv TRACEPARENT; "$0" run'
    const args = ['--join', '--to', receiver.url, '--', 'sh', '-c', script, rivet]
    const { stdout, stderr } = await rivetOtelExec(args, { cwd, env })
    expect(stderr).toBe('')
    const [parent = '', ...runIds] = lines(stdout)
    expect(parseTraceparent(parent)).toMatchObject({ traceId: AROUND.traceId, isSampled: false })
    expectExactly(receiver, runIds)
    expect(named('exec sh')).toEqual([])
    expect(named('wrapper')).toEqual([])
    expect(the('export events_full').traceId).toBe(idsOf(runIds[0] ?? '').traceId)
  })

  it('in a trace of its own where TRACEPARENT cannot be read, which is said once', async () => {
    const env = { TRACEPARENT: '00-none', TRACESTATE: 'vendor=value' }
    const script = 'printenv TRACEPARENT; printenv TRACESTATE; "$0" run'
    const args = ['--to', receiver.url, '--', 'sh', '-c', script, rivet]
    const { code, stdout, stderr } = await rivetOtelExec(args, { cwd, env })
    expect(code).toBe(0)
    expect(stderr).toBe(
      'rivet-otel: TRACEPARENT is no W3C trace context, so a trace of its own was begun\n',
    )
    const [parent = '', runId = ''] = lines(stdout)
    expect(parseTraceparent(parent)).toMatchObject(context(the('exec sh')))
    expectExactly(receiver, [runId])
  })

  it.each([
    ['--config', 'etl/rivet.yaml'],
    ['-c', 'etl/rivet.yaml'],
    ['--config=etl/rivet.yaml'],
    ['-cetl/rivet.yaml'],
  ])('from beside the configuration that rivet itself is given: %s %s', async (...config) => {
    mkdirSync(join(cwd, 'etl'))
    writeFileSync(join(cwd, 'etl/rivet.yaml'), '')
    putRuns(join(cwd, 'etl/.rivet_state.db'), ['orders_0'])
    const standsIn = `exec "${rivet}" run --config etl/rivet.yaml`
    mkdirSync(join(cwd, 'other'))
    const runIds: string[] = []
    for (const name of ['rivet', 'rivet.exe']) {
      const path = join(cwd, 'other', name)
      writeFileSync(path, `#!/bin/sh\n${standsIn}\n`, { mode: 0o755 })
      const args = ['--to', receiver.url, '--', path, 'run', ...config]
      const ended = await rivetOtelExec(args, { cwd })
      expect(ended).toMatchObject({ code: 0, stderr: '' })
      runIds.push(ended.stdout.trim())
    }
    expectExactly(receiver, runIds)
  })

  it('from where its own options say, whatever the command says', async () => {
    mkdirSync(join(cwd, 'etl'))
    writeFileSync(join(cwd, 'etl/rivet.yaml'), '')
    const run = ['--', 'sh', '-c', `"${rivet}" run -c etl/rivet.yaml`]
    const ended = await rivetOtelExec(['-c', 'etl/rivet.yaml', '--to', receiver.url, ...run], {
      cwd,
    })
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expectExactly(receiver, [ended.stdout.trim()])
  })

  it('and not those that were there before, of which one that changes is sent without a link', async () => {
    const file = join(cwd, '.rivet_state.db')
    putRuns(file, ['orders_0', 'orders_1'])
    const sql =
      "UPDATE run_journal SET finished_at = '2026-11-21T09:00:00Z' WHERE run_id = 'orders_1'"
    const python = `import sqlite3; c = sqlite3.connect('${file}'); c.execute("${sql}"); c.commit()`
    const args = ['--to', receiver.url, '--', 'python3', '-c', python]
    expect(await rivetOtelExec(args, { cwd })).toMatchObject({ code: 0, stderr: '' })
    expectExactly(receiver, ['orders_1'])
    expect(the('exec python3').links).toEqual([])
    expect(named('wrapper')).toEqual([])
  })

  it('also those that were killed, as soon as another one has noticed', async () => {
    const script = '"$0" run --killed; "$0" run'
    const args = ['--to', receiver.url, '--', 'sh', '-c', script, rivet]
    const { code, stdout } = await rivetOtelExec(args, { cwd })
    expect(code).toBe(0)
    const [killed = '', whole = ''] = lines(stdout)
    expectExactly(receiver, [whole])
    const { traceId, root } = interruptedIdsOf({ namespace: '', runId: killed })
    expect(idsIn(the('exec sh'))).toEqual([idsOf(whole), { traceId, spanId: root }])
    expect(named('export events_full').map((span) => span.traceId)).toContain(traceId)
  })

  it('and ends as its command was killed, of which no run is known yet', async () => {
    const args = ['--to', receiver.url, '--', rivet, 'run', '--killed']
    const ended = await rivetOtelExec(args, { cwd })
    expect(ended).toMatchObject({ signal: 'SIGKILL', stderr: '' })
    expect(the('exec rivet').attributes).toMatchObject({ 'rivet.exec.signal': 'SIGKILL' })
    expect(the('exec rivet').links).toEqual([])
  })

  it('and the loads that finished meanwhile, also where it left no run', async () => {
    const { stdout: before } = await rivetOtelExec(['--dry-run', '--', rivet, 'run'], { cwd })
    const file = join(cwd, '.rivet_state.db')
    const old = '2026-11-20T09:00:00+00:00'
    changing(file, (db) => putLoad(db, 'old', { finished_at: old }))
    const args = ['--to', receiver.url, '--', 'python3', '-c', LOAD, before.trim()]
    expect(await rivetOtelExec(args, { cwd })).toMatchObject({ code: 0, stderr: '', stdout: '' })
    expect(the('load orders').attributes).toMatchObject({ 'rivet.load.id': 'new' })
    expect(the('exec python3').links).toEqual([])
    expect(named('export events_full')).toEqual([])

    const told = await rivetOtelExec(['--dry-run', ...args], { cwd })
    expect(told.stderr).toMatch(
      /^rivet-otel: there already {2}load new {2}trace .*\n.* exec python3 .*\n$/,
    )
  })

  it('once: the next export has nothing to send', async () => {
    await rivetOtelExec(['--to', receiver.url, '--join', '--', rivet, 'run'], { cwd })
    const before = receiver.taken.length
    const next = await rivetOtel(['export', '--to', receiver.url], { cwd })
    expect(next).toMatchObject({ code: 0, stderr: '' })
    expect(next.stdout).toContain('runs: 0 sent, 1 there already')
    expect(receiver.taken).toHaveLength(before)
  })

  it('and with --dry-run says what it would send, and sends nothing', async () => {
    const args = ['--dry-run', '--to', receiver.url, '--', rivet, 'run', '--exit', '4']
    const { code, stdout, stderr } = await rivetOtelExec(args, { cwd })
    expect(code).toBe(4)
    const { traceId } = idsOf(stdout.trim())
    expect(lines(stderr)).toEqual([
      `rivet-otel: to send  ${stdout.trim()}  trace ${traceId}  1 span`,
      expect.stringMatching(/^rivet-otel: to send {2}exec rivet {2}trace [0-9a-f]{32} {2}1 link$/),
    ])
    expect(receiver.requests).toEqual([])
  })

  it('and tells nobody with which arguments the command was run', async () => {
    const to = join(cwd, 'traces.otlp.jsonl')
    const script = '"$0" run; exit 9'
    const args = ['--to', to, '--', '/bin/sh', '-c', script, rivet, 's3cret-argument']
    const { stderr } = await rivetOtelExec(args, { cwd })
    expect(stderr).toBe('')
    const sent = readFileSync(to, 'utf8')
    expect(sent).toContain('exec sh')
    for (const word of ['s3cret', '/bin/sh', 'exit 9']) expect(sent).not.toContain(word)
  })
})
