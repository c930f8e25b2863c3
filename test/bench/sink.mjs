// The sink, a process of its own: an OTLP/HTTP receiver that reads all bytes and answers as a collector does, and decodes nothing
// while time is taken. Told to keep the bodies, it writes them to files, unpacked, for the check and for the floor.
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** @type {{ folder: string | undefined, requests: number, bytes: number }} */
let round = { folder: undefined, requests: 0, bytes: 0 }

const server = createServer((request, response) => {
  /** @type {Buffer[]} */
  const kept = []
  let bytes = 0
  request.on('data', (piece) => {
    bytes += piece.length
    if (round.folder !== undefined) kept.push(piece)
  })
  request.on('end', () => {
    const type = request.headers['content-type'] ?? ''
    if (round.folder !== undefined) {
      const sent = Buffer.concat(kept)
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
      writeFileSync(join(round.folder, String(round.requests).padStart(6, '0')), body)
    }
    round.requests++
    round.bytes += bytes
    response.writeHead(200, { 'content-type': type })
    response.end(type === 'application/json' ? '{}' : '')
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send?.(server.address()))

// Each message begins a round; the answer is what came in the one before.
process.on('message', (/** @type {{ folder?: string }} */ { folder }) => {
  const { requests, bytes } = round
  round = { folder, requests: 0, bytes: 0 }
  process.send?.({ requests, bytes })
})
process.on('disconnect', () => process.exit())
