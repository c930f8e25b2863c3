// Part import: OTLP JSON becomes journals again, against JSON.parse of the same text.
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand, runContender } from '../contenders/programs.mjs'
import { writeJournals } from '../journal-file.mjs'
import { timesAsLong } from '../result.mjs'
import { measureByTurns } from '../rounds.mjs'
import { sameFile } from '../same-file.mjs'
import { SinkProcess } from '../sink-process.mjs'

/**
 * @typedef {import('../bench.mjs').Bench} Bench
 * @typedef {import('../journal-shapes.mjs').Shape} Shape
 * @typedef {import('../result.mjs').Table} Table
 */

const LIBRARY = 'rivet-otel, library'
const COMMAND = 'rivet-otel import'
const PROTOBUF = 'the same from protobuf'
const PARSE = 'JSON.parse'
const GOAL = { atMost: 2.5 }

export const ABOUT = [
  'A file of OTLP JSON lines, as `export` writes it, becomes journals again.',
  `${LIBRARY}: importRuns; every digest is checked, integers and nanoseconds are exact.`,
  `${COMMAND}: the command, the whole process; it writes the journals, which are those that were exported, byte for byte.`,
  `${PROTOBUF}: the library, from the requests that a receiver gets; for information.`,
  `${PARSE}: reads the file and gives each line to JSON.parse, nothing else.`,
]

/** @param {Bench} bench @returns {AsyncGenerator<Table>} */
export async function* measure(bench) {
  const sink = await SinkProcess.start()
  /** @type {readonly Shape[]} */
  const shapes = ['chunked', 'parallel', 'files', 'long-sql', 'troubled', 'non-ascii']
  yield await compare(bench, sink, 'chunked', ['chunked'], { runs: 500, size: 200 })
  yield await compare(bench, sink, 'mixed', shapes, { runs: 600, size: 150 })
  sink.stop()
}

/**
 * @param {Bench} bench
 * @param {SinkProcess} sink
 * @param {string} name
 * @param {readonly Shape[]} shapes
 * @param {{ runs: number, size: number }} many
 * @returns {Promise<Table>}
 */
async function compare({ folder, isQuick, runs, tell }, sink, name, shapes, many) {
  tell(`import: making traces: ${name}`)
  const journals = join(folder, `import-${name}.jsonl`)
  const count = isQuick ? Math.ceil(many.runs / 20) : many.runs
  const file = await writeJournals(journals, { shapes, runs: count, size: many.size })
  const [traces, back, bodies] = ['traces.otlp.jsonl', 'back.jsonl', 'bodies'].map((end) =>
    join(folder, `import-${name}-${end}`),
  )
  const sent = ['export', '--all', '--from', journals]
  await runCommand([...sent, '--to', String(traces)], folder)
  const toSink = [...sent, '--to', sink.url, '--no-ledger', '--max-traces-per-second', '1000000']
  await sink.during(() => runCommand(toSink, folder), bodies)

  const expected = file.runs
  const args = ['import', '--from', String(traces), '--to', String(back), '--force']
  const measured = await measureByTurns(
    [
      { name: LIBRARY, run: () => runContender('import-library', { traces, expected }) },
      { name: COMMAND, run: () => runCommand(args, folder) },
      { name: PROTOBUF, run: () => runContender('import-protobuf', { bodies, expected }) },
      { name: PARSE, run: () => runContender('json-parse', { traces }) },
    ],
    runs,
    (where) => tell(`import: ${name}: ${where}`),
  )
  await sameFile(journals, String(back))
  const megabytes = Math.round(statSync(String(traces)).size / 1e6)
  for (const path of [journals, traces, back, bodies]) rmSync(String(path), { recursive: true })

  const of = (/** @type {string} */ one) => measured.get(one) ?? []
  const ratios = new Map([
    [LIBRARY, timesAsLong(of(LIBRARY), of(PARSE), GOAL)],
    [COMMAND, timesAsLong(of(COMMAND), of(PARSE), { by: 'wallMs', ...GOAL })],
    [PROTOBUF, timesAsLong(of(PROTOBUF), of(PARSE))],
  ])
  const rows = [...measured].map(([row, rounds]) => {
    const ratio = ratios.get(row)
    return { name: row, rounds, entries: file.entries, ...(ratio !== undefined && { ratio }) }
  })
  const title = `${name}: ${file.runs} runs, ${file.entries.toLocaleString('en')} entries, ${megabytes} MB of OTLP JSON`
  const notes = [`${COMMAND} is compared as a whole process with the whole process of ${PARSE}.`]
  return { title, ratioTitle: 'against JSON.parse', rows, notes }
}
