#!/usr/bin/env node
/** The executable `rivet-otel`. Loads the command line only where more is asked for than its version. */
import { VERSION } from './version.js'

const args = process.argv.slice(2)
// A write that fails is told to whoever waits for it; nobody has to hear of it twice, and a reader of
// the talk that went away must not stop the work.
process.stdout.on('error', () => {})
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.write(`${VERSION}\n`)
} else {
  process.stderr.on('error', () => {})
  // What is loaded from here on is a bundle; where something happened is a place in its sources.
  if (process.env.RIVET_OTEL_DEBUG) process.setSourceMapsEnabled(true)
  const { main } = await import('./cli/main.js')
  process.exitCode = await main(args)
}
