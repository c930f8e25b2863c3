// Builds the real Jaeger and Tempo that `*.real.ts` tests run against, once, into the git-ignored `.backends`: `node test/backends/build.mjs`.
// Not a download of binaries: Go builds them from the modules that go.mod and go.sum beside this pin. The first build takes about
// ten minutes. Promises: says in one line what it does for each; where there is no Go that can build them, it says in one line what goes
// unchecked and exits 0, and `backendsAvailable()` is false; a build that fails exits 1.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** @typedef {'jaeger' | 'tempo'} BackendName */

/** @type {readonly BackendName[]} */
const NAMES = ['jaeger', 'tempo']
const modules = fileURLToPath(new URL('.', import.meta.url))
const built = fileURLToPath(new URL('../../.backends', import.meta.url))

if (isStarted(process.argv[1])) buildAll()

/**
 * Whether both programs are there, built from the modules as they are pinned now.
 *
 * @returns {boolean}
 * @example
 * describe.skipIf(!backendsAvailable())('a real Jaeger', () => {})
 */
export function backendsAvailable() {
  return NAMES.every(isBuilt)
}

/**
 * Where the program of a backend is, or will be once it is built. `jaeger` is an OpenTelemetry collector too.
 *
 * @param {BackendName} name
 * @returns {string}
 * @example
 * backendProgram('tempo') // '/home/me/rivet-otel/.backends/tempo'
 */
export function backendProgram(name) {
  return join(built, process.platform === 'win32' ? `${name}.exe` : name)
}

/** @param {string | undefined} program What Node was started with; its name may go through links. */
function isStarted(program) {
  return (
    program !== undefined &&
    existsSync(program) &&
    import.meta.url === pathToFileURL(realpathSync(program)).href
  )
}

function buildAll() {
  const missing = NAMES.filter((name) => !isBuilt(name))
  for (const name of NAMES) if (!missing.includes(name)) say(`${name} is built already`)
  if (missing.length === 0) return
  const reason = whyNotBuildable(missing)
  if (reason !== undefined) {
    say(`UNCHECKED: the tests against a real Jaeger and a real Tempo, because ${reason}`)
    return
  }
  for (const name of missing) build(name)
}

/** @param {BackendName} name */
function isBuilt(name) {
  const stamp = stampOf(name)
  return (
    existsSync(backendProgram(name)) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === pinned(name)
  )
}

/** @param {readonly BackendName[]} names @returns {string | undefined} */
function whyNotBuildable(names) {
  const { status, stdout } = go(['version'], modules, 'pipe')
  const version = /\bgo(\d+(?:\.\d+)*)/.exec(status === 0 ? stdout : '')?.[1]
  if (version === undefined) return 'there is no Go (https://go.dev) to build them with'
  const tooNew = names.find((name) => isOlder(version, goVersionOf(name)))
  if (tooNew === undefined) return undefined
  return `Go ${version} is too old to build them: ${tooNew} needs ${goVersionOf(tooNew)}`
}

/** @param {BackendName} name */
function build(name) {
  say(`building ${name} with Go (some minutes, the first time)`)
  mkdirSync(built, { recursive: true })
  rmSync(stampOf(name), { force: true })
  const module = join(modules, name)
  const [, program = ''] = /^tool (\S+)$/m.exec(readFileSync(join(module, 'go.mod'), 'utf8')) ?? []
  const options = ['-trimpath', '-ldflags=-s -w', '-o', backendProgram(name)]
  const { status } = go(['build', ...options, program], module, 'inherit')
  if (status !== 0) {
    say(`building ${name} failed; the lines above say why`)
    process.exit(status ?? 1)
  }
  writeFileSync(stampOf(name), pinned(name))
}

/**
 * Go as it is installed here: no other Go is fetched, and no settings of a folder above change what is pinned.
 *
 * @param {string[]} args @param {string} cwd @param {'pipe' | 'inherit'} output
 */
function go(args, cwd, output) {
  const env = { ...process.env, GOTOOLCHAIN: 'local', GOWORK: 'off', GOFLAGS: '-mod=readonly' }
  /** @type {import('node:child_process').StdioOptions} */
  const stdio = output === 'pipe' ? 'pipe' : ['ignore', 2, 2]
  return spawnSync('go', args, { cwd, env, stdio, encoding: 'utf8' })
}

/** @param {BackendName} name */
function stampOf(name) {
  return join(built, `${name}.built-from`)
}

/** @param {BackendName} name A hash of what it is built from. */
function pinned(name) {
  const hash = createHash('sha256')
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(modules, name, file)))
  return hash.digest('hex')
}

/** @param {BackendName} name */
function goVersionOf(name) {
  const text = readFileSync(join(modules, name, 'go.mod'), 'utf8')
  return /^go (\S+)$/m.exec(text)?.[1] ?? ''
}

/** @param {string} version @param {string} needed */
function isOlder(version, needed) {
  const has = version.split('.').map(Number)
  for (const [i, want] of needed.split('.').map(Number).entries()) {
    const difference = (has[i] ?? 0) - want
    if (difference !== 0) return difference < 0
  }
  return false
}

/** @param {string} message */
function say(message) {
  process.stderr.write(`backends: ${message}\n`)
}
