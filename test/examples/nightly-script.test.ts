/** examples/nightly.sh as a process: where its spans are, and that each side leads to the other. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openOtlpJsonFile } from '../../src/backends/otlp-file.js'
import { stringifyJournal } from '../../src/journal/codec.js'
import { spanIdsOf, traceIdOf } from '../../src/mapping/ids.js'
import { JournalAssembler } from '../../src/mapping/trace-to-journal.js'
import { openSqliteSource } from '../../src/sources/sqlite.js'
import type { ReceivedSpan, Span } from '../../src/trace/trace.js'
import { type Finished, temporaryFolder } from '../e2e/command-line.js'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'

const SCRIPT = fileURLToPath(new URL('../../examples/nightly.sh', import.meta.url))
const STAND_IN = fileURLToPath(new URL('../../examples/stand-in-for-rivet.mjs', import.meta.url))
/** As `otel-cli exec` 0.4 gives it to its command. */
const TRACE = '2e3b08a6e1af703fc1da2aabf3c07de3'
const OUTER = '622bb0e6fd3352ab'
const TRACEPARENT = `00-${TRACE}-${OUTER}-01`
const hasShell = process.platform !== 'win32'
if (!hasShell) console.log('UNCHECKED: examples/nightly.sh, which needs a POSIX shell')

let folder: string
let receiver: OtlpReceiver

beforeEach(async () => {
  folder = temporaryFolder()
  // The shell takes RIVET apart at blanks, which the checkout's folder may have.
  symlinkSync(STAND_IN, join(folder, 'rivet.mjs'))
  receiver = await OtlpReceiver.start()
})
afterEach(() => receiver.close())

