// Loaded into every program that is measured, with `node --import`: at its end it writes to file descriptor 3 what it used.
import { readFileSync, writeSync } from 'node:fs'

process.on('exit', () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage()
  const used = { cpuMs: (userCPUTime + systemCPUTime) / 1000, peakBytes: peakBytes() }
  writeSync(3, JSON.stringify(used))
})

// Linux counts into a process's maxRSS what its parent had when it started it; VmHWM is its own.
function peakBytes() {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    if (kilobytes !== undefined) return Number(kilobytes) * 1024
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024
}
