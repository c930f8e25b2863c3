// Bundles the command line: `dist/cli.js`, and `dist/cli` with what it loads when it is asked for more than its version. Most of the
// time of a short command goes into finding, reading and linking files, so that there are few of them. The library is not bundled,
// but for the program of its threads, which is one file for the same reason.
// Promises: the same sources give the same bytes, whatever the folder; every error names the file in src (with the source maps).
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { licences, packagesOf } from './licences.mjs'

const NODE = 'node20.19'

const WORKER = ['bridge', 'export', 'threads', 'mapping-worker.ts']

// What each file is loaded for; one that is needed by several goes to the first. Whatever else a command needs stays in files of
// its own, which are shared by the commands that need them.
const FILES = {
  main: ['cli/main.ts'],
  id: ['cli/commands/id.ts'],
  text: ['cli/view/wrap.ts'],
  read: ['cli/commands/show.ts', 'cli/commands/runs.ts', 'sources/sqlite.ts'],
  send: ['cli/commands/export.ts', 'cli/commands/exec.ts'],
}

// Large or native, and used by few commands: they stay where npm puts them. The page is a bundle of its own.
const NOT_BUNDLED = ['better-sqlite3', 'pg', 'prom-client', /^\.\.\/page\/\w+\.js$/]

/**
 * Builds the command line over what the compiler made of it.
 *
 * @param {string} root The checkout. Its `dist` exists.
 * @returns {Promise<void>} Rejects, with the reason, where a source cannot be bundled.
 * @example
 * await buildCli(process.cwd())
 */
export async function buildCli(root) {
  const dist = join(root, 'dist')
  for (const made of ['cli', 'cli.js', 'cli.d.ts'])
    rmSync(join(dist, made), { recursive: true, force: true })
  const build = await rolldown({
    cwd: root,
    input: join(root, 'src', 'cli.ts'),
    platform: 'node',
    tsconfig: false,
    transform: { target: NODE },
    external: NOT_BUNDLED,
    // Nobody imports from these files but they themselves.
    preserveEntrySignatures: false,
    // So that the version stands in cli.js itself.
    optimization: { inlineConst: { mode: 'all', pass: 2 } },
    // Other commands may well need it from their start.
    checks: { ineffectiveDynamicImport: false },
    plugins: [withVersion(root), withWorkerFile(root), withoutChildProcess()],
    onLog(_level, log) {
      throw new Error(`src/cli: ${log.message}`)
    },
  })
  const { output } = await build.write({
    dir: dist,
    format: 'es',
    comments: false,
    chunkFileNames: 'cli/[name].js',
    sourcemap: true,
    sourcemapExcludeSources: true,
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [{ debugName: 'FILES', name: fileOf(join(root, 'src')) }],
    },
  })
  await build.close()
  const chunks = output.flatMap((one) => (one.type === 'chunk' ? [one] : []))
  refuseMissing(dist, chunks)
  chunks.push(await buildWorker(root))
  const notices = licences(packagesOf(chunks.flatMap(({ moduleIds }) => moduleIds)))
  if (notices !== '') writeFileSync(join(dist, 'cli', 'LICENSES.txt'), `${notices}\n`)
}

/**
 * The program of the threads, for the library and the command line alike.
 *
 * @param {string} root
 * @returns {Promise<import('rolldown').OutputChunk>}
 */
async function buildWorker(root) {
  const build = await rolldown({
    cwd: root,
    input: join(root, 'src', ...WORKER),
    platform: 'node',
    tsconfig: false,
    transform: { target: NODE },
    checks: { ineffectiveDynamicImport: false },
    onLog(_level, log) {
      throw new Error(`${WORKER.join('/')}: ${log.message}`)
    },
  })
  const { output } = await build.write({
    file: join(root, 'dist', 'cli', 'mapping-worker.js'),
    format: 'es',
    comments: false,
    sourcemap: true,
    sourcemapExcludeSources: true,
    codeSplitting: false,
  })
  await build.close()
  return output[0]
}

/**
 * In which of FILES a module goes; in none where it gives null.
 *
 * @param {string} src
 * @returns {(id: string, context: { getModuleInfo(id: string): { importedIds: string[] } | null }) => string | null}
 */
function fileOf(src) {
  /** @type {Map<string, string> | undefined} */
  let files
  return (id, context) => {
    if (files !== undefined) return files.get(id) ?? null
    /** @type {Map<string, string>} */
    const found = new Map()
    files = found
    for (const [file, entries] of Object.entries(FILES)) {
      /** @param {string} module */
      const take = (module) => {
        const info = found.has(module) ? null : context.getModuleInfo(module)
        if (info === null) return
        found.set(module, file)
        info.importedIds.forEach(take)
      }
      for (const entry of entries) take(join(src, ...entry.split('/')))
    }
    return found.get(id) ?? null
  }
}

/** The version is read while this is built, and not at every start. @param {string} root @returns {import('rolldown').Plugin} */
function withVersion(root) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return {
    name: 'version',
    load: (id) =>
      id === join(root, 'src', 'version.ts')
        ? `export const VERSION = ${JSON.stringify(version)}`
        : null,
  }
}

/** It stands beside the other files of the command line. @param {string} root @returns {import('rolldown').Plugin} */
function withWorkerFile(root) {
  return {
    name: 'worker file',
    load: (id) =>
      id === join(root, 'src', 'bridge', 'export', 'threads', 'worker-file.ts')
        ? "export const WORKER_FILE = new URL('./mapping-worker.js', import.meta.url)"
        : null,
  }
}

/**
 * Commander loads all that it could need of Node at its start: `child_process` for commands that are programs of their own, of which
 * there are none here. That takes as long as everything else that a help needs.
 *
 * @returns {import('rolldown').Plugin}
 */
function withoutChildProcess() {
  const loaded = "require('node:child_process')"
  return {
    name: 'without child_process',
    transform(code, id) {
      if (!/[\\/]commander[\\/]lib[\\/]command\.js$/.test(id)) return null
      if (!code.includes(loaded)) throw new Error(`commander has no ${loaded} any more`)
      const changed = code
        .replace(loaded, '{}')
        .replaceAll(/require\(('node:\w+')\)/g, 'globalThis.process.getBuiltinModule($1)')
      return { code: changed, map: { mappings: '' } }
    },
  }
}

/**
 * What is not bundled is named from `dist/cli` as it is from `src`.
 *
 * @param {string} dist
 * @param {readonly import('rolldown').OutputChunk[]} chunks
 */
function refuseMissing(dist, chunks) {
  for (const { fileName, imports, dynamicImports } of chunks) {
    for (const imported of [...imports, ...dynamicImports].filter((one) => one.startsWith('.'))) {
      if (!existsSync(join(dist, 'cli', imported))) throw new Error(`${fileName}: no ${imported}`)
    }
  }
}
