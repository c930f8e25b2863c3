// Part start: how long the command takes for what takes no time, against a Node that does nothing.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { COMMAND, runBare } from '../contenders/programs.mjs'
import { timesAsLong } from '../result.mjs'
import { measureByTurns } from '../rounds.mjs'

const EXAMPLE = fileURLToPath(new URL('../../../examples/shop.rivet_state.db', import.meta.url))
const NODE = 'node -e 0'
const LEAST_ROUNDS = 15

/** What is started, and how many times as long as `node -e 0` it may take. @type {Record<string, [number, ...string[]]>} */
const COMMANDS = {
  'rivet-otel --version': [1.4, '--version'],
  'rivet-otel --help': [1.4, '--help'],
  'rivet-otel show': [2.5, 'show', 'orders_20261121T085339.134_11188', '--from', 'state.db'],
}

export const ABOUT = ['Whole processes, with nothing loaded into them that measures.']

/** @param {import('../bench.mjs').Bench} bench @returns {AsyncGenerator<import('../result.mjs').Table>} */
export async function* measure({ folder, runs, tell }) {
  copyFileSync(EXAMPLE, join(folder, 'state.db'))
  const contenders = Object.entries(COMMANDS).map(([name, [, ...args]]) => ({
    name,
    run: () => runBare([COMMAND, ...args], folder),
  }))
  contenders.unshift({ name: NODE, run: () => runBare(['-e', '0'], folder) })
  const measured = await measureByTurns(contenders, Math.max(runs, LEAST_ROUNDS), (where) =>
    tell(`start: ${where}`),
  )
  const nothing = measured.get(NODE) ?? []
  const rows = [...measured].map(([name, rounds]) => {
    const atMost = COMMANDS[name]?.[0]
    if (atMost === undefined) return { name, rounds }
    return { name, rounds, ratio: timesAsLong(rounds, nothing, { atMost }) }
  })
  const title = 'start of the command; show is of one run of examples/shop.rivet_state.db'
  yield { title, ratioTitle: `against ${NODE}`, rows }
}
