// Contender: the floor. JSON.parse of each line, and ready-made bytes, sent with node:http: no program that reads journals and
// sends them can do less. The bytes are those of this project, made beforehand; with gzip they are packed as they go.
import { readdirSync, readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

const CONCURRENCY = 4
const pack = promisify(gzip)

/**
 * @param {import('./exporting.mjs').ExportSettings & { bodies: string }} settings `bodies`: a folder, a body a file.
 * @returns {Promise<number>} ms.
 */
export default async function exportAtTheFloor({ journals, bodies: folder, ...place }) {
  const bodies = readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name)))
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY })

  const started = performance.now()
  const lines = readFileSync(journals, 'utf8').split('\n')
  const underWay = new Set()
  let sent = 0
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]
    if (line) JSON.parse(line)
    // Each body goes when its share of the lines was read.
    while (sent < Math.ceil((bodies.length * (i + 1)) / lines.length)) {
      const body = bodies[sent++] ?? Buffer.alloc(0)
      const done = send(body, place, agent).finally(() => underWay.delete(done))
      underWay.add(done)
      if (underWay.size >= CONCURRENCY) await Promise.race(underWay)
    }
  }
  await Promise.all(underWay)
  const ms = performance.now() - started

  agent.destroy()
  return ms
}

/**
 * @param {Buffer} body
 * @param {Omit<import('./exporting.mjs').ExportSettings, 'journals'>} place
 * @param {Agent} agent
 */
async function send(body, { endpoint, protocol, compression }, agent) {
  const isGzip = compression === 'gzip'
  const bytes = isGzip ? await pack(body) : body
  const headers = {
    'content-type': protocol === 'http/json' ? 'application/json' : 'application/x-protobuf',
    'content-length': bytes.length,
    ...(isGzip && { 'content-encoding': 'gzip' }),
  }
  await new Promise((resolve, reject) => {
    const url = new URL('/v1/traces', endpoint)
    const asked = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume()
      answer.on('end', resolve)
      answer.on('error', reject)
    })
    asked.on('error', reject)
    asked.end(bytes)
  })
}
