import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

// A small project that has the real scripts of .ci, and finds the compiler in a node_modules folder above its own.
// Its one dependency is a tarball beside it, so that installing needs no network. Each test starts where the one before it ended.
describe('set-up of a checkout', () => {
  const above = mkdtempSync(join(tmpdir(), 'rivet-otel-setup-'))
  const project = join(above, 'project')
  afterAll(() => {
    rmSync(above, { recursive: true, force: true })
  })
  beforeAll(() => {
    symlinkSync(join(root, 'node_modules'), join(above, 'node_modules'), 'junction')
    makeTarball()
    makeProject()
  })

  it('installs and builds in a fresh checkout', () => {
    const { status, stderr } = setUp()
    expect({ status, stderr }).toMatchObject({ status: 0 })
    expect(said(stderr)[0]).toContain('no dependencies installed: npm ci')
    expect(existsSync(join(project, 'node_modules/leaf/package.json'))).toBe(true)
    expect(existsSync(join(project, 'dist/cli.js'))).toBe(true)
  })

  it.skipIf(process.platform === 'win32')('makes the command one that can be started', () => {
    expect(spawnSync(join(project, 'dist/cli.js'), { encoding: 'utf8' }).stdout).toBe('started\n')
  })

  it('does and says nothing when all is there', () => {
    const before = statSync(join(project, 'dist/cli.js')).mtimeMs
    expect(setUp()).toMatchObject({ status: 0, stdout: '', stderr: '' })
    expect(statSync(join(project, 'dist/cli.js')).mtimeMs).toBe(before)
  })

  it('installs again when the lock file asks for another version than is there', () => {
    const installed = join(project, 'node_modules/.package-lock.json')
    writeFileSync(installed, readFileSync(installed, 'utf8').replace('"1.0.0"', '"0.9.0"'))
    const { status, stderr } = setUp()
    expect(status).toBe(0)
    expect(said(stderr)[0]).toContain('node_modules/leaf is 0.9.0, not 1.0.0: npm ci')
    expect(setUp().stderr).toBe('')
  })

  it('builds again when a source changed', () => {
    write('src/cli.ts', "#!/usr/bin/env node\nconsole.log('changed')\n")
    const later = new Date(Date.now() + 5_000)
    utimesSync(join(project, 'src/cli.ts'), later, later)
    expect(said(setUp().stderr)).toEqual(['set-up: src is newer than dist: building dist'])
    expect(readFileSync(join(project, 'dist/cli.js'), 'utf8')).toContain('changed')
    const now = new Date()
    utimesSync(join(project, 'src/cli.ts'), now, now)
  })

  it('builds again, without the old file, when a source was removed', () => {
    rmSync(join(project, 'src/extra.ts'))
    expect(said(setUp().stderr)).toEqual(['set-up: src has other files than dist: building dist'])
    expect(existsSync(join(project, 'dist/extra.js'))).toBe(false)
  })

  it('builds the page again when its styles changed, without their comments', () => {
    write('src/page/styles/10-page.css', '/* A page. */\nmain {\n  color: blue;\n}\n')
    const later = new Date(Date.now() + 5_000)
    utimesSync(join(project, 'src/page/styles/10-page.css'), later, later)
    expect(said(setUp().stderr)).toEqual(['set-up: src is newer than dist: building dist'])
    const assets = readFileSync(join(project, 'dist/page/assets.js'), 'utf8')
    expect(assets).toContain(String.raw`export const styles = "main {\ncolor: blue;\n}"`)
    const now = new Date()
    utimesSync(join(project, 'src/page/styles/10-page.css'), now, now)
  })

  it('fails each time, and leaves no command behind, while the types are wrong', () => {
    write('src/cli.ts', "export const wrong: number = 'text'\n")
    const later = new Date(Date.now() + 5_000)
    utimesSync(join(project, 'src/cli.ts'), later, later)
    for (const reason of ['src is newer than dist', 'nothing built']) {
      const { status, stderr } = setUp()
      expect(status).not.toBe(0)
      expect(stderr).toContain(`set-up: ${reason}: building dist`)
      expect(stderr).toContain('src/cli.ts')
      expect(existsSync(join(project, 'dist/cli.js'))).toBe(false)
    }
  })

  it('never changes the lock file', () => {
    expect(readFileSync(join(project, 'package-lock.json'), 'utf8')).toBe(lockFile)
  })

  let lockFile = ''

  function makeTarball() {
    mkdirSync(join(above, 'leaf'))
    writeFileSync(join(above, 'leaf/package.json'), '{"name": "leaf", "version": "1.0.0"}\n')
    npm(['pack', '--pack-destination', '..'], join(above, 'leaf'))
  }

  function makeProject() {
    const threads = 'src/bridge/export/threads'
    for (const folder of ['.ci', 'src', 'src/page/styles', threads])
      mkdirSync(join(project, folder), { recursive: true })
    for (const file of ['npm', 'build', 'build-cli', 'build-page', 'licences', 'setup']) {
      cpSync(join(root, `.ci/${file}.mjs`), join(project, `.ci/${file}.mjs`))
    }
    for (const file of ['tsconfig.json', 'src/tsconfig.json']) {
      cpSync(join(root, file), join(project, file))
    }
    write('src/cli.ts', "#!/usr/bin/env node\nconsole.log('started')\n")
    write('src/extra.ts', 'export const extra = 1\n')
    write(`${threads}/mapping-worker.ts`, "console.log('a thread')\n")
    for (const entry of ['report', 'app', 'prerender']) {
      write(`src/page/${entry}.tsx`, `console.log(<main>${entry}</main>)\n`)
    }
    write('src/page/styles/10-page.css', '/* A page. */\nmain {\n  color: red;\n}\n')
    const devDependencies = { leaf: 'file:../leaf-1.0.0.tgz' }
    write('package.json', JSON.stringify({ private: true, type: 'module', devDependencies }))
    npm(['install', '--package-lock-only', '--offline'], project)
    lockFile = readFileSync(join(project, 'package-lock.json'), 'utf8')
  }

  function write(file: string, text: string) {
    writeFileSync(join(project, file), text)
  }

  function setUp() {
    const program = join(project, '.ci/setup.mjs')
    return spawnSync(process.execPath, [program], { encoding: 'utf8', env: quiet() })
  }
})

/** The set-up's own lines; npm's are others. */
function said(stderr: string) {
  return stderr.split('\n').filter((line) => line.startsWith('set-up: '))
}

function npm(args: string[], cwd: string) {
  const shell = process.platform === 'win32'
  const { status, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8', shell, env: quiet() })
  expect({ status, stderr }).toMatchObject({ status: 0 })
}

/** Without what an outer npm says of its own project. */
function quiet() {
  const own = ([name]: [string, string | undefined]) =>
    !/^npm_(config_local_prefix|package_)/.test(name)
  return Object.fromEntries(Object.entries(process.env).filter(own))
}
