// Part export: journals to an OTLP endpoint, by this project, by the plain SDK loop, and by the least that any program could do.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { checkSpans } from '../check-spans.mjs'
import { COMMAND, exporters, FLOOR, LIBRARY, SDK, WITH_LEDGER } from '../contenders/exporting.mjs'
import { writeJournals } from '../journal-file.mjs'
import { readBodies } from '../otlp-bodies.mjs'
import { timesAsFast, timesAsLong } from '../result.mjs'
import { measureByTurns } from '../rounds.mjs'
import { SinkProcess } from '../sink-process.mjs'

/**
 * @typedef {import('../bench.mjs').Bench} Bench
 * @typedef {import('../contenders/exporting.mjs').Wire} Wire
 * @typedef {import('../journal-file.mjs').JournalFile} JournalFile
 * @typedef {import('../journal-shapes.mjs').Shape} Shape
 * @typedef {import('../result.mjs').Table} Table
 * @typedef {import('../rounds.mjs').Contender} Contender
 * @typedef {import('../rounds.mjs').Measurement} Measurement
 */

const GOALS = {
  'http/protobuf': { sdk: { atLeast: 3 }, floor: { atMost: 2.5 } },
  'http/json': { sdk: { atLeast: 2 }, floor: { atMost: 2.5 } },
}

/** @type {Wire} */
const PLAIN = { protocol: 'http/protobuf', compression: 'none' }
/** @type {readonly Wire[]} */
const WIRES = [
  PLAIN,
  { protocol: 'http/protobuf', compression: 'gzip' },
  { protocol: 'http/json', compression: 'none' },
  { protocol: 'http/json', compression: 'gzip' },
]
/** @type {readonly Shape[]} */
const OTHER_SHAPES = ['parallel', 'files', 'long-sql', 'troubled', 'non-ascii']

export { ABOUT } from '../contenders/exporting.mjs'

/** @param {Bench} bench @returns {AsyncGenerator<Table>} */
export async function* measure(bench) {
  const sink = await SinkProcess.start()
  const chunked = await data(bench, ['chunked'], { runs: 500, size: 200 })
  for (const wire of WIRES) yield await compare(bench, sink, chunked, wire, ALL)
  const year = await data(bench, ['chunked'], { runs: 2000, size: 200, name: 'chunked-year' })
  for (const protocol of /** @type {const} */ (['http/protobuf', 'http/json']))
    yield await compare(bench, sink, year, { ...PLAIN, protocol }, THREE)
  for (const shape of OTHER_SHAPES) {
    const many =
      shape === 'long-sql'
        ? { runs: 2000, size: 10 }
        : { runs: shape === 'parallel' || shape === 'files' ? 1000 : 500, size: 200 }
    yield await compare(bench, sink, await data(bench, [shape], many), PLAIN, THREE)
  }
  const mixed = await data(bench, ['chunked', ...OTHER_SHAPES], {
    runs: 600,
    size: 150,
    name: 'mixed',
  })
  yield await compare(bench, sink, mixed, PLAIN, THREE)
  sink.stop()
}

const THREE = [LIBRARY, SDK, FLOOR]
const ALL = [LIBRARY, COMMAND, WITH_LEDGER, SDK, FLOOR]

/**
 * @param {Bench} bench
 * @param {readonly Shape[]} shapes
 * @param {{ runs: number, size: number, name?: string }} many
 */
async function data({ folder, isQuick, tell }, shapes, { runs, size, name = String(shapes[0]) }) {
  tell(`making journals: ${name}`)
  const path = join(folder, `export-${name}.jsonl`)
  const many = isQuick ? Math.ceil(runs / 20) : runs
  return { name, ...(await writeJournals(path, { shapes, runs: many, size })) }
}

/**
 * @param {Bench} bench
 * @param {SinkProcess} sink
 * @param {JournalFile & { name: string }} file
 * @param {Wire} wire
 * @param {readonly string[]} names
 * @returns {Promise<Table>}
 */
