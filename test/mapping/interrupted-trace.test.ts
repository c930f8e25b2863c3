import { describe, expect, it } from 'vitest'
import { interruptedIdsOf } from '../../src/mapping/ids.js'
import { interruptedRunToTrace } from '../../src/mapping/interrupted-run.js'
import { readInterruptedRoot } from '../../src/mapping/interrupted-trace.js'
import type { ReceivedSpan } from '../../src/trace/trace.js'
import { START, shopJournal } from '../cli/view/journals.js'
import { after, interruptedInChunks, interruptedRun } from '../cli/view/unjournaled-runs.js'
import { exported } from './both-ways.js'

function spansOf(...args: Parameters<typeof interruptedRunToTrace>): ReceivedSpan[] {
  const { resource, scope, spans } = interruptedRunToTrace(...args).trace
  return spans.map((span) => ({ resource, scope, span }))
}

describe('readInterruptedRoot', () => {
  it('reads what the root says, and takes no other span of the trace for it', () => {
    const run = interruptedInChunks({ resumedBy: 'slow_2' })
    const [root, ...others] = spansOf(run, { namespace: 'eu' }).map(readInterruptedRoot)
    expect(root).toEqual({
      namespace: 'eu',
      runId: 'slow_1',
      exportName: 'slow',
      traceId: interruptedIdsOf({ namespace: 'eu', runId: 'slow_1' }).traceId,
      startUnixNano: START,
      noticedUnixNano: after(60_000),
      message: expect.stringContaining('left no journal'),
      resumedBy: 'slow_2',
      rows: 500,
      files: 2,
      bytes: 3000,
      chunks: 6,
      chunksPending: 2,
      chunksFailed: 1,
    })
    expect(others.length).toBeGreaterThan(0)
    expect(others.every((other) => other === undefined)).toBe(true)
  })

  it('says nothing that is not known', () => {
    const [root] = spansOf(interruptedRun()).map(readInterruptedRoot)
    expect(root).toMatchObject({ runId: 'slow_1', namespace: '' })
    for (const name of ['rows', 'files', 'bytes', 'chunks', 'resumedBy'])
      expect(root).not.toHaveProperty(name)
  })

  it('takes no span for one that has other ids, or is a journal’s', () => {
    const [root] = spansOf(interruptedRun())
    if (root === undefined) throw new Error('no root')
    const with_ = (members: Partial<ReceivedSpan['span']>) =>
      readInterruptedRoot({ ...root, span: { ...root.span, ...members } })
    expect(with_({})).toBeDefined()
    expect(with_({ traceId: 'ab'.repeat(16) })).toBeUndefined()
    expect(with_({ spanId: 'ab'.repeat(8) })).toBeUndefined()
    const { attributes } = root.span
    expect(with_({ attributes: { ...attributes, 'rivet.run.id': 'slow_2' } })).toBeUndefined()
    expect(with_({ attributes: { ...attributes, 'rivet.run.id': 7 } })).toBeUndefined()
    expect(with_({ attributes: { ...attributes, 'rivet.run.rows': 'many' } })).not.toHaveProperty(
      'rows',
    )
    expect(exported(shopJournal('orders_20261121')).map(readInterruptedRoot)).toEqual(
      exported(shopJournal('orders_20261121')).map(() => undefined),
    )
  })
})
