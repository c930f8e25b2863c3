import { expect, it } from 'vitest'
import { ago } from '../../../src/page/app/ago.js'

it.each([
  ['2026-11-21T08:00:00.000000001Z', 'now'],
  ['2026-11-21T07:59:15Z', '45 s ago'],
  ['2026-11-21T07:56:50Z', '3 m ago'],
  ['2026-11-21T05:01:00Z', '2 h ago'],
  ['2026-11-11T08:00:00Z', '10 d ago'],
  ['2026-11-21T08:05:00Z', 'now'],
  ['no time', 'no time'],
])('%s was %s', (at, said) => {
  expect(ago(at, Date.parse('2026-11-21T08:00:00Z'))).toBe(said)
})
