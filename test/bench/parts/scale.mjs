// Part scale: ten times the input takes ten times as long, and memory that does not grow with it.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../contenders/programs.mjs'
import { writeJournals } from '../journal-file.mjs'
import { mediansAsLong } from '../result.mjs'
import { measureByTurns } from '../rounds.mjs'
import { sameFile } from '../same-file.mjs'
import { SinkProcess } from '../sink-process.mjs'

/**
 * @typedef {import('../bench.mjs').Bench} Bench
 * @typedef {import('../journal-file.mjs').JournalFile} JournalFile
 * @typedef {import('../result.mjs').Table} Table
 * @typedef {import('../rounds.mjs').Contender} Contender
 * @typedef {{ name: string, file: JournalFile, traces: string, back: string }} Load
 */

const ENTRIES_OF_A_RUN = 400
const MOST_ROUNDS = 3
const ALONE = 10_000_000
const [TIMES, TIME_AT_MOST] = [10, 11]
const PEAK_OF_MANY = 200e6
const PEAK_OF_HUGE = 8

export const ABOUT = [
  'The command, the whole process: journals of 400 entries each, ten times as many each time; then one huge journal.',
  'What is imported is compared with what was exported, byte for byte.',
]

/** @param {Bench} bench @returns {AsyncGenerator<Table>} */
export async function* measure(bench) {
  const sink = await SinkProcess.start()
  const { isQuick, isFull } = bench
  const sizes = [10_000, 100_000, ...(isQuick ? [] : [1_000_000]), ...(isFull ? [ALONE] : [])]
  /** @type {Load[]} */
  const loads = []
  for (const entries of sizes) loads.push(await makeLoad(bench, entries, ENTRIES_OF_A_RUN))
  for (const [title, argsFor] of directions(sink)) {
    yield await grow(bench, title, loads, argsFor)
  }
  for (const load of loads) await checkAndRemove(load)
  yield await huge(bench, sink, isQuick ? 100_000 : 1_000_000)
  sink.stop()
}

/**
 * The three ways, in an order in which each finds what it needs.
 *
 * @param {SinkProcess} sink
 * @returns {[string, (load: Load) => string[]][]}
 */
function directions(sink) {
  const fast = ['--no-ledger', '--max-traces-per-second', '1000000']
  return [
    [
      'export to an endpoint',
      ({ file }) => ['export', '--all', '--from', file.path, '--to', sink.url, ...fast],
    ],
    [
      'export to a file',
      ({ file, traces }) => ['export', '--all', '--from', file.path, '--to', traces],
    ],
    [
      'import from a file',
      ({ traces, back }) => ['import', '--from', traces, '--to', back, '--force'],
    ],
  ]
}

/** @param {Bench} bench @param {number} entries @param {number} ofARun @returns {Promise<Load>} */
async function makeLoad({ folder, tell }, entries, ofARun) {
  const name = `${entries.toLocaleString('en')} entries`
  tell(`scale: making journals of ${name}`)
  const path = join(folder, `scale-${entries}-${ofARun}`)
  // Of a run two entries are its plan and its end, and two make a chunk.
  const many = { runs: entries / ofARun, size: (ofARun - 2) / 2 }
  const file = await writeJournals(`${path}.jsonl`, { shapes: ['chunked'], ...many })
  return { name, file, traces: `${path}.otlp.jsonl`, back: `${path}-back.jsonl` }
}

/**
 * @param {Bench} bench
 * @param {string} title
 * @param {readonly Load[]} loads
 * @param {(load: Load) => string[]} argsFor
 * @returns {Promise<Table>}
 */
async function grow(bench, title, loads, argsFor) {
  const tell = (/** @type {string} */ where) => bench.tell(`scale: ${title}: ${where}`)
  const contenders = loads.map((load) => contender(load, argsFor(load), bench.folder))
  const rounds = Math.min(bench.runs, MOST_ROUNDS)
  const isAlone = (/** @type {Load} */ { file }) => file.entries >= ALONE
  const together = contenders.filter((_, i) => !isAlone(/** @type {Load} */ (loads[i])))
  const alone = contenders.filter((one) => !together.includes(one))
  const measured = new Map([
    ...(await measureByTurns(together, rounds, tell)),
    ...(await measureByTurns(alone, 1, tell)),
  ])
  const rows = loads.map(({ name, file }, i) => {
    const own = measured.get(name) ?? []
    const row = { name, rounds: own, entries: file.entries, peakAtMost: PEAK_OF_MANY }
    const before = loads[i - 1]
    if (before === undefined) return row
    return { ...row, ratio: mediansAsLong(own, measured.get(before.name) ?? [], TIME_AT_MOST) }
  })
  return { title, ratioTitle: `for ${TIMES}× as many`, rows }
}

/** @param {Bench} bench @param {SinkProcess} sink @param {number} entries @returns {Promise<Table>} */
async function huge(bench, sink, entries) {
  const load = await makeLoad(bench, entries, entries)
  const rows = []
  for (const [name, argsFor] of directions(sink)) {
    bench.tell(`scale: one huge run: ${name}`)
    const rounds = [await contender(load, argsFor(load), bench.folder).run()]
    // Of a small one Node itself would be most.
    const goal = bench.isQuick ? {} : { peakAtMost: PEAK_OF_HUGE * load.file.bytes }
    rows.push({ name, rounds, entries, ...goal })
  }
  await checkAndRemove(load)
  const megabytes = Math.round(load.file.bytes / 1e6)
  const title = `one run of ${load.name}, ${megabytes} MB; its peak may be ${PEAK_OF_HUGE} times that`
  return { title, rows }
}

/** @param {Load} load @param {string[]} args @param {string} folder @returns {Contender} */
function contender({ name, traces }, args, folder) {
  return {
    name,
    run: () => {
      // An export adds to a file what it lacks.
      if (args.at(-1) === traces) rmSync(traces, { force: true })
      return runCommand(args, folder)
    },
  }
}

/** @param {Load} load */
async function checkAndRemove({ file, traces, back }) {
  await sameFile(file.path, back)
  for (const path of [file.path, traces, back]) rmSync(path)
}
