import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { CLI, rivetOtel, SHOP } from '../e2e/command-line.js'

const DIST = dirname(CLI)
const RUN = 'orders_20261121T085339.134_11188'
const folder = mkdtempSync(join(tmpdir(), 'rivet-otel-loaded-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What a command loaded, as the engine itself lists it where coverage is asked for. */
interface Loaded {
  /** Files of dist. */
  readonly files: readonly string[]
  /** What these files are made of: `src/cli/main.ts`, `node_modules/commander/lib/help.js`. */
  readonly sources: readonly string[]
  /** What these files import of Node, and packages beside them. */
  readonly modules: readonly string[]
}

async function loadedBy(...args: string[]): Promise<Loaded> {
  const coverage = mkdtempSync(join(folder, 'coverage-'))
  const { code, stderr } = await rivetOtel(args, { env: { NODE_V8_COVERAGE: coverage } })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const scripts = readdirSync(coverage).flatMap((file) => {
    const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8'))
    return (result as { url: string }[]).map(({ url }) => url)
  })
  const paths = scripts.filter((url) => url.startsWith('file:')).map((url) => fileURLToPath(url))
  const isOurs = (path: string) => path.startsWith(DIST)
  const texts = paths.filter(isOurs).map((path) => readFileSync(path, 'utf8'))
  return {
    files: paths.filter(isOurs).map((path) => relative(DIST, path)),
    sources: paths.filter(isOurs).flatMap(sourcesOf),
    modules: [
      ...paths.flatMap((path) => /node_modules[\\/]([^\\/]+)/.exec(path)?.[1] ?? []),
      ...texts.flatMap((text) => [...text.matchAll(/^import .*"(node:[^"]+)"/gm)].map(last)),
    ],
  }
}

function last(found: RegExpMatchArray): string {
  return found.at(-1) ?? ''
}

function sourcesOf(path: string): string[] {
  try {
    const { sources } = JSON.parse(readFileSync(`${path}.map`, 'utf8'))
    return (sources as string[]).map((source) =>
      relative(join(DIST, '..'), join(dirname(path), source)).replaceAll('\\', '/'),
    )
  } catch {
    // A file that only names what another one has.
    return []
  }
}

const NETWORK = /^node:(https?|tls|dns)$|^(pg|prom-client)$/
const SENDING = /^src\/(backends|delivery|http|serve|report|live|exec)\//

describe('a command loads what it needs', () => {
  it('--version: nothing else', async () => {
    for (const flag of ['--version', '-V']) {
      expect(await loadedBy(flag)).toMatchObject({ files: ['cli.js'], modules: [] })
    }
  })

  it('--help: what the commands are, not what they do', async () => {
    const { sources, modules } = await loadedBy('--help')
    expect(sources).toContain('src/cli/show-command.ts')
    expect(
      sources.filter((one) => /^src\/(cli\/(commands|view\/wrap)|bridge|sources)/.test(one)),
    ).toEqual([])
    expect(modules).toEqual(['node:os'])
  })

  it('id: no place that runs are in', async () => {
    const { sources, modules } = await loadedBy('id', RUN)
    expect(sources).toContain('src/cli/commands/id.ts')
    expect(sources.filter((one) => SENDING.test(one) || one.includes('sqlite'))).toEqual([])
    expect(modules.filter((one) => NETWORK.test(one) || one.includes('sqlite'))).toEqual([])
  })

  it('a completion: nothing that opens a place, where no run is asked for', async () => {
    const { sources, modules } = await loadedBy('__complete', 'fish', 'show', '--')
    expect(sources).toContain('src/cli/completion/complete.ts')
    expect(sources.filter((one) => SENDING.test(one) || one.includes('sqlite'))).toEqual([])
    expect(modules.filter((one) => NETWORK.test(one) || one.includes('sqlite'))).toEqual([])
  })

  it.each([
    ['show', ['show', RUN, '--from', SHOP]],
    ['runs', ['runs', '--from', SHOP]],
  ])('%s of a state database: neither network nor traces', async (_, args) => {
    const { sources, modules } = await loadedBy(...args)
    expect(sources).toContain('src/sources/sqlite.ts')
    expect(sources.filter((one) => SENDING.test(one) || /postgres|json-file/.test(one))).toEqual([])
    expect(sources.filter((one) => one.startsWith('src/trace/'))).toEqual([])
    expect(modules.filter((one) => NETWORK.test(one))).toEqual([])
  })

  it('exec: neither pages nor PostgreSQL', async () => {
    const { sources, modules } = await loadedBy(
      'exec',
      '--to',
      join(folder, 'traces.otlp.jsonl'),
      '--from',
      SHOP,
      '--',
      process.execPath,
      '--version',
    )
    expect(sources).toContain('src/cli/commands/exec.ts')
    expect(sources.filter((one) => /^src\/(serve|report|page)\//.test(one))).toEqual([])
    expect(modules.filter((one) => /^(pg|prom-client)$/.test(one))).toEqual([])
  })
})
