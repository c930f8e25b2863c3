// The benchmark suite, `npm run bench`: measures this project on this machine and says whether it holds what it promises.
// What is compared, how and why: docs/performance.md. Not a test: ratios.test.ts is, with small data and wide margins.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endChildren } from './child.mjs'
import { machineLine, thisMachine } from './machine.mjs'
import { HELP, readOptions } from './options.mjs'
import { rowHolds } from './result.mjs'
import { printedTable } from './table.mjs'

/**
 * @typedef {import('./result.mjs').Table} Table
 *
 * @typedef {object} Bench What every part is given.
 * @property {string} folder For its files; removed at the end.
 * @property {number} runs How many rounds.
 * @property {boolean} isQuick
 * @property {boolean} isFull
 * @property {(message: string) => void} tell Where it is; shown on a terminal.
 *
 * @typedef {object} Part A module of the folder `parts`.
 * @property {readonly string[]} ABOUT What is compared, a line each.
 * @property {(bench: Bench) => AsyncIterable<Table>} measure
 */

/** @type {Record<import('./options.mjs').PartName, () => Promise<Part>>} */
const PARTS = {
  export: () => import('./parts/export.mjs'),
  import: () => import('./parts/import.mjs'),
  scale: () => import('./parts/scale.mjs'),
  queries: () => import('./parts/queries.mjs'),
  start: () => import('./parts/start.mjs'),
}

const folder = mkdtempSync(join(tmpdir(), 'rivet-otel-bench-'))
process.on('exit', cleanUp)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130))
// A server that a part left running would keep this process alive.
process.exit(await main(process.argv.slice(2)).catch(broken))

/** @param {readonly string[]} args @returns {Promise<number>} The exit code. */
async function main(args) {
  const { parts, json, isHelp, ...given } = readOptions(args)
  if (isHelp) {
    console.log(HELP)
    return 0
  }
  const machine = thisMachine()
  console.log(machineLine(machine))
  if (given.isQuick)
    console.log('Small data: this shows that the suite runs; its ratios say little.')
  /** @type {{ part: string, tables: Table[] }[]} */
  const results = []
  for (const name of parts) {
    const { ABOUT, measure } = await PARTS[name]()
    console.log(['', name, ...ABOUT.map((line) => `  ${line}`)].join('\n'))
    /** @type {Table[]} */
    const tables = []
    results.push({ part: name, tables })
    for await (const table of measure({ folder, ...given, tell })) {
      tell('')
      console.log(printedTable(table))
      tables.push(table)
      if (json !== undefined) save(json, { machine, ...given, results })
    }
  }
  return given.isQuick ? 0 : verdict(results)
}

/** @param {string} path @param {unknown} all */
function save(path, all) {
  writeFileSync(path, `${JSON.stringify(all, undefined, 1)}\n`)
}

/** @param {unknown} error @returns {number} */
function broken(error) {
  tell('')
  console.error(`bench: ${error instanceof Error ? error.message : error}`)
  return 2
}

/** @param {readonly { part: string, tables: readonly Table[] }[]} results @returns {number} */
function verdict(results) {
  const missed = results.flatMap(({ part, tables }) =>
    tables.flatMap(({ title, rows }) =>
      rows.filter((row) => rowHolds(row) === false).map(({ name }) => `${part}: ${title}: ${name}`),
    ),
  )
  const list = missed.map((one) => `\n  ${one}`).join('')
  console.log(missed.length === 0 ? '\nAll goals hold.' : `\nGoals that do not hold:${list}`)
  return missed.length === 0 ? 0 : 1
}

/** One line that moves, on a terminal only. @param {string} message */
function tell(message) {
  if (!process.stderr.isTTY) return
  process.stderr.write(`\r\u001b[K${message.slice(0, (process.stderr.columns ?? 80) - 1)}`)
}

function cleanUp() {
  endChildren()
  rmSync(folder, { recursive: true, force: true })
}
