// Packs the package as a publication would and uses it as a stranger would: installed from the tarball into an empty folder.
// Not a test of what the package does: test/ does that. Promises: prints each thing it checked, leaves nothing behind, and exits 1 at the first that is wrong.
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { npm } from './npm.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const temporary = mkdtempSync(join(tmpdir(), 'rivet-otel-package-'))
const consumer = join(temporary, 'consumer')
const installed = join(consumer, 'node_modules', manifest.name)
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }))

const tarball = pack()
checkWithLinters()
installFromTarball()
checkFiles()
checkCommand()
checkImport()
checkTypes()

function pack() {
  succeed('builds', run(join(root, '.ci', 'build.mjs'), [], root))
  const args = ['pack', '--ignore-scripts', '--pack-destination', temporary]
  succeed('packs', npm(args, { cwd: root }))
  const name = readdirSync(temporary).find((file) => file.endsWith('.tgz'))
  if (name === undefined) return fail('packs', 'npm pack wrote no tarball')
  return join(temporary, name)
}

function checkWithLinters() {
  const publint = tool('publint/src/cli.js')
  succeed('publint finds nothing', run(publint, ['run', tarball, '--strict'], root))
  const attw = tool('@arethetypeswrong/cli/dist/index.js')
  // The package is for import only; a CommonJS caller uses import(), or require() of a module where Node has it.
  const args = [tarball, '--profile', 'esm-only', '--no-color', '--no-emoji']
  succeed('attw finds the types right', run(attw, args, root))
}

// Without the scripts: the native SQLite is optional, and nothing here reads a database.
function installFromTarball() {
  cpSync(join(root, 'test', 'package', 'consumer'), consumer, { recursive: true })
  writeFileSync(join(consumer, 'package.json'), '{ "private": true, "type": "module" }\n')
  install('installs from the tarball into an empty folder', tarball)
}

/** @param {string} title @param {...string} packages */
function install(title, ...packages) {
  const args = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
  succeed(title, npm([...args, ...packages], { cwd: consumer }))
}

function checkFiles() {
  const title = 'holds only dist, README, LICENSE, CHANGELOG and package.json'
  const wanted = ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json']
  const held = readdirSync(installed).sort()
  if (held.join() !== wanted.join()) fail(title, `it holds ${held.join(', ')}`)
  const strange = readdirSync(join(installed, 'dist'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(js|js\.map|d\.ts)$|^LICENSES\.txt$/.test(entry.name))
    .map((entry) => entry.name)
  if (strange.length > 0) fail(title, `dist holds ${strange.join(', ')}`)
  pass(title)
}

function checkCommand() {
  const [name = '', path = ''] = Object.entries(manifest.bin)[0] ?? []
  const first = readFileSync(join(installed, path), 'utf8').split('\n', 1)[0]
  if (first !== '#!/usr/bin/env node') fail(`${path} can be started`, `its first line is ${first}`)
  const version = succeed(`npx ${name} --version`, npx([name, '--version'])).trim()
  if (version !== manifest.version) fail(`npx ${name} --version`, `it says ${version}`)
  const help = succeed(`npx ${name} --help`, npx([name, '--help']))
  if (!help.includes(name)) fail(`npx ${name} --help`, `it says ${help}`)
}

/** @param {string[]} args */
function npx(args) {
  return npm(['exec', '--no', '--', ...args], { cwd: consumer })
}

function checkImport() {
  const title = 'imports from an ESM script, with the required peers only'
  const optional = Object.keys(manifest.peerDependenciesMeta)
  const there = optional.filter((name) => existsSync(join(consumer, 'node_modules', name)))
  if (there.length > 0) fail(title, `the optional ${there.join(', ')} was installed too`)
  succeed(title, run(join(consumer, 'consumer.mjs'), [], consumer))
}

function checkTypes() {
  const { devDependencies } = manifest
  const needed = [...Object.keys(manifest.peerDependencies), '@types/node']
  install('installs with every peer', ...needed.map((name) => `${name}@${devDependencies[name]}`))
  const tsc = tool('typescript/bin/tsc')
  for (const resolution of ['nodenext', 'bundler']) {
    const module = resolution === 'bundler' ? 'esnext' : resolution
    const options = ['--module', module, '--moduleResolution', resolution, '--target', 'es2023']
    const strict = ['--strict', '--noEmit', '--skipLibCheck', 'false', '--types', 'node']
    const title = `types of a TypeScript consumer, moduleResolution ${resolution}`
    succeed(title, run(tsc, [...options, ...strict, 'consumer.ts'], consumer))
  }
}

/** @param {string} file A program inside node_modules. */
function tool(file) {
  return join(root, 'node_modules', ...file.split('/'))
}

/** @param {string} program @param {string[]} args @param {string} cwd */
function run(program, args, cwd) {
  return spawnSync(process.execPath, [program, ...args], { cwd, encoding: 'utf8' })
}

/**
 * @param {string} title
 * @param {import('node:child_process').SpawnSyncReturns<string>} ended
 * @returns {string} What it printed.
 */
function succeed(title, { status, stdout, stderr, error }) {
  if (status !== 0) fail(title, `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`)
  pass(title)
  return stdout
}

/** @param {string} title */
function pass(title) {
  console.log(`package: ${title}: ok`)
}

/** @param {string} title @param {string} reason @returns {never} */
function fail(title, reason) {
  console.error(`package: ${title}: WRONG\n${reason.replaceAll(temporary + sep, '')}`)
  process.exit(1)
}
