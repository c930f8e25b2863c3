// Keeps one PostgreSQL for a test: `node postgres-keeper.mjs FOLDER UID GID PROGRAM ARGUMENTS...`, started with an IPC channel.
// As test/backends/keeper.mjs, for a program that refuses to run as root and has three ways of ending: when the channel closes,
// because the test is done or because it was killed, the server is ended (SIGINT: at once, in good order) and FOLDER removed.
// A message 'crash' ends it at once and in no order (SIGQUIT), 'start' starts it again; both are answered with their name.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'

const KILL_AFTER_MS = 5000
const [folder = '', uid, gid, program = '', ...args] = process.argv.slice(2)
const asUser = Number(uid) === process.getuid?.() ? {} : { uid: Number(uid), gid: Number(gid) }
let server = start()

process.on('message', async (message) => {
  if (message === 'crash') await end('SIGQUIT')
  else server = start()
  process.send?.(message)
})
process.on('disconnect', async () => {
  await end('SIGINT')
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  process.exit(0)
})
// Whoever stops the test from a terminal signals this process too; it goes when the test has gone.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {})
}

function start() {
  const options = { cwd: folder, ...asUser, stdio: /** @type {const} */ ('inherit') }
  const started = spawn(program, args, options)
  started.on('error', (error) => console.error(`${program} cannot be started: ${error.message}`))
  return started
}

/** @param {NodeJS.Signals} signal */
async function end(signal) {
  if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return
  const timer = setTimeout(() => server.kill('SIGKILL'), KILL_AFTER_MS)
  server.kill(signal)
  await once(server, 'exit')
  clearTimeout(timer)
}
