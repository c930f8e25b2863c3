// Programs that the suite starts: each is watched to its end, ended by its id when the suite ends first, and tells what it used.
import { spawn } from 'node:child_process'
import { Readable } from 'node:stream'

const USAGE = new URL('process-usage.mjs', import.meta.url).href

/**
 * @typedef {object} Ended
 * @property {string} stdout
 * @property {string} stderr
 * @property {number} wallMs From the start of the process to its end.
 * @property {number} cpuMs User and system time.
 * @property {number} peakBytes The most memory that was resident.
 *
 * @typedef {{ cwd?: string, env?: Record<string, string>, nodeOptions?: readonly string[] }} Surroundings
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/**
 * Runs a program of Node to its end.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Surroundings} [surroundings]
 * @returns {Promise<Ended>}
 * @throws {Error} when it ends with another exit code than 0, with what it said.
 */
export async function runNode(program, args, { cwd, env, nodeOptions = [] } = {}) {
  const started = performance.now()
  const child = spawn(process.execPath, [...nodeOptions, '--import', USAGE, program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...cleanEnvironment(), ...env },
    ...(cwd !== undefined && { cwd }),
  })
  endWithUs(child)
  const [, stdout, stderr, usage] = child.stdio.map((stream) => textOf(stream))
  const code = await endOf(child)
  const wallMs = performance.now() - started
  const said = { stdout: (await stdout) ?? '', stderr: (await stderr) ?? '' }
  if (code !== 0)
    throw new Error(
      `${program} ${args.join(' ')}: ended with ${code}\n${said.stdout}${said.stderr}`,
    )
  return { ...said, wallMs, ...JSON.parse((await usage) || '{}') }
}

/**
 * Runs Node with nothing loaded into it, for its time alone: even a small module would count in a start.
 *
 * @param {readonly string[]} args
 * @param {string} [cwd]
 * @returns {Promise<number>} ms from the start of the process to its end.
 * @throws {Error} when it ends with another exit code than 0.
 */
export async function timeNode(args, cwd) {
  const started = performance.now()
  const options = { stdio: /** @type {const} */ ('ignore'), env: cleanEnvironment(), cwd }
  const code = await endOf(endWithUs(spawn(process.execPath, args, options)))
  const ms = performance.now() - started
  if (code !== 0) throw new Error(`node ${args.join(' ')}: ended with ${code}`)
  return ms
}

/**
 * Ends the child by its id when this process ends first.
 *
 * @template {import('node:child_process').ChildProcess} T
 * @param {T} child
 * @returns {T}
 */
export function endWithUs(child) {
  running.add(child)
  child.on('exit', () => running.delete(child))
  return child
}

/** Ends all that is still running. */
export function endChildren() {
  for (const child of running) child.kill('SIGKILL')
}

/** What the environment says about OpenTelemetry or this program would decide what is measured. */
export function cleanEnvironment() {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(OTEL|RIVET|NODE_OPTIONS)/.test(name),
  )
  return /** @type {Record<string, string>} */ (Object.fromEntries(entries))
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<number | string | null>} */
function endOf(child) {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(signal ?? code))
  })
}

/** @param {unknown} stream One of a child's; only those that come from it can be read. */
async function textOf(stream) {
  if (!(stream instanceof Readable)) return ''
  let text = ''
  stream.setEncoding('utf8')
  for await (const piece of stream) text += piece
  return text
}
