/** Servers that repeat what they were sent, in every way that they can, to every command that talks to one. */

import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { closing } from '../http/answering-server.js'
import { encodeResponse } from '../receiver/otlp-messages.js'
import { temporaryFolder } from './command-line.js'
import { runHere } from './in-process.js'
import { all, found, secret } from './planted-secrets.js'
import { smallRun } from './small-runs.js'
import { putRuns } from './watching.js'

/** Those that belong to the place where runs are sent, and those of the place where they are read. */
const SENDING = {
  header: `Bearer ${secret()}`,
  key: `${secret()}<&"'/+`,
  query: secret(),
  user: secret(),
}
const READING = {
  header: `Bearer ${secret()}`,
  key: `${secret()}<&"'/+`,
  query: secret(),
  user: secret(),
}
const ENV = {
  RIVET_OTEL_DEBUG: '1',
  SENDING_TOKEN: SENDING.header,
  READING_TOKEN: READING.header,
  OTEL_EXPORTER_OTLP_HEADERS: `x-sending-key=${encodeURIComponent(SENDING.key)}`,
  RIVET_OTEL_READ_HEADERS: `x-reading-key=${encodeURIComponent(READING.key)}`,
}

interface Request {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
}

/** Everything that a request says, also as a server may have decoded it. */
function echoOf({ method, url, headers }: Request): string {
  const basic = headers.authorization?.startsWith('Basic ')
    ? Buffer.from(headers.authorization.slice(6), 'base64').toString()
    : ''
  return `${method} http://${basic}@host${url} ${decodeURIComponent(url)} ${basic} ${Object.values(headers).join(' ')}`
}

const inHtml = (text: string) =>
  text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`)
const named = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#x27;')
const JSON_TYPE = { 'content-type': 'application/json' }
const HTML = { 'content-type': 'text/html' }

/** Ways to repeat a request. */
const ECHOES: Readonly<Record<string, (echo: string, response: ServerResponse) => void>> = {
  'in the words of a refusal': (echo, response) => response.writeHead(401).end(echo),
  'in the JSON of a refusal': (echo, response) =>
    response.writeHead(400, JSON_TYPE).end(JSON.stringify({ message: echo })),
  'in nested JSON': (echo, response) =>
    response
      .writeHead(500, JSON_TYPE)
      .end(JSON.stringify({ errors: [{ msg: JSON.stringify({ request: echo }) }] })),
  'in the page of a proxy': (echo, response) =>
    response.writeHead(407, HTML).end(`<h1>Proxy</h1>${inHtml(echo)} ${named(echo)}`),
  'in a page that looks like success': (echo, response) =>
    response.writeHead(200, HTML).end(`<h1>Sign in</h1>${named(echo)}`),
  'in a redirect': (echo, response) =>
    response
      .writeHead(307, {
        location: `http://127.0.0.1:1/${encodeURIComponent(echo)}?next=${encodeURIComponent(echo)}`,
      })
      .end(echo),
  'in Retry-After, and no HTTP': (echo, response) =>
    response.writeHead(503, { 'retry-after': echo, 'x-echo': echo }).end(echo),
  'in a partial success': (echo, response) =>
    response
      .writeHead(200, { 'content-type': 'application/x-protobuf' })
      .end(encodeResponse(1, echo)),
}