async function compare({ folder, runs, tell }, sink, file, wire, names) {
  const bodies = join(folder, 'bodies')
  const title = titleOf(file, wire)
  const task = { journals: file.path, endpoint: sink.url, wire, bodies, folder }
  const contenders = exporters(task).filter(({ name }) => names.includes(name))
  const expected = new Map()
  // The library is the last to be checked: the bodies that are left are the floor's.
  for (const { name, run } of contenders.toReversed()) {
    if (name === FLOOR) continue
    tell(`${title}: checking ${name}`)
    expected.set(name, await check(name, file, wire, bodies, () => sink.during(run, bodies)))
  }
  expected.set(FLOOR, expected.get(LIBRARY))
  const counted = contenders.map((contender) => watched(contender, sink, expected, wire))
  const measured = await measureByTurns(counted, runs, (where) => tell(`${title}: ${where}`))
  rmSync(bodies, { recursive: true, force: true })
  return tableOf(title, file, measured, GOALS[wire.protocol])
}

/**
 * Whether a contender sends all that the journals say, in a round that is not timed.
 *
 * @param {string} name
 * @param {JournalFile} file
 * @param {Wire} wire
 * @param {string} bodies
 * @param {() => Promise<unknown>} send
 * @returns {Promise<number>} The bytes that came, unpacked.
 */
async function check(name, file, { protocol }, bodies, send) {
  rmSync(bodies, { recursive: true, force: true })
  await send()
  const runIds = file.samples.map(({ run_id }) => run_id)
  const received = readBodies(bodies, protocol, runIds)
  checkSpans(name, file, received)
  return received.bytes
}

/**
 * A contender whose rounds count only where as many bytes came as in the round that was checked.
 *
 * @param {Contender} contender
 * @param {SinkProcess} sink
 * @param {Map<string, number>} expected
 * @param {Wire} wire
 * @returns {Contender}
 */
function watched({ name, run }, sink, expected, { compression }) {
  return {
    name,
    run: async () => {
      const { done, received } = await sink.during(run)
      const share = received.bytes / (expected.get(name) ?? 0)
      const isAll = compression === 'gzip' ? share > 0.01 : Math.abs(share - 1) < 0.02
      if (!isAll) throw new Error(`${name}: ${received.bytes} bytes came in a timed round`)
      return { ...done, ...received }
    },
  }
}

/** @param {JournalFile & { name: string }} file @param {Wire} wire */
function titleOf({ name, runs, entries, bytes }, { protocol, compression }) {
  const counts = `${runs.toLocaleString('en')} runs, ${entries.toLocaleString('en')} entries`
  const packed = compression === 'gzip' ? ', gzip' : ''
  return `${name}, ${protocol}${packed}: ${counts}, ${Math.round(bytes / 1e6)} MB`
}

/**
 * @param {string} title
 * @param {JournalFile} file
 * @param {Map<string, Measurement[]>} measured
 * @param {{ sdk: { atLeast: number }, floor: { atMost: number } }} goals
 * @returns {Table}
 */
function tableOf(title, { entries }, measured, goals) {
  const of = (/** @type {string} */ name) => measured.get(name) ?? []
  const ratios = new Map([
    [SDK, timesAsFast(of(LIBRARY), of(SDK), goals.sdk)],
    [FLOOR, timesAsLong(of(LIBRARY), of(FLOOR), goals.floor)],
  ])
  const rows = [...measured].map(([name, rounds]) => {
    const ratio = ratios.get(name)
    return { name, rounds, entries, ...(ratio !== undefined && { ratio }) }
  })
  const notes = [COMMAND, WITH_LEDGER]
    .filter((name) => measured.has(name))
    .map((name) => {
      const fast = timesAsFast(of(name), of(SDK), { by: 'wallMs' }).value.toFixed(2)
      const long = timesAsLong(of(name), of(FLOOR), { by: 'wallMs' }).value.toFixed(2)
      return `Whole processes: ${name} is ${fast}× as fast as the SDK loop, and takes ${long}× as long as the floor.`
    })
  return { title, ratioTitle: 'the library is', rows, notes }
}
