// How the contenders are started: programs of this folder, which print what they measured, and the command itself.
import { fileURLToPath } from 'node:url'
import { runNode, timeNode } from '../child.mjs'

/** @typedef {import('../rounds.mjs').Measurement} Measurement */

/** The command, as it is installed. */
export const COMMAND = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url))

const ALONE = fileURLToPath(new URL('alone.mjs', import.meta.url))
const SIDE_BY_SIDE = fileURLToPath(new URL('side-by-side.mjs', import.meta.url))

/**
 * Runs a contender of this folder in a process of its own; its time is what it measured itself.
 *
 * @param {string} name Its file, without `.mjs`.
 * @param {Record<string, unknown>} settings
 * @returns {Promise<Measurement>}
 */
export async function runContender(name, settings) {
  const { stdout, stderr, ...used } = await runNode(ALONE, [name, JSON.stringify(settings)])
  if (stderr !== '') throw new Error(`${name}: ${stderr}`)
  return { ...used, ...JSON.parse(stdout) }
}

/**
 * Runs contenders of this folder by turns in one process, after a warm-up.
 *
 * @param {readonly (readonly [string, Record<string, unknown>])[]} contenders Their files, without `.mjs`, and settings.
 * @param {number} rounds
 * @returns {Promise<Record<string, number[]>>} The ms of each round, by name.
 */
export async function runSideBySide(contenders, rounds) {
  const { stdout } = await runNode(SIDE_BY_SIDE, [JSON.stringify(contenders), String(rounds)])
  return JSON.parse(stdout)
}

/**
 * Runs the command; its time is that of the whole process.
 *
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {Promise<Measurement>}
 */
export async function runCommand(args, cwd) {
  const { wallMs, cpuMs, peakBytes } = await runNode(COMMAND, args, { cwd })
  return { ms: wallMs, wallMs, cpuMs, peakBytes }
}

/**
 * Runs Node with nothing loaded into it that measures; only its time is known.
 *
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {Promise<Measurement>}
 */
export async function runBare(args, cwd) {
  const ms = await timeNode(args, cwd)
  return { ms, wallMs: ms, cpuMs: Number.NaN, peakBytes: Number.NaN }
}
