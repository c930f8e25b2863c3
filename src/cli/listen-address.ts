/** Where a server of ours listens, from an option. */
import { isIPv6 } from 'node:net'
import type { ListenAddress } from '../http/listening.js'
import { RivetOtelError } from '../problem.js'
import { withoutSaidSecrets } from './said-text.js'
import { printable } from './view/printable.js'
import { shorten } from './view/terminal-text.js'

/** Only this machine: whoever wants others to reach it says so. */
const LOOPBACK = '127.0.0.1'

/**
 * Reads an address: `127.0.0.1:9464`, `[::1]:9464`, `0.0.0.0:9464`, `localhost:9464`; a port alone,
 * `9464` or `:9464`, is one of 127.0.0.1, and never of all addresses.
 *
 * @throws {RivetOtelError} `USAGE` for anything else.
 * @example
 * parseListenAddress('--listen', ':9464') // { host: '127.0.0.1', port: 9464 }
 */
export function parseListenAddress(flag: string, text: string): ListenAddress {
  const [, bracketed, plain, digits = ''] =
    /^(?:(?:\[([^\]]*)\]|([\w.-]*)):)?(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  const isAddress = bracketed === undefined || isIPv6(bracketed)
  if (digits === '' || port > 65_535 || !isAddress) {
    throw new RivetOtelError(
      'USAGE',
      `${flag} ${shorten(printable(withoutSaidSecrets(text)), 80)}: expected an address like 127.0.0.1:9464, [::1]:9464 or 0.0.0.0:9464, or a port like 9464`,
    )
  }
  return { host: bracketed ?? (plain || LOOPBACK), port }
}