/** Runs the script in a folder of its own, with a stand-in for rivet there. */
function nightly(env: Record<string, string>, ...args: string[]): Promise<Finished> {
  const PATH = [dirname(process.execPath), process.env.PATH].join(delimiter)
  return new Promise((resolve, reject) => {
    const child = spawn('sh', [SCRIPT, ...args], {
      cwd: folder,
      env: { PATH, RIVET: 'node rivet.mjs run', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** What the script left: in its file, or at the receiver that it was told of. */
async function spansIn(place: Place): Promise<ReceivedSpan[]> {
  if (place === 'the endpoint') return receiver.taken
  const spans: ReceivedSpan[] = []
  for await (const item of openOtlpJsonFile(join(folder, 'rivet-traces.otlp.jsonl')).spans()) {
    if (item.kind === 'problem') throw new Error(`${item.where}: ${item.problem}`)
    spans.push(item.received)
  }
  return spans
}

type Place = 'the file' | 'the endpoint'

/** Runs the script, and gives the spans that must be there: of the wrapper, and of the run's root. */
async function nightlySpans(place: Place, env: Record<string, string>, ...args: string[]) {
  const to = place === 'the file' ? env : { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  const { code, stdout, stderr } = await nightly(to, ...args)
  expect({ code, stderr }).toMatchObject({ code: 0 })
  const [, runId = ''] = /stand-in for rivet: (\S+) is in/.exec(stdout) ?? []
  expect(stdout).toContain(`${runId}\ntrace ${computed(runId).traceId}\n`)
  const received = await spansIn(place)
  const named = (name: string): Span[] =>
    received.map(({ span }) => span).filter((span) => span.name === name)

  const assembler = new JournalAssembler()
  for (const span of received) assembler.add(span)
  const [run, ...otherRuns] = assembler.finish()
  expect(run).toMatchObject({ runId, status: 'exact' })
  expect(otherRuns).toEqual([])

  const [root, ...otherRoots] = named('export orders')
  expect(root?.spanId).toBe(computed(runId).spanId)
  expect(otherRoots).toEqual([])
  const wrappers = named('exec node')
  expect(wrappers.length).toBeLessThan(2)
  return { stdout, runId, root, wrapper: wrappers[0], named }
}

/** Where the root of a run is, by its run_id alone. */
function computed(runId: string) {
  const key = { namespace: '', runId, page: 0, revision: 0 }
  return { traceId: traceIdOf(key), spanId: spanIdsOf(key).root }
}

/** The place of a span, as a link to it says it. */
function placeOf(span: Span | undefined) {
  if (span === undefined) throw new Error('there is no such span')
  return { traceId: span.traceId, spanId: span.spanId }
}

/** A place as the script prints it. */
function printed({ traceId, spanId }: { traceId: string; spanId: string }): string {
  return `"traceId":"${traceId}","spanId":"${spanId}"`
}

describe.skipIf(!hasShell)('nightly.sh', () => {
  it('begins a trace alone, with links there and back, and the journal comes back to the letter', async () => {
    const { stdout, runId, root, wrapper, named } = await nightlySpans('the file', {})
    expect(wrapper).not.toHaveProperty('parentSpanId')
    expect(root?.traceId).toBe(computed(runId).traceId)
    expect(wrapper?.traceId).not.toBe(root?.traceId)
    expect(wrapper?.links).toMatchObject([placeOf(root)])
    expect(named('wrapper')).toMatchObject([{ traceId: root?.traceId, links: [placeOf(wrapper)] }])
    const back = stdout.slice(stdout.indexOf('From the wrapper'))
    expect(back).toContain(`From the wrapper to the run:\n${printed(placeOf(root))}\n`)
    expect(back).toContain(
      `From the run to the wrapper, in the trace above:\n${printed(placeOf(wrapper))}\n`,
    )

    const source = await openSqliteSource(join(folder, '.rivet_state.db'))
    const written: string[] = []
    for await (const item of source.read({})) {
      if (item.kind === 'journal') written.push(`${stringifyJournal(item.journal)}\n`)
    }
    await source.close()
    expect(written).toHaveLength(1)
    expect(readFileSync(join(folder, `${runId}.jsonl`), 'utf8')).toBe(written[0])
  })

  it.each<Place>(['the file', 'the endpoint'])(
    'hangs the wrapper below the span that TRACEPARENT names, the run linked: in %s',
    async (place) => {
      const { runId, root, wrapper, named } = await nightlySpans(place, { TRACEPARENT })
      expect(wrapper).toMatchObject({ traceId: TRACE, parentSpanId: OUTER })
      expect(root?.traceId).toBe(computed(runId).traceId)
      expect(root).not.toHaveProperty('parentSpanId')
      expect(wrapper?.links).toMatchObject([placeOf(root)])
      expect(named('wrapper')).toMatchObject([
        { traceId: root?.traceId, links: [placeOf(wrapper)] },
      ])
    },
  )

  it.each<Place>(['the file', 'the endpoint'])(
    'puts the run into the trace of TRACEPARENT with --join, and a signpost where it is looked for: in %s',
    async (place) => {
      const { stdout, runId, root, wrapper, named } = await nightlySpans(
        place,
        { TRACEPARENT },
        '--join',
      )
      expect(wrapper).toMatchObject({ traceId: TRACE, parentSpanId: OUTER })
      expect(root).toMatchObject({ traceId: TRACE, parentSpanId: wrapper?.spanId })
      expect(named('chunk').map(({ traceId }) => traceId)).toEqual([TRACE, TRACE])
      expect(named('wrapper')).toEqual([])
      expect(named('signpost')).toMatchObject([
        { traceId: computed(runId).traceId, links: [placeOf(root)] },
      ])
      if (place === 'the file') expect(stdout).toContain(`to it:\n${printed(placeOf(root))}\n`)
    },
  )

  it('sends the run without links where the span that TRACEPARENT names is not recorded', async () => {
    const unsampled = TRACEPARENT.replace(/01$/, '00')
    const { wrapper, named } = await nightlySpans('the endpoint', { TRACEPARENT: unsampled })
    expect(wrapper).toBeUndefined()
    expect(named('wrapper')).toEqual([])
  })

  it('runs as it stands, with a stand-in that says so, in a new folder', async () => {
    const temporary = temporaryFolder()
    const { code, stdout } = await nightly({ RIVET: '', TMPDIR: temporary })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^stand-in for rivet: orders_\S+ is in the state database$/m)
    expect(readdirSync(temporary)).toHaveLength(1)
    expect(readdirSync(folder)).toEqual(['rivet.mjs'])
  })

  it('ends as the command did, and shows nothing more, where that fails', async () => {
    const { code, stdout } = await nightly({ RIVET: 'false' })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  })
})
