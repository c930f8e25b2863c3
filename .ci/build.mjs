// Builds `dist` from `src`: a clean folder, so that no file of a removed source stays behind, and a command that can be started.
// Needs the installed dependencies. Leaves no JavaScript behind when the types are wrong.
import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildCli } from './build-cli.mjs'
import { buildPage } from './build-page.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)

rmSync('dist', { recursive: true, force: true })
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
const { status } = spawnSync(process.execPath, [join(typescript, 'bin', 'tsc'), '-p', 'src'], {
  stdio: 'inherit',
})
if (status !== 0) process.exit(status ?? 1)
await buildPage(root)
await buildCli(root)

// npm sets this bit when it installs the package; `npx rivet-otel` in the checkout needs it too.
chmodSync('dist/cli.js', 0o755)
