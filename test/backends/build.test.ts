import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const COPIED = ['build.mjs', 'jaeger', 'tempo']

let checkout: string
let build: string
let bin: string
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'rivet-otel-build-'))
  bin = join(checkout, 'bin')
  mkdirSync(bin)
  const folder = join(checkout, 'test', 'backends')
  for (const name of COPIED) cpSync(join(HERE, name), join(folder, name), { recursive: true })
  build = join(folder, 'build.mjs')
})
afterEach(() => rmSync(checkout, { recursive: true, force: true }))

it('says what goes unchecked, and goes on, where there is no Go', () => {
  const { status, stderr } = runBuild()
  expect(status).toBe(0)
  expect(stderr).toMatch(/^backends: UNCHECKED: .*Jaeger.*Tempo.* there is no Go .*\n$/)
  expect(areAvailable()).toBe(false)
})

// A program for Windows cannot be written as a script.
describe.skipIf(process.platform === 'win32')('with a Go', () => {
  it('says what goes unchecked, and goes on, where Go is too old', () => {
    putGo('1.9.7')
    const { status, stderr } = runBuild()
    expect(status).toBe(0)
    expect(stderr).toMatch(/^backends: UNCHECKED: .* Go 1\.9\.7 is too old .* needs 1\.\d.*\n$/)
    expect(areAvailable()).toBe(false)
  })

  it('builds what is not built from the modules as they are pinned now', () => {
    putGo('1.99')
    expect(runBuild().stderr).toBe(
      'backends: building jaeger with Go (some minutes, the first time)\nbackends: building tempo with Go (some minutes, the first time)\n',
    )
    expect(areAvailable()).toBe(true)
    expect(runBuild().stderr).toBe(
      'backends: jaeger is built already\nbackends: tempo is built already\n',
    )
    appendFileSync(join(checkout, 'test', 'backends', 'tempo', 'go.sum'), '\n')
    expect(areAvailable()).toBe(false)
    expect(runBuild().stderr).toBe(
      'backends: jaeger is built already\nbackends: building tempo with Go (some minutes, the first time)\n',
    )
    expect(areAvailable()).toBe(true)
  })

  it('builds the program of a module of ours, with the Go that is here', () => {
    putGo('1.99', 'pwd; echo "$GOTOOLCHAIN" "$@" >&2; exit 3')
    const { stderr } = runBuild()
    expect(stderr).toMatch(/^local build .* github\.com\/jaegertracing\/jaeger\/cmd\/jaeger$/m)
    expect(stderr).toMatch(/test\/backends\/jaeger$/m)
  })

  it('fails where a build fails, and takes nothing for built', () => {
    putGo('1.99', 'exit 3')
    const { status, stderr } = runBuild()
    expect(status).toBe(3)
    expect(stderr).toContain('building jaeger failed')
    expect(areAvailable()).toBe(false)
    expect(existsSync(join(checkout, '.backends', 'jaeger.built-from'))).toBe(false)
  })
})

/** Puts a program in the way that knows its version, and builds an empty file. */
function putGo(version: string, whenBuilding = WRITES_ITS_OUTPUT): void {
  const script = `#!/bin/sh\nif [ "$1" = version ]; then echo "go version go${version} any/any"; exit; fi\n${whenBuilding}\n`
  writeFileSync(join(bin, 'go'), script, { mode: 0o755 })
}

const WRITES_ITS_OUTPUT = 'while [ "$1" != -o ]; do shift; done; : > "$2"'

function runBuild() {
  return run([build])
}

function areAvailable(): boolean {
  const script = `import { backendsAvailable } from ${JSON.stringify(pathToFileURL(build).href)}
    console.log(backendsAvailable())`
  return run(['--input-type=module', '-e', script]).stdout.trim() === 'true'
}

function run(args: readonly string[]) {
  const env = { ...process.env, PATH: bin }
  return spawnSync(process.execPath, args, { env, encoding: 'utf8' })
}
