// A program of a thread that gives its first batch back empty and dies of the second.
import { parentPort } from 'node:worker_threads'

let batches = 0
parentPort?.on('message', () => {
  if (++batches === 2) process.exit(1)
  parentPort?.postMessage({ runs: [], bytes: new Uint8Array() })
})
