// Keeps one program for a test: `node keeper.mjs PATIENCE_MS FOLDER PROGRAM ARGUMENTS...`, started with an IPC channel.
// The channel is the point: when it closes, because the test is done with the program or because it crashed or was killed,
// the program is ended (SIGTERM, and SIGKILL when PATIENCE_MS have passed) and FOLDER removed, so nothing is left behind however a test ends.
// A message 'restart' ends the program and starts it again; 'restarted' is the answer.
// When the program ends by itself, FOLDER is removed and the exit code is 1.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'

const [patience, folder = '', program = '', ...args] = process.argv.slice(2)
let child = start()
/** What is being done to the program on purpose; a further wish waits for it. */
let busy = Promise.resolve()

process.on('message', (message) => {
  if (message === 'restart') busy = busy.then(restart)
})
process.on('disconnect', () => {
  busy = busy.then(end).then(() => leave(0))
})
// Whoever stops the test from a terminal signals this process too; it goes when the test has gone.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {})
}

function start() {
  const started = spawn(program, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] })
  started.on('error', (error) => {
    console.error(`${program} cannot be started: ${error.message}`)
    leave(1)
  })
  started.on('exit', endedByItself)
  return started
}

async function restart() {
  await end()
  child = start()
  process.send?.('restarted')
}

function end() {
  const ending = child
  ending.off('exit', endedByItself)
  return /** @type {Promise<void>} */ (
    new Promise((resolve) => {
      const timer = setTimeout(() => ending.kill('SIGKILL'), Number(patience))
      ending.on('exit', () => {
        clearTimeout(timer)
        resolve()
      })
      ending.kill('SIGTERM')
    })
  )
}

/** @param {number | null} code @param {string | null} signal */
function endedByItself(code, signal) {
  console.error(`${program} ended by itself (${signal ?? `exit code ${code}`})`)
  leave(1)
}

/** @param {number} code */
function leave(code) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  process.exit(code)
}
