#!/usr/bin/env node
/** The executable `rivet-otel`. */
import { main } from './cli/main.js'
import { processTerminal } from './cli/terminal.js'

// A write that fails is told to whoever waits for it; nobody has to hear of it twice, and a reader of
// the talk that went away must not stop the work.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})
process.exitCode = await main(process.argv.slice(2), processTerminal(process))
