import { expect, it } from 'vitest'
import { certificateTimeReason, networkReason } from '../../src/http/network-reason.js'

it.each([
  ['ECONNREFUSED', 'nothing listens there (connection refused)'],
  ['ENOTFOUND', 'the host name db is not known'],
  ['EAI_AGAIN', 'the host name db could not be looked up, no name server answers'],
  ['ETIMEDOUT', 'db does not answer'],
  ['EHOSTUNREACH', 'there is no way to db from here'],
  ['ENETUNREACH', 'there is no way to db from here'],
  ['ECONNRESET', undefined],
  ['', undefined],
])('%s of the network is said as: %s', (code, words) => {
  expect(networkReason(code, 'db')).toBe(words)
})

it.each([
  ['CERT_HAS_EXPIRED', 'its certificate has expired; the server needs a new one'],
  ['CERT_NOT_YET_VALID', 'its certificate is not valid yet; check the clocks of both sides'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', undefined],
])('%s of a certificate is said as: %s', (code, words) => {
  expect(certificateTimeReason(code)).toBe(words)
})
