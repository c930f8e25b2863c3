// Brings a checkout to where its programs and tests run: dependencies installed, `dist` built. `npm start` and `npm test` begin here.
// Not an updater: it never changes package-lock.json. Promises: says in one line, on stderr, what it does and why; when nothing
// is to be done it needs no network, starts no other program and ends in well under a second.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { npm } from './npm.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const toStderr = /** @type {const} */ (['ignore', 2, 2])

installDependencies()
buildDist()
buildSqlite()

function installDependencies() {
  const reason = staleDependency()
  if (reason === undefined) return
  say(`${reason}: npm ci (a minute or two)`)
  stopUnlessDone(npm(['ci', '--include=dev'], { cwd: root, stdio: [...toStderr] }))
}

function buildDist() {
  const reason = staleBuild()
  if (reason === undefined) return
  say(`${reason}: building dist`)
  const build = join(root, '.ci', 'build.mjs')
  stopUnlessDone(spawnSync(process.execPath, [build], { cwd: root, stdio: [...toStderr] }))
}

// better-sqlite3 is optional and native: it may be missing, or be built for another Node. Only a Node without SQLite of its own needs it.
function buildSqlite() {
  if (isBuiltin('node:sqlite') || sqliteOpens()) return
  if (existsSync(join(root, 'node_modules', 'better-sqlite3'))) {
    say(`better-sqlite3 is not built for Node ${process.version}: building it (about a minute)`)
    if (npm(['rebuild', 'better-sqlite3'], { cwd: root, stdio: [...toStderr] }).status === 0) return
  }
  say(`better-sqlite3 cannot be built here: Node ${process.version} cannot read SQLite, 22.13 can`)
}

/** Why the installed packages are not those of package-lock.json; undefined when they are. */
function staleDependency() {
  const installed = lockedPackages('node_modules/.package-lock.json')
  if (installed === undefined) return 'no dependencies installed'
  const wanted = Object.entries(lockedPackages('package-lock.json') ?? {})
  for (const [path, { version, integrity, optional, devOptional }] of wanted) {
    const there = installed[path]
    if (path === '' || (there === undefined && (optional || devOptional))) continue
    if (there?.version !== version || there?.integrity !== integrity) {
      return `${path} is ${there?.version ?? 'missing'}, not ${version}`
    }
  }
  return undefined
}

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }} LockedPackage
 * @param {string} file A lock file, named from the root.
 * @returns {Record<string, LockedPackage> | undefined} Its packages by folder; undefined when there is no such file.
 */
function lockedPackages(file) {
  const path = join(root, file)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : undefined
}

/** Why `dist` is not what `src` says; undefined when it is. */
function staleBuild() {
  const sources = filesUnder('src').filter((file) => /\.(tsx?|css)$/.test(file))
  const built = filesUnder('dist').filter((file) => file.endsWith('.js'))
  const expected = [
    ...sources.filter((file) => !isBundled(file)).map((file) => file.replace(/\.ts$/, '.js')),
    'cli.js',
    join('page', 'assets.js'),
    join('page', 'render.js'),
  ]
  const held = built.filter((file) => !isIn('cli', file))
  if (built.length === 0) return 'nothing built'
  if (expected.sort().join() !== held.sort().join()) return 'src has other files than dist'
  // The version, and packages, are in the bundles.
  const settings = ['tsconfig.json', 'src/tsconfig.json', 'package.json', 'package-lock.json'].map(
    (file) => join(root, file),
  )
  const newestSource = Math.max(
    ...sources.map((file) => changedAt('src', file)),
    ...settings.map(modified),
  )
  const oldestBuilt = Math.min(...built.map((file) => changedAt('dist', file)))
  return oldestBuilt < newestSource ? 'src is newer than dist' : undefined
}

/** Whether a source is bundled: many of them become a few files. @param {string} file Named from src. */
function isBundled(file) {
  return file === 'cli.ts' || isIn('cli', file) || isIn('page', file)
}

/** @param {string} folder @param {string} file */
function isIn(folder, file) {
  return file.startsWith(join(folder, '/'))
}

/** @param {string} folder @returns {string[]} */
function filesUnder(folder) {
  const path = join(root, folder)
  return existsSync(path) ? readdirSync(path, { recursive: true, encoding: 'utf8' }) : []
}

/** @param {string} folder @param {string} file */
function changedAt(folder, file) {
  return modified(join(root, folder, file))
}

/** @param {string} path */
function modified(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0
}

function sqliteOpens() {
  try {
    const Database = createRequire(join(root, 'package.json'))('better-sqlite3')
    new Database(':memory:').close()
    return true
  } catch {
    return false
  }
}

/** @param {{ status: number | null, error?: Error }} ended */
function stopUnlessDone({ status, error }) {
  if (status === 0) return
  say(`this failed${error === undefined ? '' : ` (${error.message})`}; the lines above say why`)
  process.exit(status || 1)
}

/** @param {string} message */
function say(message) {
  process.stderr.write(`set-up: ${message}\n`)
}
