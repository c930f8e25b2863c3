// Part queries: what people ask of a state database, of a small one and of one with very many runs; and a watcher beside it.
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../contenders/programs.mjs'
import { timesAsLong } from '../result.mjs'
import { measureByTurns } from '../rounds.mjs'
import { SinkProcess } from '../sink-process.mjs'
import { addRun, openToWrite, stateRun, writeStateDatabase } from '../state-database.mjs'
import { cpuOfWatch } from '../watcher.mjs'

/**
 * @typedef {import('../bench.mjs').Bench} Bench
 * @typedef {import('../result.mjs').Table} Table
 * @typedef {{ path: string, runs: number, megabytes: number, runId: string }} Database
 */

const CHUNKS = 60
const FEW = 100
const [MANY, MANY_QUICK] = [100_000, 2_000]
const AT_MOST = 2
const WATCH = { settleMs: 10_000, measureMs: 20_000 }
const WATCH_PERCENT = 1

export const ABOUT = [
  `The command on SQLite state databases with rivet's tables and indexes, runs of ${CHUNKS} chunks.`,
  'show RUN_ID asks for a run from the middle. Whole processes.',
  'On Node 20, whose SQLite package takes no file: URLs, one that nobody has open is copied first.',
]

/** @param {Bench} bench @returns {AsyncGenerator<Table>} */
export async function* measure(bench) {
  const few = await makeDatabase(bench, FEW)
  const many = await makeDatabase(bench, bench.isQuick ? MANY_QUICK : MANY)
  yield await queries(bench, few, many, 'nobody has it open')
  const writers = [await openAndWrite(few), await openAndWrite(many)]
  yield await queries(bench, few, many, 'a writer has it open')
  yield await watching(bench, many)
  for (const writer of writers) writer.close()
  for (const { path } of [few, many]) rmSync(path, { force: true })
}

/** As a rivet that is at work: a run was added, and the database stays open. @param {Database} database */
async function openAndWrite({ path, runs }) {
  const writer = await openToWrite(path)
  addRun(writer, stateRun(runs, { runs: runs + 1, chunks: CHUNKS }))
  return writer
}

/** @param {Bench} bench @param {number} runs @returns {Promise<Database>} */
async function makeDatabase({ folder, tell }, runs) {
  tell(`queries: making a state database of ${runs} runs`)
  const path = join(folder, `state-${runs}.db`)
  const options = { runs, chunks: CHUNKS }
  await writeStateDatabase(path, options)
  const { runId } = stateRun(runs >> 1, options)
  return { path, runs, megabytes: Math.round(statSync(path).size / 1e6), runId }
}

/**
 * @param {Bench} bench
 * @param {Database} few
 * @param {Database} many
 * @param {string} state
 * @returns {Promise<Table>}
 */
async function queries({ folder, runs, tell }, few, many, state) {
  /** @type {[string, (database: Database) => string[]][]} */
  const asked = [
    ['runs --last 20', () => ['runs', '--last', '20']],
    ['show RUN_ID', ({ runId }) => ['show', runId]],
    ['show @latest', () => ['show', '@latest']],
  ]
  const contenders = asked.flatMap(([name, argsFor]) =>
    [few, many].map((database) => ({
      name: nameOf(name, database),
      run: () => runCommand([...argsFor(database), '--from', database.path], folder),
    })),
  )
  const measured = await measureByTurns(contenders, runs, (where) =>
    tell(`queries, ${state}: ${where}`),
  )
  const of = (/** @type {string} */ name) => measured.get(name) ?? []
  const rows = asked.flatMap(([name]) => {
    const [small, large] = [of(nameOf(name, few)), of(nameOf(name, many))]
    return [
      { name: nameOf(name, few), rounds: small },
      {
        name: nameOf(name, many),
        rounds: large,
        ratio: timesAsLong(large, small, { atMost: AT_MOST }),
      },
    ]
  })
  const title = `a state database of ${few.megabytes} MB and one of ${many.megabytes} MB, ${state}`
  return { title, ratioTitle: `against ${FEW} runs`, rows }
}

/** @param {string} query @param {Database} database */
function nameOf(query, { runs }) {
  return `${query}, ${runs.toLocaleString('en')} runs`
}

/** @param {Bench} bench @param {Database} many @returns {Promise<Table>} */
async function watching({ folder, tell }, many) {
  tell('queries: watch, half a minute')
  const sink = await SinkProcess.start()
  const used = await cpuOfWatch({ from: many.path, to: sink.url, cwd: folder, ...WATCH })
  sink.stop()
  const value = (100 * used.cpuMs) / used.wallMs
  const rounds = [{ ms: used.wallMs, peakBytes: Number.NaN, ...used }]
  const ratio = { value, unit: /** @type {const} */ (' % of a core'), atMost: WATCH_PERCENT }
  const title = `watch, every 5 s, without news, after ${WATCH.settleMs / 1000} s`
  return { title, ratioTitle: 'it takes', rows: [{ name: nameOf('watch', many), rounds, ratio }] }
}
