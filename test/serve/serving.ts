/** A local server in this process, on a port of its own, and what talks to it byte by byte. */
import { once } from 'node:events'
import { type IncomingHttpHeaders, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseLocation } from '../../src/bridge/location.js'
import { placeFor } from '../../src/serve/places/place-for.js'
import { receivedPlace } from '../../src/serve/places/received-place.js'
import { openReceiver } from '../../src/serve/receiver/receiver.js'
import { RunIndex } from '../../src/serve/run-index.js'
import { serveRuns } from '../../src/serve/serve-runs.js'
import type { RunSummary } from '../../src/view/run-view.js'
import { closing } from '../http/answering-server.js'

/** What is served in a test. */
export interface Served {
  readonly from?: string
  readonly most?: number
  readonly sinceUnixNano?: bigint
  /** The file of a receiver; without it there is none. */
  readonly to?: string
  readonly allowHosts?: readonly string[]
  readonly host?: string
  readonly retryForMs?: number
}

/** Starts a server; it ends after the test. */
export async function serving({ from, most = 1000, sinceUnixNano, to, ...more }: Served) {
  const said: string[] = []
  const say = (message: string) => void said.push(message)
  const index = new RunIndex(most)
  const selection = sinceUnixNano === undefined ? {} : { sinceUnixNano }
  const opening = {
    stdin: (async function* () {})(),
    server: { env: {}, version: '0', onRetry: () => {}, retryForMs: more.retryForMs ?? 1000 },
  }
  const place =
    from === undefined
      ? undefined
      : await placeFor(parseLocation(from), { opening, index, selection, mayCome: false })
  const receiver = to === undefined ? undefined : await openReceiver({ file: to, say })
  if (receiver !== undefined) closing(receiver)
  const server = closing(
    await serveRuns({
      listen: { host: more.host ?? '127.0.0.1', port: 0 },
      allowHosts: more.allowHosts ?? [],
      index,
      places: {
        ...(place === undefined ? {} : { from: place }),
        ...(receiver === undefined ? {} : { received: receivedPlace(receiver, index, selection) }),
      },
      receiver,
      report: async (view) => `<!doctype html><title>${view.summary.run_id}</title>`,
      say,
    }),
  )
  return { server, said, index, url: server.url, ask: asker(server.url) }
}

/** What came back. */
export interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A request. */
export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Sends the path and the headers as they are, which `fetch` would not. */
function asker(url: string): (path: string, asked?: Asked) => Promise<Answer> {
  const { hostname, port } = new URL(url)
  return (path, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const sent = request(
        { host: hostname, port, path, method, headers, agent: false },
        (response) => {
          let text = ''
          response.setEncoding('utf8').on('data', (more: string) => (text += more))
          response.on('end', () => {
            resolve({ status: response.statusCode, headers: response.headers, body: text })
          })
          response.on('error', reject)
        },
      )
      sent.on('error', reject).end(body)
    })
}

/** The list of runs. */
export interface RunsAnswer {
  readonly location: string
  readonly receiver: { readonly url: string; readonly file: string } | null
  readonly runs: readonly RunSummary[]
  readonly problems: readonly string[]
}

/** Asks for the list until it is as it should be; a test that waits in vain ends by its own limit. */
export async function runsUntil(
  url: string,
  isAsItShould: (answer: RunsAnswer) => boolean,
): Promise<RunsAnswer> {
  for (;;) {
    const answer = (await (await fetch(`${url}/api/runs`)).json()) as RunsAnswer
    if (isAsItShould(answer)) return answer
    await sleep(20)
  }
}

/** A stream of events, and what came so far. */
export async function eventsOf(url: string) {
  const stopping = new AbortController()
  closing({ close: () => stopping.abort() })
  const response = await fetch(`${url}/api/events`, { signal: stopping.signal })
  const stream = { response, text: '', isOver: false }
  const reading = (async () => {
    const decoder = new TextDecoder()
    for await (const bytes of response.body ?? []) stream.text += decoder.decode(bytes)
  })()
  void reading.catch(() => {}).finally(() => (stream.isOver = true))
  return stream
}

/** The data of the events of a kind. */
export function dataOf(text: string, event: string): Record<string, unknown>[] {
  return [...text.matchAll(/^event: (\w+)\ndata: (.*)\n\n/gm)].flatMap(([, name, data = '']) =>
    name === event ? JSON.parse(data) : [],
  )
}

/** A connection as it is. */
export async function connected(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** Sends bytes; what the server says until it hangs up. */
export async function talk(url: string, bytes: string): Promise<string> {
  const socket = await connected(url)
  let answer = ''
  socket.setEncoding('latin1').on('data', (text: string) => (answer += text))
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.write(bytes)
  await closed
  return answer
}
