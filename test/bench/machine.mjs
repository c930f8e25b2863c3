// Where the figures come from: they are worth nothing without it.
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os'

/** @typedef {{ node: string, platform: string, processor: string, cores: number, memoryBytes: number, date: string }} Machine */

/** @returns {Machine} */
export function thisMachine() {
  return {
    node: process.version,
    platform: `${platform()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    date: new Date().toISOString(),
  }
}

/** @param {Machine} machine @returns {string} */
export function machineLine({ node, platform, processor, cores, memoryBytes, date }) {
  const memory = `${(memoryBytes / 1e9).toFixed(0)} GB`
  return `Node ${node}, ${platform}, ${processor}, ${cores} cores, ${memory}, ${date}`
}
