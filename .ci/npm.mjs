// Runs npm from a script, on every platform alike, with the very npm that started the script where there is one.
import { spawnSync } from 'node:child_process'
import { basename } from 'node:path'

/**
 * Runs npm and waits for it. Standard input is closed.
 *
 * @param {string[]} args What npm is told.
 * @param {import('node:child_process').SpawnSyncOptions} options Where it runs and where its output goes.
 * @returns {import('node:child_process').SpawnSyncReturns<string>} Its exit code as `status`, and its output where piped.
 * @example
 * npm(['ci'], { cwd: root, stdio: ['ignore', 2, 2] }).status
 */
export function npm(args, options) {
  const started = process.env.npm_execpath ?? ''
  if (basename(started) === 'npm-cli.js') {
    return spawnSync(process.execPath, [started, ...args], { ...options, encoding: 'utf8' })
  }
  // Windows' npm is a script of its shell.
  const shell = process.platform === 'win32'
  return spawnSync('npm', args, { ...options, encoding: 'utf8', shell })
}
