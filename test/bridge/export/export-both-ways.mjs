// Exports a file of journals with the built library, with its threads and without, and says what was sent and what was said.
// node export-both-ways.mjs JOURNALS PROTOCOL [LEDGER]: with a ledger each way has its own, and exports twice.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import * as built from 'rivet-otel'

const [journals = '', protocol, ledgerFile] = process.argv.slice(2)
let threads = 0
process.on('worker', () => threads++)

/** @type {string[]} */
let bodies = []
const server = createServer(async (request, response) => {
  const hash = createHash('sha256')
  for await (const chunk of request) hash.update(chunk)
  bodies.push(hash.digest('hex'))
  response.end(protocol === 'http/json' ? '{}' : '')
})
server.listen(0, '127.0.0.1', async () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const endpoint = `http://127.0.0.1:${port}`
  const here = await exportRuns(endpoint, 'here')
  const inThreads = await exportRuns(endpoint, 'threads')
  console.log(JSON.stringify({ here, inThreads }))
  server.close()
  server.closeAllConnections()
})

/** @param {string} endpoint @param {'here' | 'threads'} way */
async function exportRuns(endpoint, way) {
  threads = 0
  bodies = []
  const source = await built.openJournalFile(journals)
  const settings = built.otlpSettings({
    ...{ env: {}, version: 'test', endpoint, protocol, concurrency: 1 },
    // Less than some pages have, which are divided.
    maxRequestBytes: 150_000,
  })
  if (settings === undefined) throw new Error('no endpoint')
  /** @type {unknown[]} */
  const said = []
  for (let round = 0; round < (ledgerFile === undefined ? 1 : 2); round++) {
    let delivery = built.openOtlpHttp(settings)
    if (ledgerFile !== undefined) {
      const ledger = await built.openLedger(`${ledgerFile}-${way}`, built.otlpTargetName(settings))
      if (ledger === undefined) throw new Error('no ledger')
      delivery = built.withLedger(delivery, ledger)
    }
    const summary = await built.exportRuns({
      ...{ source, selection: {}, delivery },
      redaction: { patterns: [/customer_\d+/g] },
      resource: { 'service.name': 'nightly' },
      namespace: 'eu',
      threads: way === 'here' ? 0 : 1,
      onRun: (run) => said.push(run),
    })
    said.push(summary)
    await delivery.close()
  }
  await source.close()
  return { threads, bodies, said }
}
