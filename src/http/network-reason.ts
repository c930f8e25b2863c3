/**
 * Why no connection came to be, in plain words, as far as they are the same for every kind of
 * server. What mends it by a setting is said by the room that has the setting.
 *
 * The codes are Node's and OpenSSL's.
 */

/**
 * What the network says of a host that is not reached; it may pass. `undefined` for another code.
 *
 * @param host as people know it
 * @example
 * networkReason('ENOTFOUND', 'db') // 'the host name db is not known'
 */
export function networkReason(code: string, host: string): string | undefined {
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there (connection refused)'
    case 'ENOTFOUND':
      return `the host name ${host} is not known`
    case 'EAI_AGAIN':
      return `the host name ${host} could not be looked up, no name server answers`
    case 'ETIMEDOUT':
      return `${host} does not answer`
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `there is no way to ${host} from here`
    default:
      return undefined
  }
}

/**
 * What is wrong with the time of a certificate. `undefined` for another code.
 *
 * @example
 * certificateTimeReason('CERT_HAS_EXPIRED') // 'its certificate has expired; the server needs a new one'
 */
export function certificateTimeReason(code: string): string | undefined {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return 'its certificate has expired; the server needs a new one'
    case 'CERT_NOT_YET_VALID':
      return 'its certificate is not valid yet; check the clocks of both sides'
    default:
      return undefined
  }
}
