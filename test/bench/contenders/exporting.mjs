// Who is measured in the part export, and how each is told what to send and where.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand, runContender } from './programs.mjs'

/**
 * @typedef {{ protocol: 'http/protobuf' | 'http/json', compression: 'none' | 'gzip' }} Wire
 * @typedef {Wire & { journals: string, endpoint: string }} ExportSettings
 */

export const LIBRARY = 'rivet-otel, library'
export const COMMAND = 'rivet-otel export --no-ledger'
export const WITH_LEDGER = 'rivet-otel export'
export const SDK = 'SDK loop'
export const FLOOR = 'floor'

/** What each does, for the reader. */
export const ABOUT = [
  'Journals of a file go to an OTLP/HTTP receiver in another process, unpaced, until the last answer.',
  `${LIBRARY}: exportRuns, the whole mapping: computed ids, digest, exact times, split text.`,
  `${COMMAND}: the command, the whole process; ${WITH_LEDGER}: with its ledger, a new one each time.`,
  `${SDK}: NodeTracerProvider, BatchSpanProcessor, OTLPTraceExporter; startSpan, addEvent, end: the same spans.`,
  `${FLOOR}: JSON.parse of each line, and ready-made bytes (the library's) by node:http, 4 requests at once.`,
]

/**
 * @param {{ journals: string, endpoint: string, wire: Wire, bodies: string, folder: string }} task
 *   `bodies`: a folder with the floor's bytes.
 * @returns {import('../rounds.mjs').Contender[]}
 */
export function exporters({ journals, endpoint, wire, bodies, folder }) {
  const settings = { journals, endpoint, ...wire }
  const ledger = join(folder, 'ledger.db')
  const args = [
    ...['export', '--all', '--from', journals, '--to', endpoint],
    ...['--protocol', wire.protocol, '--compression', wire.compression],
    ...['--max-traces-per-second', '1000000'],
  ]
  return [
    { name: LIBRARY, run: () => runContender('export-library', settings) },
    { name: COMMAND, run: () => runCommand([...args, '--no-ledger'], folder) },
    {
      name: WITH_LEDGER,
      run: async () => {
        for (const end of ['', '-wal', '-shm']) rmSync(`${ledger}${end}`, { force: true })
        return runCommand([...args, '--ledger', ledger], folder)
      },
    },
    { name: SDK, run: () => runContender('sdk-loop', settings) },
    { name: FLOOR, run: () => runContender('floor', { ...settings, bodies }) },
  ]
}
