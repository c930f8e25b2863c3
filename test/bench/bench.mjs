// The benchmark suite, `npm run bench`: measures this project on this machine and says whether it holds what it promises.
// What is compared, how and why: docs/performance.md. Not a test: test/bench/ratios.test.ts is, with small data and wide margins.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endChildren } from './child.mjs'
import { machineLine, thisMachine } from './machine.mjs'
import { HELP, readOptions } from './options.mjs'
import { rowHolds } from './result.mjs'
import { printedPart } from './table.mjs'

/**
 * @typedef {object} Bench What every part is given.
 * @property {string} folder For its files; removed at the end.
 * @property {number} runs How many rounds.
 * @property {boolean} isQuick
 * @property {boolean} isFull
 * @property {(message: string) => void} tell Where it is; shown on a terminal.
 *
 * @typedef {import('./result.mjs').PartResult} PartResult
 */

/** @type {Record<import('./options.mjs').PartName, () => Promise<(bench: Bench) => Promise<PartResult>>>} */
const PARTS = {
  export: async () => (await import('./parts/export.mjs')).benchExport,
  import: async () => (await import('./parts/import.mjs')).benchImport,
  scale: async () => (await import('./parts/scale.mjs')).benchScale,
  queries: async () => (await import('./parts/queries.mjs')).benchQueries,
  start: async () => (await import('./parts/start.mjs')).benchStart,
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
  const bench = { folder, ...given, tell }
  /** @type {PartResult[]} */
  const results = []
  for (const part of parts) {
    const run = await PARTS[part]()
    const result = await run(bench)
    tell('')
    console.log(printedPart(result))
    results.push(result)
    if (json !== undefined)
      writeFileSync(json, `${JSON.stringify({ machine, ...given, results }, undefined, 1)}\n`)
  }
  return verdict(results)
}

/** @param {unknown} error @returns {number} */
function broken(error) {
  tell('')
  console.error(`bench: ${error instanceof Error ? error.message : error}`)
  return 2
}

/** @param {readonly PartResult[]} results @returns {number} */
function verdict(results) {
  const missed = results.flatMap(({ part, tables }) =>
    tables.flatMap(({ title, rows }) =>
      rows.filter((row) => rowHolds(row) === false).map(({ name }) => `${part}: ${title}: ${name}`),
    ),
  )
  console.log(
    missed.length === 0
      ? '\nAll goals hold.'
      : `\nGoals that do not hold:\n  ${missed.join('\n  ')}`,
  )
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
