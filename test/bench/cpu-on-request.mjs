// Loaded into a program that goes on, with `node --import`: at SIGUSR2 it writes to file descriptor 3 how much CPU time it has
// used so far, in ms, a line each time.
import { writeSync } from 'node:fs'

process.on('SIGUSR2', () => {
  const { user, system } = process.cpuUsage()
  writeSync(3, `${(user + system) / 1000}\n`)
})
