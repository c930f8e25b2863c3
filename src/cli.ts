#!/usr/bin/env node
/** The executable `rivet-otel`. */
import { main } from './cli/main.js'
import { processTerminal } from './cli/terminal.js'

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})
process.exitCode = await main(process.argv.slice(2), processTerminal(process))
