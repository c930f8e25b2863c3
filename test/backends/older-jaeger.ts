/**
 * A Jaeger of before its newer API: a real one, behind a proxy that has no `/api/v3` and answers
 * there with a page, as such servers do.
 */
import { request } from 'node:http'
import { startLocalServer } from '../http/local-server.js'

/** A proxy that runs. */
export interface OlderJaeger {
  /** Its address, without a path. */
  readonly query: string
  /** How often each API was asked for traces. */
  readonly asked: { readonly newer: number; readonly older: number }
  stop(): Promise<void>
}

/** Starts it before a Jaeger that has both. */
export async function startOlderJaeger(query: string): Promise<OlderJaeger> {
  const asked = { newer: 0, older: 0 }
  const { url, stop } = await startLocalServer((from, to) => {
    const path = from.url ?? '/'
    if (path.startsWith('/api/v3/')) {
      asked.newer++
      to.writeHead(404, { 'content-type': 'text/html; charset=utf-8' })
      to.end('<!DOCTYPE html><html lang="en"><title>404 Not Found</title></html>')
      return
    }
    if (path.startsWith('/api/traces/')) asked.older++
    const { headers, method = 'GET' } = from
    const onward = request(new URL(path, query), { method, headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(to)
    })
    onward.on('error', (error) => to.destroy(error))
    from.pipe(onward)
  })
  return { query: url, asked, stop }
}
