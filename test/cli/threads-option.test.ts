import { describe, expect, it } from 'vitest'
import type { Target } from '../../src/cli/target.js'
import { threadsOf } from '../../src/cli/threads-option.js'
import { DryRun } from '../../src/delivery/dry-run.js'
import { openOtlpHttp } from '../../src/delivery/otlp-http.js'
import { target } from '../delivery/target.js'

const file: Target = {
  delivery: new DryRun(openOtlpHttp(target('http://127.0.0.1:1'))),
  file: 'traces.otlp.jsonl',
  endpoint: undefined,
}
const endpoint = (tracesPerSecond: number): Target => ({ ...file, tracesPerSecond })

describe('--threads', () => {
  it('is what it says, whatever the target', () => {
    expect(threadsOf('0', file)).toBe(0)
    expect(threadsOf('3', endpoint(1))).toBe(3)
  })

  it('is left to the export, but for an endpoint that gets no more than one thread makes', () => {
    expect(threadsOf(undefined, file)).toBeUndefined()
    expect(threadsOf(undefined, endpoint(501))).toBeUndefined()
    expect(threadsOf(undefined, endpoint(500))).toBe(0)
  })

  it.each(['-1', '65', '1.5', 'all', ''])('is refused as %j', (text) => {
    expect(() => threadsOf(text, file)).toThrow(/--threads: expected a whole number of threads/)
  })
})