/** A server that repeats its requests, and the requests. */
async function echoing(echo: (echo: string, response: ServerResponse) => void) {
  const requests: Request[] = []
  const server = createServer((message, response) => {
    const { method = '', url = '', headers } = message
    requests.push({ method, url, headers })
    message.resume().on('end', () => echo(echoOf({ method, url, headers }), response))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing({
    close() {
      server.closeAllConnections()
      server.close()
    },
  })
  return { port: (server.address() as AddressInfo).port, requests }
}

/** Runs a line in a folder, as its own. */
async function runIn(cwd: string, line: readonly string[]) {
  const home = process.cwd()
  process.chdir(cwd)
  try {
    return await runHere(line, { cwd, env: ENV })
  } finally {
    process.chdir(home)
  }
}

let folder = ''
beforeEach(() => {
  folder = temporaryFolder()
  writeFileSync(join(folder, 'journals.jsonl'), smallRun('orders_0'))
  putRuns(join(folder, 'state.db'), ['orders_0'])
})

const AT_ONCE = ['--retry-for', '0']
/** The spellings of a secret of a place, which only that place may see. */
const secretsOf = ({ header, key, query, user }: typeof SENDING) =>
  [header, key, query, user].flatMap((text) => found(text))

/** What a place saw: its requests, with what was encoded also decoded. */
const seen = (requests: readonly Request[]) => found(requests.map(echoOf).join('\n')).sort()

describe('servers that repeat what they were sent', { timeout: 120_000 }, () => {
  it.each(Object.entries(ECHOES))('%s: nothing of it is said or written', async (_, echo) => {
    const sending = await echoing(echo)
    const reading = await echoing(echo)
    const journals = ['--from', 'journals.jsonl']
    const to = [
      [
        '--to',
        `http://127.0.0.1:${sending.port}/?key=${SENDING.query}`,
        '--header',
        'authorization=$SENDING_TOKEN',
      ],
      ['--to', `http://ana:${SENDING.user}@127.0.0.1:${sending.port}/`],
    ] as const
    const server = (kind: string, credentials: string) =>
      `${kind}+http://${credentials}127.0.0.1:${reading.port}/?key=${READING.query}`
    const lines: (readonly string[])[] = []
    for (const place of to) {
      lines.push(['export', ...journals, ...place, ...AT_ONCE])
      lines.push(['export', ...journals, ...place, ...AT_ONCE, '--json', '--no-ledger'])
      lines.push(['watch', '--from', 'state.db', ...place, ...AT_ONCE, '--listen', '0'])
      lines.push(['doctor', ...place, ...AT_ONCE, '--wait', '0s', '--burst', '0'])
    }
    for (const kind of ['jaeger', 'tempo']) {
      const places = [
        [server(kind, ''), ...AT_ONCE, '--header', 'authorization=$READING_TOKEN'],
        [server(kind, `ana:${READING.user}@`), ...AT_ONCE],
      ]
      for (const place of places) {
        lines.push(['runs', '--from', ...place])
        lines.push(['show', 'orders_0', '--from', ...place])
        lines.push(['import', '--from', ...place, '--run-id', 'orders_0', '--json'])
        lines.push(['verify', ...journals, '--in', ...place, '--json'])
        lines.push([
          'doctor',
          '--in',
          ...place.map((part) => part.replace(/^--header$/, '--read-header')),
          '--wait',
          '0s',
        ])
      }
    }
    const leaks: string[] = []
    for (const line of lines) {
      const { stdout, stderr } = await runIn(folder, line)
      if (found(stdout + stderr).length > 0) leaks.push(`${line.join(' ')}\n${stdout}${stderr}`)
    }
    expect(leaks).toEqual([])
    expect(found(all(folder, [], []))).toEqual([])
    // Each place saw what belongs to it and nothing else, so there was something to repeat.
    expect(seen(sending.requests)).toEqual(secretsOf(SENDING).sort())
    expect(seen(reading.requests)).toEqual(secretsOf(READING).sort())
  })

  it('and files of certificates and keys that cannot be used are named, not quoted', async () => {
    const hidden = secret()
    const files = {
      'words.pem': hidden,
      'broken.pem': `-----BEGIN PRIVATE KEY-----\n${hidden}\n-----END PRIVATE KEY-----\n`,
      'locked.pem': `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${hidden}\n-----END ENCRYPTED PRIVATE KEY-----\n`,
      'trust.pem': `-----BEGIN CERTIFICATE-----\n${hidden}\n-----END CERTIFICATE-----\n`,
    }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    const outcomes = []
    for (const file of Object.keys(files)) {
      for (const flags of [
        ['--certificate', file],
        ['--client-certificate', 'trust.pem', '--client-key', file],
        ['--redact-key', `@${file}`],
        ['--redact-key', `@${folder}`],
        ['--redact', 'query', '--redact-patterns', `@${file}`, '--redact-pattern', `${hidden}[`],
        ['--header', `x-key=@${file}`, '--header', `x-key=@${folder}`],
      ]) {
        const line = ['export', '--from', 'journals.jsonl', '--to', 'https://127.0.0.1:1', ...flags]
        outcomes.push(await runIn(folder, [...line, ...AT_ONCE]))
      }
    }
    for (const { code } of outcomes) expect(code).toBe(2)
    expect(found(all(folder, Object.keys(files), outcomes))).toEqual([])
  })
})
