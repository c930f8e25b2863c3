// The command line of the suite.
import { parseArgs } from 'node:util'

/** The parts, in the order in which they run. */
export const PARTS = /** @type {const} */ (['export', 'import', 'scale', 'queries', 'start'])

/**
 * @typedef {typeof PARTS[number]} PartName
 * @typedef {{ parts: PartName[], runs: number, isQuick: boolean, isFull: boolean, json: string | undefined, isHelp: boolean }} Options
 */

export const HELP = `Usage: npm run bench -- [parts] [options]

Measures this project against the plain OpenTelemetry SDK loop and against the least that any
program could do, on this machine. Needs no network: data, servers and files are made here, and
removed at the end. Exit code 1 where a goal does not hold.

Parts (default: all):
  export    journals to an OTLP endpoint, against the SDK loop and the floor
  import    OTLP JSON to journals, against JSON.parse of the same text
  scale     10,000 to 1,000,000 entries: time and peak memory
  queries   runs, show and watch on state databases of 100 and 100,000 runs
  start     --version, --help and show, against node -e 0

Options:
  --runs <n>      rounds (default 5); contenders take turns, no round is left out
  --quick         small data and 3 rounds: does it run? The ratios say little
  --full          scale goes on to 10,000,000 entries: minutes, and some GB of disk
  --json <file>   also write everything, each round too, as JSON
  --help          print this`

/**
 * @param {readonly string[]} args
 * @returns {Options}
 * @throws {Error} for what it does not know.
 */
export function readOptions(args) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      runs: { type: 'string' },
      quick: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const unknown = positionals.find((name) => !PARTS.some((part) => part === name))
  if (unknown !== undefined)
    throw new Error(`no part is called ${unknown}; there are ${PARTS.join(', ')}`)
  const runs = Number(values.runs ?? (values.quick ? 3 : 5))
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`--runs: expected 1 or more, got ${values.runs}`)
  return {
    parts: PARTS.filter((part) => positionals.length === 0 || positionals.includes(part)),
    runs,
    isQuick: values.quick,
    isFull: values.full,
    json: values.json,
    isHelp: values.help,
  }
}
