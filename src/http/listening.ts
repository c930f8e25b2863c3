/**
 * Where a server of ours listens, and what is said where it cannot.
 *
 * It knows nothing of what the server answers.
 */
import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'
import { RivetOtelError, reasonOf } from '../problem.js'

/** An address to listen at. */
export interface ListenAddress {
  /** An IP address, without brackets, or a name. */
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
}

/**
 * An address as a URL.
 *
 * @example
 * urlOf({ host: '::1', port: 9464 }) // 'http://[::1]:9464'
 */
export function urlOf({ host, port }: ListenAddress): string {
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`
}

/**
 * Whether a name or an address, without brackets, is this machine alone.
 *
 * @example
 * isLoopback('127.0.0.1') // true
 */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/**
 * The name in a Host header, in lower case, without port and brackets; `localhost` where there is no
 * header: a client that sends none is no browser.
 *
 * @example
 * hostIn('[::1]:9464') // '::1'
 */
export function hostIn(header: string | undefined): string {
  if (header === undefined) return 'localhost'
  return header
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[|\]$/g, '')
}

/**
 * Lets a server listen; its address with the port that it got.
 *
 * @param takenHint what to do where something else listens there
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` where it cannot.
 * @example
 * await listenAt(server, { host: '127.0.0.1', port: 0 }, 'Give it another port.')
 */
export async function listenAt(
  server: Server,
  address: ListenAddress,
  takenHint: string,
): Promise<ListenAddress> {
  try {
    server.listen(address)
    await once(server, 'listening')
  } catch (error) {
    throw unusable(address, error, takenHint)
  }
  const { port } = server.address() as AddressInfo
  return { host: address.host, port }
}

/**
 * Ends a server at once, and every connection with it.
 *
 * @example
 * await endServer(server)
 */
export async function endServer(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

const NO_SUCH_ADDRESS = 'Give 127.0.0.1 for this machine alone, 0.0.0.0 for all of its addresses.'

const WHY: Readonly<Record<string, readonly [why: string, hint?: string]>> = {
  EADDRINUSE: ['something else listens there'],
  EACCES: ['it is not permitted', 'Ports below 1024 are for root; expected one above.'],
  EADDRNOTAVAIL: ['this machine does not have that address', NO_SUCH_ADDRESS],
  ENOTFOUND: ['no such name is known', NO_SUCH_ADDRESS],
}

function unusable(address: ListenAddress, error: unknown, takenHint: string): RivetOtelError {
  const { code = '' } = error as NodeJS.ErrnoException
  const [why, known] = WHY[code] ?? [reasonOf(error)]
  const hint = code === 'EADDRINUSE' ? takenHint : known
  return new RivetOtelError('INVALID_CONFIGURATION', `cannot listen at ${urlOf(address)}: ${why}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  })
}
