import { describe, expect, it } from 'vitest'
import { interruptedIdsOf } from '../../src/mapping/ids.js'
import { interruptedRunToTrace } from '../../src/mapping/interrupted-run.js'
import { InterruptedTraces } from '../../src/mapping/interrupted-trace.js'
import type { ReceivedSpan } from '../../src/trace/trace.js'
import { START, shopJournal } from '../cli/view/journals.js'
import { after, interruptedInChunks, interruptedRun } from '../cli/view/unjournaled-runs.js'
import { exported } from './both-ways.js'

function spansOf(...args: Parameters<typeof interruptedRunToTrace>): ReceivedSpan[] {
  const { resource, scope, spans } = interruptedRunToTrace(...args).trace
  return spans.map((span) => ({ resource, scope, span }))
}

function readFrom(spans: readonly ReceivedSpan[]) {
  const traces = new InterruptedTraces()
  for (const span of spans) traces.add(span)
  return traces.all()
}

describe('the trace of a run that was killed', () => {
  it('says what was known of the run, in whatever order its spans come', () => {
    const spans = spansOf(interruptedInChunks({ resumedBy: 'slow_2' }), { namespace: 'eu' })
    expect(spans.length).toBeGreaterThan(2)
    for (const each of [spans, spans.toReversed()]) {
      expect(readFrom(each)).toEqual([
        {
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
        },
      ])
    }
  })

  it('says nothing that is not known', () => {
    const [trace] = readFrom(spansOf(interruptedRun()))
    expect(trace).toMatchObject({ runId: 'slow_1', namespace: '' })
    for (const name of ['rows', 'files', 'bytes', 'chunks', 'resumedBy'])
      expect(trace).not.toHaveProperty(name)
  })

  it('says that the run was there where nothing but its root came, or all but its root', () => {
    const [root, ...others] = spansOf(interruptedInChunks())
    if (root === undefined) throw new Error('no root')
    const [trace] = readFrom([root])
    expect(trace).toMatchObject({ runId: 'slow_1', startUnixNano: START })
    expect(trace).not.toHaveProperty('noticedUnixNano')
    expect(readFrom(others)).toEqual(readFrom([root, ...others]))
  })

  it('says what was noticed first, and who went on with the run, where it was sent twice', () => {
    const sooner = spansOf(interruptedInChunks())
    const resumed = { endedUnixNano: START + 90_000_000_000n, resumedBy: 'slow_2', chunkTasks: [] }
    const later = spansOf(interruptedInChunks(resumed))
    const [first] = readFrom(sooner)
    for (const spans of [
      [...sooner, ...later],
      [...later, ...sooner],
    ])
      expect(readFrom(spans)).toEqual([{ ...first, resumedBy: 'slow_2' }])
  })

  it('is none where the ids are others, or the spans a journal’s', () => {
    const [root, known, ...others] = spansOf(interruptedRun())
    if (root === undefined || known === undefined) throw new Error('no root')
    const readWith = (received: ReceivedSpan, members: Partial<ReceivedSpan['span']>) =>
      readFrom([{ ...received, span: { ...received.span, ...members } }])
    for (const received of [root, known]) {
      expect(readWith(received, {})).toHaveLength(1)
      expect(readWith(received, { traceId: 'ab'.repeat(16) })).toEqual([])
      const { attributes } = received.span
      for (const other of ['slow_2', 7])
        expect(
          readWith(received, { attributes: { ...attributes, 'rivet.run.id': other } }),
        ).toEqual([])
    }
    const unreadable = { ...known.span.attributes, 'rivet.run.rows': 'many' }
    expect(readWith(known, { attributes: unreadable })[0]).not.toHaveProperty('rows')
    expect(readWith(root, { spanId: 'ab'.repeat(8) })).toEqual([])
    expect(readWith(known, { parentSpanId: 'ab'.repeat(8) })).toEqual([])
    expect(readFrom(others)).toEqual([])
    expect(readFrom(exported(shopJournal('orders_20261121')))).toEqual([])
  })
})
