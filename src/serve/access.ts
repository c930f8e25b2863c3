/**
 * Who is answered: programs on this machine, and pages of this server itself.
 *
 * A page of somebody else's in a browser here could send requests to this server, or give its own name
 * this machine's address (DNS rebinding). So the name that a client gives the server, and what a browser
 * says of where a request comes from, must be right; nothing is ever sent that lets other pages read.
 */
import type { IncomingMessage } from 'node:http'
import { hostIn, isLoopback } from '../http/listening.js'

/** Why a request is not answered: a sentence for whoever sent it. */
export interface Refusal {
  readonly status: 400 | 403
  readonly problem: string
}

/** Names of the server beside those of this machine alone, in lower case, without port and brackets. */
export type AllowedHosts = ReadonlySet<string>

/**
 * Why a request is refused; `undefined` where it is not.
 *
 * @param isOpenToLinks whether a link on somebody else's page may lead there: what is there tells nothing
 * @example
 * refusalOf(request, new Set(), false)?.status // 403, for `Host: evil.example`
 */
export function refusalOf(
  request: Pick<IncomingMessage, 'headers' | 'socket' | 'url'>,
  allowed: AllowedHosts,
  isOpenToLinks: boolean,
): Refusal | undefined {
  const { headers, url = '' } = request
  if (!url.startsWith('/')) return { status: 400, problem: 'expected a path that begins with /' }
  const host = hostIn(headers.host)
  if (!isLoopback(host) && !allowed.has(host) && host !== addressOf(request))
    return {
      status: 403,
      problem:
        'the Host of the request is no name of this server; it is answered as localhost or 127.0.0.1, and under the names of --allow-host',
    }
  if (!isOwnOrigin(headers.origin, headers.host) || !isOwnSite(headers, isOpenToLinks))
    return { status: 403, problem: 'requests of pages from elsewhere are not answered' }
  return undefined
}

/** The address that the connection came to: an address cannot be given to somebody else. */
function addressOf({ socket }: Pick<IncomingMessage, 'socket'>): string | undefined {
  return socket.localAddress?.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '')
}

/** A program that is no browser sends none. A proxy may speak TLS to the browser. */
function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true
  const own = host?.toLowerCase()
  const text = origin.toLowerCase()
  return own !== undefined && (text === `http://${own}` || text === `https://${own}`)
}

/** `none` is what somebody typed, or a program opened. */
function isOwnSite(headers: IncomingMessage['headers'], isOpenToLinks: boolean): boolean {
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return true
  return (
    isOpenToLinks &&
    headers['sec-fetch-mode'] === 'navigate' &&
    headers['sec-fetch-dest'] === 'document'
  )
}
